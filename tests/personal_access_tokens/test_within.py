"""What a program asks for stays within the token by which it asks, whichever door it uses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import Identity
from tests.doors.sailpoint.caller import Caller, said
from tests.factories import make_account
from tests.factories.tokens import make_token
from tokens.credentials.within import BeyondToken
from tokens.personal_access_tokens import actions
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Asking:
    scopes: Collection[str]
    credential_id: UUID


def asking(*scopes: str, credential: UUID | None = None) -> Asking:
    return Asking(scopes, credential or uuid4())


def make(by: Identity, holder: Identity, within: Asking | None, scope: str) -> None:
    now = timezone.now()
    draft = Draft(f"For {scope}", [scope], Lifetime(now + timedelta(days=1)))
    actions.create(by=by, holder=holder, draft=draft, within=within, at=now)


@pytest.mark.parametrize("own", ["steward:groups:manage", "steward:personal-access-tokens:manage"])
def test_nothing_is_made_that_the_token_lacks(otto: Identity, own: str) -> None:
    account = make_account("loader", owner=otto, scopes=["fr:idm:*"]).account.identity
    for holder, scope in ((otto, "steward:service-accounts:read"), (account, "fr:idm:*")):
        with pytest.raises(BeyondToken, match=scope.replace("*", r"\*")):
            make(otto, holder, asking(own), scope)
    make(otto, otto, asking(own), own)
    make(otto, otto, None, "steward:service-accounts:read")


def test_the_scope_for_everything_of_ours_is_enough_for_an_account(otto: Identity) -> None:
    account = make_account("loader", owner=otto, scopes=["fr:idm:*"]).account.identity
    make(otto, account, asking("steward:all"), "fr:idm:*")
    with pytest.raises(BeyondToken):
        make(otto, otto, asking("steward:all"), "idn:sources:read")


def test_a_change_stays_within_it_too(otto: Identity) -> None:
    token = make_token(otto, scopes=["steward:groups:read"]).token
    now = timezone.now()
    with pytest.raises(BeyondToken):
        actions.edit(
            by=otto, token=token, within=asking("steward:groups:read"), at=now, scopes=["fr:am:*"]
        )
    token.refresh_from_db()
    assert token.scopes == ["steward:groups:read"]


def test_a_token_ends_itself_sooner_and_never_later(otto: Identity) -> None:
    token = make_token(otto, scopes=["steward:all"], expires_in=timedelta(days=30)).token
    now = timezone.now()
    within = asking("steward:all", credential=token.pk)
    later, sooner = Lifetime(now + timedelta(days=31)), Lifetime(now + timedelta(days=3))
    with pytest.raises(BeyondToken) as refused:
        actions.edit(by=otto, token=token, within=within, at=now, lifetime=later)
    assert refused.value.field == "expires_at"
    actions.edit(by=otto, token=token, within=within, at=now, lifetime=sooner)
    other = asking("steward:all")
    actions.edit(by=otto, token=token, within=other, at=now, lifetime=later)


def test_nor_by_the_door_of_another_dialect(ada: Identity) -> None:
    caller = Caller(ada)
    path = "/personal-access-tokens/v1"
    (own,) = caller.get(path, **{"owner-id": "me"}).json()
    later = (timezone.now() + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    patch = [{"op": "replace", "path": "/expirationDate", "value": later}]
    kind = "application/json-patch+json"
    refused = caller.send("PATCH", f"{path}/{own['id']}", patch, content_type=kind)
    assert (refused.status_code, said(refused)) == (
        *(403, "A token does not prolong itself. Use another one."),
    )
