"""Administrators change, auditors look, owners see theirs, others nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.audit.models import Event
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.service_accounts.filled import LIST, NEW, edit_form, new_form, page

pytestmark = pytest.mark.django_db

READ = ["detail", "keys", "scopes", "activity"]
ASK = ["edit", "disable", "revoke_tokens", "delete"]
POSTS = [*ASK, "enable"]


def state(account: ServiceAccount) -> tuple[Any, ...]:
    account = ServiceAccount.objects.select_related("identity").get(pk=account.pk)
    return (account.revision, account.name, account.deleted_at, account.identity.disabled_at)


@pytest.mark.parametrize("name", [*READ, *POSTS])
def test_nothing_opens_without_signing_in(client: Client, made: Made, name: str) -> None:
    answer = client.get(page(name, made.account))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    before = state(made.account)
    # a form is kept until its sender has signed in
    assert client.post(page(name, made.account), {"name": "audit01"}).status_code == 403
    assert state(made.account) == before


def test_an_auditor_sees_everything_and_no_button(auditor: Client, made: Made) -> None:
    for url in (LIST, *(page(name, made.account) for name in READ)):
        seen = auditor.get(url).content.decode()
        assert "audit01" in seen
        for label in (
            "New Service Account",
            "Regenerate Key",
            "Disable<",
            "Disable…",
            "Edit<",
            'name="selected"',
            "Danger",
            "Revoke<",
        ):
            assert label not in seen, (url, label)
    assert "Export CSV" in auditor.get(LIST).content.decode()


@pytest.mark.parametrize("who", ["auditor", "owner", "stranger"])
@pytest.mark.parametrize("name", [name for name in POSTS if name != "revoke_tokens"])
def test_nobody_else_may_change_anything(
    request: pytest.FixtureRequest, made: Made, who: str, name: str
) -> None:
    client: Client = request.getfixturevalue(who)
    before = state(made.account)
    form = {"name": "audit01", "revision": "1", "confirmed": "yes"}
    assert client.post(page(name, made.account), form).status_code == 403
    assert client.get(page(name, made.account)).status_code == 403
    assert state(made.account) == before
    assert Event.objects.filter(action="console.refused", outcome="refused").count() == 2


def test_an_owner_revokes_the_tokens_of_theirs(owner: Client, otto: Identity, made: Made) -> None:
    seen = owner.get(page("detail", made.account)).content.decode()
    assert page("revoke_tokens", made.account) in seen
    assert page("delete", made.account) not in seen
    assert owner.get(page("revoke_tokens", made.account)).status_code == 200
    answer = owner.post(page("revoke_tokens", made.account))
    assert answer["Location"] == page("detail", made.account)
    assert Event.objects.get(action="token.revoked_all").actor_id == str(otto.pk)


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("stranger", 404)])
def test_nobody_else_revokes_tokens(
    request: pytest.FixtureRequest, made: Made, who: str, status: int
) -> None:
    client: Client = request.getfixturevalue(who)
    for method in (client.get, client.post):
        assert method(page("revoke_tokens", made.account)).status_code == status
    assert not Event.objects.filter(action="token.revoked_all").exists()


@pytest.mark.parametrize("who", ["auditor", "owner", "stranger"])
def test_nobody_else_makes_or_disables_accounts(
    request: pytest.FixtureRequest, made: Made, who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    form = new_form(name="mine")
    for url, data in (
        (NEW, form),
        ("/service-accounts/disable/", {"selected": str(made.account.pk), "confirmed": "yes"}),
    ):
        assert client.post(url, data).status_code == 403
    assert client.get(NEW).status_code == 403
    assert client.get("/service-accounts/new/scopes/").status_code == 403
    assert ServiceAccount.objects.count() == 1
    assert state(made.account)[3] is None


def test_an_owner_sees_theirs_under_their_own_title(
    owner: Client, made: Made, ada: Identity
) -> None:
    make_account("secret-project", owner=ada)
    seen = owner.get(LIST).content.decode()
    assert "<h1>My service accounts</h1>" in seen
    assert "audit01" in seen
    assert "secret-project" not in seen
    assert "1 in all" in seen
    assert "New Service Account" not in seen
    for name in READ:
        assert owner.get(page(name, made.account)).status_code == 200


@pytest.mark.parametrize("name", READ)
def test_what_one_may_not_see_is_not_there(stranger: Client, made: Made, name: str) -> None:
    hidden = stranger.get(page(name, made.account))
    missing = stranger.get(f"/service-accounts/{make_account('x').account.pk}/")
    assert hidden.status_code == missing.status_code == 404
    assert "audit01" not in hidden.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "secret"},
        {"status": "active"},
        {"status": "no_owner"},
        {"sort": "-created"},
        {"expiring": "30"},
        {"unused": "90"},
    ],
)
def test_no_filter_search_or_count_tells_of_other_accounts(
    owner: Client, made: Made, ada: Identity, query: dict[str, str]
) -> None:
    """AB-04."""
    secret = make_account("secret-project", owner=ada)
    for asked in (
        query,
        query | {"owner": str(ada.pk)},
        {"q": str(secret.account.pk)},
        {"q": secret.credential.key_id},
    ):
        answer = owner.get(LIST, asked)
        text = answer.content.decode()
        assert "secret-project" not in text
        assert "of 2" not in text
        assert [f["name"] for f in answer.context["filters"]] == ["status", "expiring", "unused"]
        assert "Ada" not in text


def test_one_owner_can_do_nothing_with_anothers_account(
    owner: Client, made: Made, mallory: Identity
) -> None:
    """AB-02: not even learn that it exists."""
    theirs = make_account("theirs", owner=mallory).account
    for name in READ:
        assert owner.get(page(name, theirs)).status_code == 404
    for name in POSTS:
        # what owners may do with theirs is not even there for another's
        expected = 404 if name == "revoke_tokens" else 403
        assert owner.post(page(name, theirs)).status_code == expected


def test_an_owner_does_not_learn_where_colleagues_work(
    admin: Client, owner: Client, auditor: Client, made: Made
) -> None:
    form = edit_form(admin, made.account, description="new")
    headers = {"User-Agent": "AdasBrowser"}
    admin.post(page("edit", made.account), form, headers=headers)
    assert "AdasBrowser" in auditor.get(page("activity", made.account)).content.decode()
    seen = owner.get(page("activity", made.account)).content.decode()
    assert "changed the description of audit01" in seen
    assert "AdasBrowser" not in seen
    assert "127.0.0.1" not in seen


@pytest.mark.parametrize("name", [*READ, *POSTS])
def test_a_deleted_account_is_gone_for_everybody(
    admin: Client, owner: Client, ada: Identity, made: Made, name: str
) -> None:
    from django.utils import timezone

    actions.delete(by=ada, account=made.account, at=timezone.now())
    answer = admin.post(page(name, made.account)) if name in POSTS else None
    assert answer is None or answer.status_code == 404
    if name != "enable":
        assert admin.get(page(name, made.account)).status_code == 404
    if name in READ:
        assert owner.get(page(name, made.account)).status_code == 404


@pytest.mark.parametrize("name", [*READ, *ASK])
def test_looking_changes_nothing(admin: Client, made: Made, name: str) -> None:
    """AB-37: no act by GET."""
    before, events = state(made.account), Event.objects.count()
    assert admin.get(page(name, made.account)).status_code == 200
    assert state(made.account) == before
    assert Event.objects.count() == events


def test_wrong_methods_are_refused(admin: Client, made: Made) -> None:
    assert admin.get(page("enable", made.account)).status_code == 405
    assert admin.get("/service-accounts/disable/").status_code == 405
    for name in READ:
        assert admin.post(page(name, made.account)).status_code == 405
    for name in POSTS:
        for method in (admin.put, admin.patch, admin.delete):
            assert method(page(name, made.account)).status_code == 405
    assert admin.post(LIST).status_code == 405
    assert admin.post("/service-accounts/export/").status_code == 405


def test_a_form_without_its_token_is_refused(made: Made, ada: Identity) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    before = state(made.account)
    for name in POSTS:
        assert client.post(page(name, made.account), {"name": "audit01"}).status_code == 403
    assert state(made.account) == before
