"""The edit page: what it saves, what it asks first, and two people at one form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tests.service_accounts.filled import edit_form, page
from tokens.access_tokens.verify import InvalidToken, verify

pytestmark = pytest.mark.django_db


def fresh(account: ServiceAccount) -> ServiceAccount:
    return ServiceAccount.objects.select_related("owner").get(pk=account.pk)


def save(client: Client, account: ServiceAccount, **changes: Any) -> Any:
    return client.post(page("edit", account), edit_form(client, account, **changes))


def test_name_description_owner_scopes_and_end_can_be_changed(
    admin: Client, made: Made, mallory: Identity
) -> None:
    day = (timezone.now() + timedelta(days=9)).date().isoformat()
    answer = save(
        admin,
        made.account,
        name="audit02",
        description="Two lines\r\nof it",
        owner=str(mallory.pk),
        scopes=["fr:am:*", "fr:idm:*", "fr:iga:*"],
        ends_at=day,
    )
    assert answer.status_code == 302
    assert answer["Location"] == page("detail", made.account)
    account = fresh(made.account)
    assert (account.name, account.description) == ("audit02", "Two lines\nof it")
    assert (account.owner, account.scopes) == (mallory, ["fr:am:*", "fr:idm:*", "fr:iga:*"])
    assert account.ends_at is not None
    assert account.ends_at.isoformat() == f"{day}T23:59:59+00:00"
    assert "audit02 is saved." in admin.get(answer["Location"]).content.decode()


def test_saving_what_stands_changes_nothing(admin: Client, ada: Identity) -> None:
    ends_at = timezone.now() + timedelta(days=3)
    account = make_account("brief", description="a\nb", owner=ada, ends_at=ends_at).account
    assert save(admin, account).status_code == 302
    assert fresh(account).ends_at == ends_at
    assert fresh(account).revision == 1
    assert not Event.objects.filter(action="service_account.edited").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "release-bot"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"scopes": ["fr:idc:federation:*"]}, "scopes"),
        ({"owner": "nobody"}, "owner"),
        ({"ends_at": "2020-01-01"}, "ends_at"),
        ({"revision": "x"}, "revision"),
        ({"revision": "-1"}, "revision"),
        ({"revision": "99999999999999999999"}, None),
    ],
)
def test_bad_input_names_the_field_and_saves_nothing(
    admin: Client, made: Made, changes: dict[str, Any], field: str | None
) -> None:
    make_account("release-bot")
    answer = save(admin, made.account, **changes)
    assert answer.status_code == 200
    if field:
        assert list(answer.context["form"].errors) == [field]
    assert fresh(made.account).revision == 1


def test_an_owner_who_cannot_sign_in_any_more_can_be_left_as_they_are(
    admin: Client, ada: Identity, otto: Identity, made: Made
) -> None:
    identities.disable(by=ada, identity=otto, at=timezone.now())
    assert save(admin, made.account, description="new").status_code == 302
    assert fresh(made.account).owner == otto


def test_fields_that_the_form_does_not_have_change_nothing(admin: Client, made: Made) -> None:
    """AB-06."""
    save(admin, made.account, description="new", created_by="x", deleted_at="now", identity="x")
    account = fresh(made.account)
    assert (account.created_by, account.deleted_at, account.pk) == ("ada", None, made.account.pk)


def test_removing_a_scope_first_shows_who_depends_on_it(admin: Client, made: Made) -> None:
    Holder(made).token(scope="fr:am:*")
    answer = save(admin, made.account, name="audit02", scopes=["fr:idm:*"])
    assert answer.status_code == 200
    text = answer.content.decode()
    for said in ("Remove 1 scope from audit01", "fr:am:*", "just now", "<strong>1</strong> issued"):
        assert said in text
    assert fresh(made.account).name == "audit01"


def confirmed(answer: Any, **more: str) -> dict[str, list[str]]:
    """What the page that asks sends when its button is pressed."""
    form: dict[str, list[str]] = {}
    for name, value in answer.context["carried"]:
        form.setdefault(name, []).append(value)
    return form | {"confirmed": [answer.context["confirmed"]]} | {n: [v] for n, v in more.items()}


def test_then_it_is_removed_and_tokens_live_on(admin: Client, made: Made) -> None:
    token = Holder(made).token(scope="fr:am:*")
    asked = save(admin, made.account, name="audit02", scopes=["fr:idm:*"])
    assert admin.post(page("edit", made.account), confirmed(asked)).status_code == 302
    account = fresh(made.account)
    assert (account.name, account.scopes) == ("audit02", ["fr:idm:*"])
    assert verify(token, timezone.now()).token_id
    assert Holder(made).ask(scope="fr:am:*").status_code == 400


def test_or_the_issued_tokens_are_revoked_with_it(admin: Client, made: Made) -> None:
    token = Holder(made).token(scope="fr:am:*")
    asked = save(admin, made.account, scopes=["fr:idm:*"])
    admin.post(page("edit", made.account), confirmed(asked, revoke_tokens="on"))
    with pytest.raises(InvalidToken):
        verify(token, timezone.now())
    assert Event.objects.filter(action="token.revoked_all").count() == 1


def test_back_leads_to_the_form_as_it_was(admin: Client, made: Made) -> None:
    asked = save(admin, made.account, name="audit02", scopes=["fr:idm:*"])
    answer = admin.post(page("edit", made.account), confirmed(asked, back="yes"))
    assert answer.context["form"]["name"].value() == "audit02"
    assert answer.context["form"].chosen_scopes() == ["fr:idm:*"]
    assert fresh(made.account).revision == 1


def test_a_confirmation_counts_for_those_scopes_alone(admin: Client, made: Made) -> None:
    asked = save(admin, made.account, scopes=["fr:idm:*"])
    form = confirmed(asked) | {"scopes": []}
    again = admin.post(page("edit", made.account), form)
    assert again.context["removed"] == ["fr:am:*", "fr:idm:*"]
    assert fresh(made.account).revision == 1


def test_a_narrower_scope_in_place_of_its_parent_is_a_removal(admin: Client) -> None:
    made = make_account("esv", scopes=["fr:idc:esv:*"])
    Holder(made).token(scope="fr:idc:esv:update")
    asked = save(admin, made.account, scopes=["fr:idc:esv:read"])
    assert asked.context["removed"] == ["fr:idc:esv:*"]
    assert [use["label"] for use in asked.context["uses"]] == ["fr:idc:esv:update"]


def test_a_wider_scope_is_none(admin: Client) -> None:
    account = make_account("esv", scopes=["fr:idc:esv:read"]).account
    assert save(admin, account, scopes=["fr:idc:esv:*"]).status_code == 302


def test_an_account_deleted_meanwhile_is_404(admin: Client, made: Made, ada: Identity) -> None:
    from tokens.service_accounts import actions

    form = edit_form(admin, made.account, name="audit02")
    actions.delete(by=ada, account=made.account, at=timezone.now())
    assert admin.post(page("edit", made.account), form).status_code == 404
