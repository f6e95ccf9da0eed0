"""Service accounts by our own API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, ServiceAccount
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account
from tests.factories.tokens import make_token
from tests.factories.uses import make_ready
from tokens.models import Credential

pytestmark = pytest.mark.django_db

KEY = {"origin": "steward", "algorithm": "P-256"}


def test_an_account_is_made_with_its_key_which_is_shown_once(admin: Caller, otto: Identity) -> None:
    body = {"name": "loader", "owner": str(otto.pk), "scopes": ["fr:idm:*"], "key": KEY}
    made = admin.post("/service-accounts", body)
    assert made.status_code == 201, made.content
    account = made.json()
    assert account["key"]["private_jwk"]["kid"] == account["key"]["key_id"]
    path = f"/service-accounts/{account['id']}"
    read = admin.get(path)
    assert read.json() == {name: account[name] for name in account if name != "key"}
    assert b'"d"' not in read.content
    assert read.headers["ETag"] == made.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "x"}, "key"),
        ({"name": "x", "key": {"origin": "command"}}, "key.origin"),
        ({"name": "x", "key": {"origin": "uploaded", "public_key": "none"}}, "public_key"),
        ({"name": "x", "key": {"origin": "owner"}}, "owner"),
        ({"name": "x", "key": KEY | {"expires_in_days": 0}}, "key.expires_in_days"),
        ({"name": "x", "key": KEY, "scopes": ["fr:nothing"]}, "scopes"),
        ({"name": "x", "key": KEY, "ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"name": "x", "key": KEY, "ends_at": 1900000000}, "ends_at"),
        ({"name": "x", "key": KEY, "ends_at": "2030-01-01"}, "ends_at"),
        ({"name": "x", "key": KEY, "email": "nobody"}, "email"),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: str) -> None:
    answer = admin.post("/service-accounts", body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {wrong}
    assert not ServiceAccount.objects.exists()


def test_an_account_is_changed_stopped_and_deleted(admin: Caller, otto: Identity) -> None:
    made = make_account("loader", owner=otto)
    path = f"/service-accounts/{made.account.pk}"
    changed = admin.patch(path, {"scopes": ["fr:am:*"], "owner": None}, if_match='"1"')
    assert changed.status_code == 200, changed.content
    assert (changed.json()["scopes"], changed.json()["owner"]) == (["fr:am:*"], None)
    assert admin.patch(path, {"name": "other"}, if_match='"1"').status_code == 412
    assert admin.post(f"{path}/disable").json()["status"] == "disabled"
    assert admin.post(f"{path}/enable").json()["status"] == "active"
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_gui_access_is_removed_once_a_program_has_called(admin: Caller, otto: Identity) -> None:
    account = make_account("loader", owner=otto).account
    path = f"/service-accounts/{account.pk}"
    early = Caller(otto).post(f"{path}/remove-gui-access")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    assert "Nobody has registered" in early.json()["detail"]
    # whoever may give it back may take it at any time
    assert admin.post(f"{path}/remove-gui-access").json()["web_services_only"] is True
    assert admin.post(f"{path}/restore-gui-access").json()["web_services_only"] is False
    make_ready(account.identity)
    assert Caller(otto).post(f"{path}/remove-gui-access").json()["web_services_only"] is True
    assert admin.post(f"{path}/restore-gui-access").json()["web_services_only"] is False


def test_a_new_owner_ends_what_the_old_one_knows_unless_told_otherwise(
    admin: Caller, otto: Identity, vera: Identity
) -> None:
    for keep in (False, True):
        made = make_account(f"loader-{keep}", owner=otto)
        holder = Identity.objects.get_queryset().get(pk=made.account.pk)
        token = make_token(holder, by=otto, scopes=["fr:am:*"])
        body = {"owner": str(vera.pk), "keep_old_tokens": keep}
        assert admin.patch(f"/service-accounts/{holder.pk}", body).status_code == 200
        token.token.refresh_from_db()
        assert (token.token.revoked_at is None) is keep


def test_an_owner_reads_their_own_and_stops_its_tokens_and_no_more(otto: Identity) -> None:
    own, other = make_account("own", owner=otto), make_account("other")
    caller = Caller(otto)
    listed = caller.get("/service-accounts").json()["items"]
    assert [account["name"] for account in listed] == ["own"]
    path = f"/service-accounts/{own.account.pk}"
    assert caller.post(f"{path}/revoke-tokens").status_code == 204
    assert caller.post(f"/service-accounts/{other.account.pk}/revoke-tokens").status_code == 404
    assert caller.get(f"/service-accounts/{other.account.pk}").status_code == 404
    for verb in ("disable", "enable", "restore-gui-access"):
        assert caller.post(f"{path}/{verb}").status_code == 403
    assert caller.patch(path, {"name": "mine"}).status_code == 403
    assert caller.delete(path).status_code == 403
    assert caller.post("/service-accounts", {"name": "x", "key": KEY}).status_code == 403
    assert ServiceAccount.objects.filter(name="own", identity__disabled_at=None).exists()


def test_the_list_is_narrowed_as_in_the_console(admin: Caller, otto: Identity) -> None:
    make_account("one", owner=otto)
    two = make_account("two")
    admin.post(f"/service-accounts/{two.account.pk}/disable")

    def names(**query: str) -> list[str]:
        listed = admin.get("/service-accounts", **query)
        assert listed.status_code == 200, listed.content
        return [account["name"] for account in listed.json()["items"]]

    assert names() == ["one", "two"]
    assert names(sort="-name") == ["two", "one"]
    assert names(owner=str(otto.pk)) == ["one"]
    assert names(status="disabled") == ["two"]
    assert names(q="tw") == ["two"]
    assert names(unused="true") == []


def test_twenty_accounts_cost_as_many_statements_as_three(admin: Caller, otto: Identity) -> None:
    admin.get("/service-accounts")
    counts = []
    for until in (3, 20):
        for number in range(ServiceAccount.objects.count(), until):
            make_account(f"account-{number}", owner=otto)
        with CaptureQueriesContext(connection) as captured:
            assert len(admin.get("/service-accounts").json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_is_struck_through_in_the_console_is_refused_with_its_reason(admin: Caller) -> None:
    made = make_account("loader", scopes=["fr:am:*", "steward:groups:manage"])
    found = admin.get(f"/service-accounts/{made.account.pk}/effective-scopes").json()["scopes"]
    by_name = {each["scope"]: each for each in found}
    assert by_name["fr:am:*"] == {
        "scope": "fr:am:*",
        "allowed": True,
        "origin": "account",
        "reason": "",
    }
    refused = by_name["steward:groups:manage"]
    assert refused["allowed"] is False
    assert "Add and remove members of the groups that one manages" in refused["reason"]


def test_nothing_is_left_of_an_account_whose_key_is_refused(admin: Caller) -> None:
    made = make_account("first")
    body = {"name": "second", "key": {"origin": "uploaded", "public_key": made.credential.public}}
    answer = admin.post("/service-accounts", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_key")
    assert ServiceAccount.objects.count() == 1
    assert Credential.objects.filter(identity__service_account__isnull=False).count() == 1
