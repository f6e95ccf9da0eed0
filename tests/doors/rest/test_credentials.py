"""Keys and personal access tokens by our own API: shown once, never with more than is one's own."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Event, Identity, ServiceAccount
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account
from tests.factories.tokens import make_token
from tests.oauth.keys import curve_key, public
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.models import Credential, KeyPickup

pytestmark = pytest.mark.django_db

KEY = {"origin": "steward", "algorithm": "P-256"}
SOON = (timezone.now() + timedelta(days=20)).isoformat()


def test_a_key_takes_the_place_of_the_others_and_is_shown_once(admin: Caller) -> None:
    made = make_account("loader")
    body = KEY | {"account": str(made.account.pk), "keep_old_for_hours": 1}
    answer = admin.post("/keys", body, idempotency_key="once")
    assert answer.status_code == 201, answer.content
    private = answer.json()["key"]["private_jwk"]
    path = answer.headers["Location"].removeprefix("/api/v1")
    key = admin.get(path).json()
    assert (key["key_id"], key["status"]) == (private["kid"], "active")
    assert "d" not in key["public_jwk"]
    assert admin.post("/keys", body, idempotency_key="once").status_code == 409
    listed = admin.get("/keys", account=str(made.account.pk)).json()["items"]
    assert [each["status"] for each in listed] == ["active", "retiring"]
    assert admin.post(f"{path}/confirm-stored").json()["stored_at"] is not None
    assert admin.post(f"{path}/revoke").json()["status"] == "revoked"
    usable = admin.get("/keys", account=str(made.account.pk), usable="true").json()["items"]
    assert [each["status"] for each in usable] == ["retiring"]
    assert private["d"] not in repr(list(Event.objects.values()))


def test_a_key_that_was_offered_is_claimed_by_the_owner_alone(
    admin: Caller, otto: Identity, vera: Identity
) -> None:
    made = make_account("loader", owner=otto)
    body = {"origin": "owner", "algorithm": "P-256", "account": str(made.account.pk)}
    offered = admin.post("/keys", body)
    assert offered.json()["offered"] is True
    assert offered.json()["key"]["private_jwk"] is None
    pickup = KeyPickup.objects.get()
    claim = f"/keys/pickups/{pickup.pk}/claim"
    assert admin.post(claim).status_code == 404
    assert Caller(vera).post(claim).status_code == 404
    owner = Caller(otto)
    assert [each["id"] for each in owner.get("/keys/pickups").json()["items"]] == [str(pickup.pk)]
    claimed = owner.post(claim)
    assert claimed.status_code == 201, claimed.content
    assert claimed.json()["key"]["private_jwk"]["d"]
    assert owner.post(claim).status_code == 404
    assert admin.delete(f"/keys/pickups/{pickup.pk}").status_code == 204


def test_a_narrow_token_has_no_key_of_what_can_do_more(
    ada: Identity, otto: Identity, admin: Caller
) -> None:
    scopes = ["steward:keys:manage", "steward:groups:read"]
    made = make_account("loader", owner=otto, scopes=["steward:groups:read", "fr:idm:*"])
    key = {"account": str(made.account.pk)}
    offered = admin.post("/keys", key | {"origin": "owner", "algorithm": "P-256"})
    claim = f"/keys/pickups/{offered.json()['id']}/claim"
    uploaded = {"origin": "uploaded", "public_key": json.dumps(public(curve_key("P-256")))}
    refusals = [Caller(ada, scopes).post("/keys", key | each) for each in (KEY, uploaded)]
    refusals.append(Caller(otto, scopes).post(claim))
    for refused in refusals:
        assert (refused.status_code, refused.json()["code"]) == (403, "key_beyond_token")
        assert "fr:idm:*" in refused.json()["detail"]
    assert [each.pk for each in Credential.objects.filter(identity=made.account.pk)] == [
        made.credential.pk
    ]
    # offering one to the owner gives nothing to the token
    again = Caller(ada, scopes).post("/keys", key | {"origin": "owner", "algorithm": "P-256"})
    assert again.status_code == 201, again.content
    wide = Caller(otto, [*scopes, "steward:all"])
    claimed = wide.post(f"/keys/pickups/{again.json()['id']}/claim")
    assert claimed.status_code == 201, claimed.content


def test_a_narrow_token_makes_no_account_with_a_key_that_can_do_more(ada: Identity) -> None:
    narrow = Caller(ada, ["steward:service-accounts:manage"])
    body = {"name": "wide", "scopes": ["fr:idm:*"], "key": KEY}
    refused = narrow.post("/service-accounts", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "key_beyond_token")
    assert not ServiceAccount.objects.exists()
    made = narrow.post("/service-accounts", body | {"scopes": ["steward:service-accounts:read"]})
    assert made.status_code == 201, made.content


def test_a_narrow_token_widens_no_account_whose_key_it_may_have(
    ada: Identity, admin: Caller
) -> None:
    """Not by scopes that are taken away while the key is made, either."""
    narrow = Caller(ada, ["steward:service-accounts:manage", "steward:keys:manage"])
    made = make_account("loader", scopes=["fr:idm:*"])
    path = f"/service-accounts/{made.account.pk}"
    assert narrow.patch(path, {"scopes": ["fr:am:*"]}).status_code == 422
    assert narrow.patch(path, {"description": "Mine"}).status_code == 200
    assert narrow.patch(path, {"scopes": []}).status_code == 200
    created = narrow.post("/keys", KEY | {"account": str(made.account.pk)})
    assert created.status_code == 201, created.content
    refused = narrow.patch(path, {"scopes": ["fr:idm:*"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "beyond_token")
    assert ServiceAccount.objects.get().scopes == []
    assert narrow.patch(path, {"scopes": ["steward:keys:read"]}).status_code == 200
    assert admin.patch(path, {"scopes": ["fr:idm:*"]}).status_code == 200


def test_who_owns_an_account_sees_its_keys_and_makes_none(otto: Identity) -> None:
    own, other = make_account("own", owner=otto), make_account("other")
    caller = Caller(otto)
    assert len(caller.get("/keys").json()["items"]) == 1
    assert caller.get(f"/keys/{own.credential.pk}").status_code == 200
    assert caller.get(f"/keys/{other.credential.pk}").status_code == 404
    assert caller.post(f"/keys/{own.credential.pk}/revoke").status_code == 403
    assert caller.post("/keys", KEY | {"account": str(own.account.pk)}).status_code == 403
    assert not Credential.objects.filter(revoked_at__isnull=False).exists()


def test_a_token_is_made_changed_and_revoked_and_its_secret_shown_once(otto: Identity) -> None:
    caller = Caller(otto)
    body = {"name": "Export", "scopes": ["steward:groups:read"], "expires_at": SOON}
    made = caller.post("/personal-access-tokens", body, idempotency_key="once")
    assert made.status_code == 201, made.content
    secret = made.json()["secret"]
    assert secret
    path = f"/personal-access-tokens/{made.json()['id']}"
    read = caller.get(path).json()
    assert "secret" not in read
    again = caller.post("/personal-access-tokens", body, idempotency_key="once")
    assert (again.status_code, again.json()["code"]) == (409, "secret_already_taken")
    changed = caller.patch(path, {"name": "Nightly"})
    assert changed.status_code == 200, changed.content
    assert changed.json() == read | {"name": "Nightly"}
    assert caller.patch(path, {"never_expires": True}).status_code == 422
    assert caller.post(f"{path}/confirm-stored").status_code == 200
    assert caller.post(f"{path}/revoke-issued").status_code == 204
    assert caller.post(f"{path}/revoke").json()["status"] == "revoked"
    assert caller.post(f"{path}/revoke-issued").status_code == 404
    assert secret not in repr(Event.objects.values())


def test_a_narrow_token_makes_no_wide_one_for_its_holder(ada: Identity) -> None:
    narrow = Caller(ada, ["steward:personal-access-tokens:manage"])
    before = Credential.objects.filter(kind=PERSONAL_ACCESS_TOKEN).count() + 1  # its own
    for scope in ("steward:all", "steward:groups:read", "sp:scopes:all"):
        body = {"name": f"Wide {scope[-4:]}", "scopes": [scope], "expires_at": SOON}
        assert fields(narrow.post("/personal-access-tokens", body)) == {"scopes"}
    assert Credential.objects.filter(kind=PERSONAL_ACCESS_TOKEN).count() == before
    body = {
        "name": "As wide",
        "scopes": ["steward:personal-access-tokens:read"],
        "expires_at": SOON,
    }
    made = narrow.post("/personal-access-tokens", body)
    assert made.status_code == 201, made.content
    path = f"/personal-access-tokens/{made.json()['id']}"
    assert fields(narrow.patch(path, {"scopes": ["steward:all"]})) == {"scopes"}


def test_tokens_of_others_are_nobodys_business(
    admin: Caller, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    token = make_token(otto).token
    path = f"/personal-access-tokens/{token.pk}"
    assert Caller(mallory).get(path).status_code == 404
    assert Caller(mallory).post(f"{path}/revoke").status_code == 404
    auditor = Caller(vera)
    assert auditor.get(path).status_code == 200
    assert auditor.post(f"{path}/revoke").status_code == 403
    for_otto = {"name": "x", "scopes": ["fr:am:*"], "expires_at": SOON, "holder": str(otto.pk)}
    assert admin.post("/personal-access-tokens", for_otto).status_code == 403
    token.refresh_from_db()
    assert token.revoked_at is None
    assert admin.post(f"{path}/revoke").status_code == 200


def test_an_owner_makes_a_token_for_their_account(otto: Identity) -> None:
    made = make_account("loader", owner=otto)
    body = {"name": "x", "scopes": ["fr:am:*"], "expires_at": SOON}
    caller = Caller(otto)
    answer = caller.post("/personal-access-tokens", body | {"holder": str(made.account.pk)})
    assert answer.status_code == 201, answer.content
    assert answer.json()["holder"]["id"] == str(made.account.pk)
    other = make_account("other")
    refused = caller.post("/personal-access-tokens", body | {"holder": str(other.account.pk)})
    assert fields(refused) == {"holder"}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["fr:nothing"]}, "scopes"),
        ({"expires_at": None}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": None, "never_expires": True}, "expires_at"),
        ({"access_token_seconds": 1}, "access_token_seconds"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_taken_is_named(otto: Identity, body: dict[str, object], wrong: str) -> None:
    good = {"name": "x", "scopes": ["steward:groups:read"], "expires_at": SOON}
    answer = Caller(otto).post("/personal-access-tokens", good | body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {wrong}


def test_a_narrow_token_makes_no_wider_one_for_an_account_and_does_not_prolong_itself(
    otto: Identity,
) -> None:
    account = make_account("loader", owner=otto, scopes=["fr:idm:*"]).account
    narrow = Caller(otto, scopes=["steward:personal-access-tokens:manage"])
    body: dict[str, object] = {"name": "Wide", "holder": str(account.pk), "expires_at": SOON}
    assert (
        narrow.post("/personal-access-tokens", body | {"scopes": ["fr:idm:*"]}).status_code == 422
    )
    whole = Caller(otto)
    assert whole.post("/personal-access-tokens", body | {"scopes": ["fr:idm:*"]}).status_code == 201

    narrow.token()
    own = Credential.objects.get(identity=otto, scopes=["steward:personal-access-tokens:manage"])
    later = (timezone.now() + timedelta(days=300)).isoformat()
    path = f"/personal-access-tokens/{own.pk}"
    answer = narrow.patch(path, {"expires_at": later})
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["field"] == "expires_at"


def test_a_token_that_was_approved_is_claimed_by_the_owner_alone(
    admin: Caller, otto: Identity, vera: Identity
) -> None:
    pickup = world.offered_token(otto)
    path = f"/personal-access-tokens/pickups/{pickup.pk}/claim"
    owner = Caller(otto)
    (waits,) = owner.get("/personal-access-tokens/pickups").json()["items"]
    assert (waits["id"], waits["scopes"]) == (str(pickup.pk), ["fr:am:*"])
    for other in (admin, Caller(vera)):
        assert other.get("/personal-access-tokens/pickups").json()["items"] == []
        assert other.post(path, {}).status_code == 404
    assert fields(owner.post(path, {"name": ""})) == {"name"}
    claimed = owner.post(path, {"name": "Nightly"}, idempotency_key="once")
    assert claimed.status_code == 201, claimed.content
    assert (claimed.json()["name"], claimed.json()["scopes"]) == ("Nightly", ["fr:am:*"])
    assert claimed.json()["secret"]
    assert owner.post(path, {"name": "Nightly"}, idempotency_key="once").status_code == 409
    assert owner.post(path, {}).status_code == 404
    assert claimed.json()["secret"] not in repr(Event.objects.values())


def test_a_narrow_token_claims_no_wider_one(otto: Identity) -> None:
    pickup = world.offered_token(otto)
    narrow = Caller(otto, ["steward:personal-access-tokens:manage"])
    refused = narrow.post(f"/personal-access-tokens/pickups/{pickup.pk}/claim", {})
    assert fields(refused) == {"scopes"}
    assert narrow.get("/personal-access-tokens/pickups").json()["items"]
