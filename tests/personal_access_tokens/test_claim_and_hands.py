"""A token is claimed while its account changes hands: neither waits for the other for ever."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from accounts.service_accounts.actions import lock
from accounts.takeovers import actions as takeovers
from tests.factories import make_account, make_person
from tests.jobs.test_locks_in_one_order import is_somebody_waiting
from tokens.models import Credential, TokenPickup
from tokens.personal_access_tokens import pickups
from tokens.personal_access_tokens.actions import Draft, Issued
from tokens.personal_access_tokens.lifetimes import Lifetime

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def offered(owner: Identity) -> TokenPickup:
    account, life = make_account("audit01", owner=owner).account, timedelta(days=30)
    now = timezone.now()
    draft = Draft("Export", ["fr:am:*"], Lifetime(now + life))
    with transaction.atomic():
        return pickups.offer(by=SYSTEM, account=account, draft=draft, lifetime=life, at=now)


def test_who_claims_holds_nothing_while_they_wait_for_the_account() -> None:
    owner, heir = make_person("owner"), make_person("heir")
    pickup, now = offered(owner), timezone.now()
    account = pickup.identity.service_account
    handed = takeovers.offer(by=owner, account=account, to=heir, note="", at=now)

    def claim() -> Issued | Exception:
        try:
            return pickups.claim(
                by=owner, pickup=pickup, name="Mine", within=None, at=timezone.now()
            )
        except Exception as error:  # noqa: BLE001  the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock(account)
            claimed = pool.submit(claim)
            until = time.monotonic() + 20
            while not (claimed.done() or is_somebody_waiting()) and time.monotonic() < until:
                time.sleep(0.02)
            # what else a change of hands locks: it would fail at once if the claim held it
            Identity.objects.select_for_update(nowait=True).get(pk=account.pk)
            list(TokenPickup.objects.select_for_update(nowait=True).filter(pk=pickup.pk))
            takeovers.confirm(by=heir, takeover=handed, keep_old_tokens=False, at=timezone.now())
        assert isinstance(claimed.result(timeout=20), pickups.NotYourToken)
    assert not Credential.objects.filter(kind="personal_access_token").exists()
