"""Two at once: one result, nothing in between. AB-26."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.actions import AccountGone
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tokens.credentials import actions, policies
from tokens.credentials.actions import Issued, KeyChoice
from tokens.credentials.models import Credential, KeyOrigin, KeyPickup
from tokens.service_accounts import actions as service_accounts

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answers, or the refusal that it raises, when all start at once."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(30)
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def regenerate(by: Identity, made: Made, origin: KeyOrigin = KeyOrigin.STEWARD) -> Any:
    def act() -> Issued:
        return actions.regenerate(
            by=by,
            account=ServiceAccount.objects.get(pk=made.account.pk),
            choice=KeyChoice(origin, "P-256"),
            keep_old_for=actions.KEEP_OLD_CHOICES[0],
            revoke_tokens=False,
            within=None,
            at=timezone.now(),
        )

    return act


def usable(made: Made) -> int:
    keys = Credential.objects.filter(identity_id=made.account.pk)
    return keys.usable_at(timezone.now()).count()


def test_of_many_new_keys_one_is_left(ada: Identity) -> None:
    made = make_account()
    done = together(*[regenerate(ada, made)] * 8)
    assert all(isinstance(answer, Issued) for answer in done)
    assert usable(made) == 1
    assert Holder(made).ask().status_code == 400


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_deleted_account_has_no_key_that_works(ada: Identity, turn: int) -> None:
    made = make_account(f"audit{turn}")

    def delete() -> None:
        account = ServiceAccount.objects.get(pk=made.account.pk)
        service_accounts.delete(by=ada, account=account, at=timezone.now())

    _none, done = together(delete, regenerate(ada, made))
    made.account.refresh_from_db()
    assert made.account.deleted_at is not None
    if isinstance(done, AccountGone):
        assert Credential.objects.count() == 1
    else:
        # it came first: then the deletion ended what it made
        assert done.private is not None
        new = replace(made, credential=done.credential, private_jwk=json.loads(done.private.take()))
        assert Holder(new).ask().status_code == 400
    assert Holder(made).ask().status_code == 400


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_offer_is_claimed_or_replaced_but_not_both(
    ada: Identity, otto: Identity, turn: int
) -> None:
    made = make_account(f"audit{turn}", owner=otto)
    pickup = regenerate(ada, made, KeyOrigin.OWNER)().pickup

    def claim() -> Issued:
        return actions.claim(by=otto, pickup=pickup, within=None, at=timezone.now())

    claimed, replaced = together(claim, regenerate(ada, made))
    assert isinstance(replaced, Issued)
    assert usable(made) == 1
    pickup.refresh_from_db()
    if isinstance(claimed, policies.NotYourPickup):
        assert (pickup.claimed_at, pickup.cancelled_at is None) == (None, False)
    else:
        assert (pickup.claimed_at is None, pickup.cancelled_at) == (False, None)


def test_of_many_offers_one_is_open(ada: Identity, otto: Identity) -> None:
    made = make_account(owner=otto)
    together(*[regenerate(ada, made, KeyOrigin.OWNER)] * 6)
    assert KeyPickup.objects.open_at(timezone.now()).count() == 1
    assert KeyPickup.objects.count() == 6
    assert Credential.objects.count() == 1


def test_no_transaction_is_open_while_a_key_is_made(
    ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RSA takes seconds, in which a lock would keep everybody else waiting."""
    from tokens.credentials.types import key_pair

    generate = key_pair.generate

    def watched(algorithm: str) -> Any:
        assert not connections["default"].in_atomic_block
        return generate(algorithm)

    monkeypatch.setattr(key_pair, "generate", watched)
    otto = make_account("other").account.owner
    made = make_account()
    regenerate(ada, made)()
    assert otto is None
    assert usable(made) == 1
