"""What was approved is had for the rights that the account had then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.models import Event, Identity, ServiceAccount
from accounts.roles import actions as roles
from tests.factories.apis import make_api, make_scope
from tests.factories.groups import join, make_group, make_role
from tests.factories.requests import ask, carry_out, decide
from tests.requests.test_new_credential import wanted
from tokens.apis import actions as apis
from tokens.credentials import actions as keys
from tokens.credentials.policies import RisenSince
from tokens.models import Credential, KeyPickup, TokenPickup
from tokens.personal_access_tokens import pickups
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]


def fresh(account: ServiceAccount) -> ServiceAccount:
    return ServiceAccount.objects.select_related("identity", "owner").get(pk=account.pk)


def give_level(account: ServiceAccount, level: str) -> None:
    identities.set_levels(by=SYSTEM, identity=account.identity, levels=[level], at=timezone.now())


def give_role(account: ServiceAccount, *, permissions: list[str]) -> None:
    role = make_role("Reads the log", permissions=permissions)
    join(make_group("readers", roles=[role]), account.identity)


def key_for(requester: Identity, boss: Identity, account: ServiceAccount) -> KeyPickup:
    request = ask(requester, "new_credential", **wanted(account, credential="key_pair"))
    decide(boss, request)
    carry_out(request)
    return KeyPickup.objects.get()


def token_for(account: ServiceAccount, *scopes: str) -> TokenPickup:
    now = timezone.now()
    life = timedelta(days=30)
    draft = Draft("Export", scopes, Lifetime(now + life))
    return pickups.offer(by=SYSTEM, account=fresh(account), draft=draft, lifetime=life, at=now)


@pytest.mark.parametrize("way", ["level", "role"])
def test_a_key_of_an_account_that_rose_is_not_had(
    client_of: ClientOf, requester: Identity, boss: Identity, account: ServiceAccount, way: str
) -> None:
    pickup = key_for(requester, boss, account)
    if way == "level":
        give_level(account, "admin")
    else:
        give_role(account, permissions=[Permission.AUDIT_VIEW.value])
    with pytest.raises(RisenSince):
        keys.claim(by=requester, pickup=pickup, within=None, at=timezone.now())
    page = client_of(requester).post(f"/key-pickups/{pickup.pk}/").content.decode()
    assert "Ask for it again" in page
    pickup.refresh_from_db()
    assert pickup.claimed_at is None
    assert not Credential.objects.filter(identity=account.identity, origin="owner").exists()


def test_nor_one_whose_account_got_a_scope_that_administrators_give(
    requester: Identity, boss: Identity, account: ServiceAccount, ada: Identity
) -> None:
    pickup = key_for(requester, boss, account)
    make_scope(make_api(), "pay:wipe", restricted=True)
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:idm:*", "pay:wipe"])
    with pytest.raises(RisenSince):
        keys.claim(by=requester, pickup=pickup, within=None, at=timezone.now())
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:idm:*", "fr:am:*"])
    assert (
        keys.claim(by=requester, pickup=pickup, within=None, at=timezone.now()).credential
        is not None
    )


def test_what_it_had_when_it_was_decided_stays_theirs_and_more_does_not(
    requester: Identity, account: ServiceAccount
) -> None:
    give_level(account, "auditor")
    pickup = token_for(account, "fr:idm:*")
    give_level(account, "helpdesk")
    with pytest.raises(RisenSince):
        pickups.claim(by=requester, pickup=pickup, name="Export", within=None, at=timezone.now())
    give_level(account, "auditor")
    claimed = pickups.claim(
        by=requester, pickup=pickup, name="Export", within=None, at=timezone.now()
    )
    assert claimed.token.scopes == ["fr:idm:*"]


def test_what_waited_before_rights_were_kept_gives_none_above_its_owner(
    requester: Identity, account: ServiceAccount
) -> None:
    pickup = token_for(account, "fr:idm:*")
    TokenPickup.objects.update(carried=None)
    pickup.refresh_from_db()
    give_level(account, "auditor")
    with pytest.raises(RisenSince, match="was not kept then"):
        pickups.claim(by=requester, pickup=pickup, name="Export", within=None, at=timezone.now())


def test_a_scope_that_is_no_more_is_taken_from_what_waits(
    requester: Identity, account: ServiceAccount, ada: Identity
) -> None:
    scope = make_scope(make_api(), "pay:read")
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:idm:*", "pay:read"])
    both, alone = token_for(account, "fr:idm:*", "pay:read"), token_for(account, "pay:read")
    stale = TokenPickup.objects.get(pk=both.pk)
    apis.remove_scope(by=ada, scope=scope, at=timezone.now())
    issued = pickups.claim(
        by=requester, pickup=stale, name="Export", within=None, at=timezone.now()
    )
    assert issued.token.scopes == ["fr:idm:*"]
    edited = Event.objects.get(action="personal_access_token.offer_edited")
    assert edited.detail["after"] == {"scopes": ["fr:idm:*"]}
    alone.refresh_from_db()
    assert alone.cancelled_at is not None
    assert Event.objects.filter(action="personal_access_token.offer_withdrawn").count() == 1


def test_who_may_not_remove_scopes_takes_none_from_roles(ada: Identity, vera: Identity) -> None:
    role = make_role("itil", scopes=["fr:am:*"])
    with pytest.raises(NotAllowed):
        roles.take_scopes(by=vera, names=["fr:am:*"], at=timezone.now())
    role.refresh_from_db()
    assert role.scopes == ["fr:am:*"]
    assert roles.take_scopes(by=ada, names=["fr:am:*"], at=timezone.now()) == 1
