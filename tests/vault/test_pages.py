"""The pages of stored accounts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Event, Identity, Share, StoredAccount
from accounts.vault import actions
from accounts.vault.models import Kind
from tests.factories.groups import make_group
from tests.factories.people import PASSWORD as OWN_PASSWORD
from tests.factories.vault import PASSWORD, make_application, make_item, make_vault, share
from tests.vault.conftest import ClientOf

NEW = "/vault/accounts/new/"
TYPED = {
    "kind": "individual",
    "label": "Ads",
    "application": "Slack",
    "username": "ads@example.com",
    "password": "typed-Secret-1",
}


def page(item: StoredAccount, tail: str = "") -> str:
    return f"/vault/accounts/{item.pk}/{tail}"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_kind_is_the_first_step_and_success_leads_to_the_details(owner: Client) -> None:
    assert "Placeholder account" in text(owner.get(NEW))
    assert "Add account details" in text(owner.get(NEW, {"kind": "individual"}))

    answer = owner.post(NEW, TYPED, follow=True)
    assert "The account “Ads” is added." in text(answer)
    assert "typed-Secret-1" not in text(answer)
    item = StoredAccount.objects.get()
    assert answer.redirect_chain == [(page(item), 302)]


def test_with_one_vault_nobody_is_asked_which(owner: Client) -> None:
    assert 'name="vault"' not in text(owner.get(NEW, {"kind": "individual"}))
    second = (make_vault("First"), make_vault("Second"))[1]

    assert 'name="vault"' in text(owner.get(NEW, {"kind": "individual"}))
    owner.post(NEW, TYPED | {"vault": str(second.pk)})
    assert StoredAccount.objects.get().vault == second


def test_an_idp_provisioned_account_without_saml_is_refused_and_says_why(owner: Client) -> None:
    answer = owner.post(NEW, TYPED | {"kind": "idp_provisioned", "application": "Facebook"})

    assert "works only with an application that supports SAML" in text(answer)
    assert 'value="ads@example.com"' in text(answer)
    make_application("Facebook", has_saml=True)
    owner.post(NEW, TYPED | {"kind": "idp_provisioned", "application": "Facebook"})
    assert StoredAccount.objects.get().kind == Kind.IDP_PROVISIONED


def test_the_button_makes_a_password_and_keeps_what_was_typed(owner: Client) -> None:
    recipe = {"make": "1", "how": "characters", "length": "30", "classes": ["digits"]}
    answer = owner.post(NEW, TYPED | {"label": ""} | recipe)

    made = answer.context["form"]["password"].value()
    assert len(made) == 30
    assert made.isdigit()
    assert made in text(answer)
    assert 'value="ads@example.com"' in text(answer)
    assert "Type a label" not in text(answer)
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert not StoredAccount.objects.exists()


@pytest.mark.parametrize("recipe", [{"length": "4"}, {"length": "51"}, {"length": "x"}])
def test_a_recipe_that_makes_nothing_says_so(owner: Client, recipe: dict[str, str]) -> None:
    answer = owner.post(NEW, TYPED | {"make": "1", "classes": ["lower"]} | recipe)

    assert "from 5 to 50" in text(answer)


def test_the_password_is_in_the_answer_to_the_post_alone(owner: Client, otto: Identity) -> None:
    item = make_item(otto)
    for tail in ("", "settings/", "edit/", "password/", "share/", "delete/"):
        assert PASSWORD not in text(owner.get(page(item, tail))), tail
    assert PASSWORD not in text(owner.get("/vault/"))
    assert owner.get(page(item, "password/reveal/")).status_code == 405

    answer = owner.post(page(item, "password/reveal/"))
    assert PASSWORD in text(answer)
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert Event.objects.filter(action="stored_account.password_revealed").count() == 1


def test_ones_own_password_is_asked_for_before_one_is_shown(owner: Client, otto: Identity) -> None:
    item, session = make_item(otto), owner.session
    for name in [name for name in session.keys() if "confirm" in name]:  # noqa: SIM118
        del session[name]
    session.save()

    asked = owner.post(page(item, "password/reveal/"))
    assert "Confirm that it is you" in text(asked)
    assert PASSWORD not in text(asked)
    assert not Event.objects.filter(action="stored_account.password_revealed").exists()
    answer = owner.post(page(item, "password/reveal/"), {"step_up_password": OWN_PASSWORD})
    assert PASSWORD in text(answer)


def test_replacing_keeps_the_old_one_to_be_looked_up(owner: Client, otto: Identity) -> None:
    item = make_item(otto)
    answer = owner.post(page(item, "password/"), {"password": "replaced-2"}, follow=True)
    assert "The new password is stored" in text(answer)

    old = item.passwords.exclude(replaced_at=None).get()
    assert PASSWORD in text(owner.post(page(item, f"password/{old.pk}/reveal/")))
    assert "replaced-2" in text(owner.post(page(item, "password/reveal/")))


def test_a_collaborator_gets_the_details_and_nothing_of_the_password(
    client_of: ClientOf, otto: Identity, mallory: Identity
) -> None:
    item = make_item(otto, notes="Ask Pia first")
    share(item, mallory)
    browser = client_of(mallory)

    shown = text(browser.get(page(item)))
    assert "Ask Pia first" in shown
    assert "You are a collaborator" in shown
    for tail in ("edit/", "password/", "share/", "delete/"):
        assert browser.get(page(item, tail)).status_code == 403, tail
    for tail in ("password/reveal/", "set-up/", "restore/"):
        assert browser.post(page(item, tail)).status_code == 403, tail


def test_a_reviewer_sees_that_it_exists_and_not_its_notes(
    client_of: ClientOf, otto: Identity, vera: Identity
) -> None:
    item = make_item(otto, notes="Ask Pia first")
    browser = client_of(vera)

    assert "Ads manager" in text(browser.get("/vault/"))
    assert "Ask Pia first" not in text(browser.get(page(item)))
    assert browser.post(page(item, "password/reveal/")).status_code == 403
    assert browser.get(page(item, "activity/")).status_code == 200


def test_to_others_it_is_not_there(client_of: ClientOf, otto: Identity, mallory: Identity) -> None:
    item, browser = make_item(otto), client_of(mallory)

    for tail in ("", "settings/", "edit/", "password/", "share/", "delete/"):
        assert browser.get(page(item, tail)).status_code == 404, tail
    assert browser.post(page(item, "password/reveal/")).status_code == 404
    assert "Ads manager" not in text(browser.get("/vault/"))
    assert "Ads manager" not in text_of_export(browser)


def text_of_export(browser: Client) -> str:
    return b"".join(browser.get("/vault/export/").streaming_content).decode()  # type: ignore[attr-defined]


def test_the_export_holds_no_secret(owner: Client, otto: Identity) -> None:
    make_item(otto, notes="Ask Pia first", label="=cmd")

    exported = text_of_export(owner)
    assert "'=cmd" in exported
    assert PASSWORD not in exported
    assert "Pia" not in exported


def test_sharing_and_taking_away(owner: Client, otto: Identity, mallory: Identity) -> None:
    item = make_item(otto)
    said = {"person": mallory.user_name, "role": "collaborator"}
    assert "is shared with" in text(owner.post(page(item, "share/"), said, follow=True))

    shared = Share.objects.get(identity=mallory)
    owner.post(page(item, f"shares/{shared.pk}/remove/"))
    assert not Share.objects.filter(identity=mallory).exists()
    own = Share.objects.get(identity=otto)
    answer = owner.post(page(item, f"shares/{own.pk}/remove/"), follow=True)
    assert "must own this account" in text(answer)


def test_one_shares_with_a_group_that_one_sees(owner: Client, otto: Identity) -> None:
    item = make_item(otto)
    mine, other = make_group("Mine", manager=otto), make_group("Other")

    said = {"role": "owner", "group": str(other.pk)}
    assert "Select a valid choice" in text(owner.post(page(item, "share/"), said))
    owner.post(page(item, "share/"), said | {"group": str(mine.pk)})
    assert Share.objects.get(group=mine).role == "owner"
    assert "Name one person" in text(owner.post(page(item, "share/"), {"role": "owner"}))


def test_an_edit_keeps_custom_fields_and_refuses_what_was_not_read(
    owner: Client, otto: Identity
) -> None:
    item = make_item(otto, fields=[{"name": "PIN pad", "type": "short", "value": "left door"}])
    form = owner.get(page(item, "edit/")).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    owner.post(page(item, "edit/"), values | {"username": "other"})
    assert "left door" in text(owner.get(page(item)))

    answer = owner.post(page(item, "edit/"), values | {"username": "third"})
    assert "Someone else changed this account" in text(answer)


def test_delete_and_restore(owner: Client, otto: Identity) -> None:
    item = make_item(otto)
    owner.post(page(item, "delete/"))
    assert "Ads manager" not in text_of_rows(owner.get("/vault/"))
    assert "Ads manager" in text_of_rows(owner.get("/vault/", {"show": "deleted"}))

    assert "Restore" in text(owner.get(page(item)))
    owner.post(page(item, "restore/"))
    assert "Ads manager" in text_of_rows(owner.get("/vault/"))


def text_of_rows(answer: Any) -> str:
    return " ".join(row["item"].label for row in answer.context["rows"])


def test_an_administrator_gives_an_orphan_an_owner(
    client_of: ClientOf, ada: Identity, otto: Identity, mallory: Identity
) -> None:
    item, browser = make_item(otto), client_of(ada)
    assert browser.get(page(item, "give-owner/")).status_code == 302
    identities.disable(by=ada, identity=otto, at=timezone.now())

    assert "Ads manager" in text_of_rows(browser.get("/vault/", {"show": "orphaned"}))
    assert "Nobody who can sign in owns it" in text(browser.get(page(item)))
    browser.post(page(item, "give-owner/"), {"person": mallory.user_name})
    assert Share.objects.filter(item=item, identity=mallory, role="owner").exists()


def test_filters_and_search(owner: Client, otto: Identity) -> None:
    make_item(otto, label="One", application="GitHub")
    make_item(otto, label="Two", kind=Kind.PLACEHOLDER, password="")

    for query, expected in (
        ({}, "One Two"),
        ({"q": "github"}, "One"),
        ({"kind": "placeholder"}, "Two"),
        ({"show": "due"}, ""),
        ({"show": "mine", "sort": "-label"}, "Two One"),
        ({"show": "nonsense", "kind": "x", "q": "\0"}, "One Two"),
    ):
        assert text_of_rows(owner.get("/vault/", query)) == expected, query


def test_twenty_rows_cost_as_many_queries_as_three(owner: Client, otto: Identity) -> None:
    counts = []
    for rows in (3, 17):
        for number in range(rows):
            make_item(otto, label=f"Item {rows} {number}", password="")
        with CaptureQueriesContext(connection) as captured:
            owner.get("/vault/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_vaults_and_applications_are_for_administrators(
    client_of: ClientOf, owner: Client, ada: Identity
) -> None:
    for address in ("/vault/vaults/", "/vault/vaults/new/", "/vault/applications/"):
        assert owner.get(address).status_code == 403, address
    browser = client_of(ada)
    browser.post("/vault/vaults/new/", {"name": "Marketing"})
    browser.post("/vault/applications/", {"name": "Intranet", "has_saml": "on"})

    assert "Marketing" in text(browser.get("/vault/vaults/"))
    assert "Intranet" in text(browser.get("/vault/applications/"))
    assert "There already is" in text(browser.post("/vault/applications/", {"name": "intranet"}))


def test_a_password_is_not_kept_by_a_name_in_the_log(
    owner: Client, otto: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    item = make_item(otto)
    owner.post(page(item, "password/"), {"password": "MARK-posted"})
    owner.post(page(item, "password/reveal/"))
    owner.post(NEW, TYPED | {"password": "MARK-\nposted"})

    assert "MARK-" not in caplog.text
    stored = actions.reveal(by=otto, item=item, at=timezone.now())
    assert stored.take() == "MARK-posted"
    found = Event.objects.values_list("detail", "reason", "subject_label")
    assert "MARK-" not in str(list(found))
