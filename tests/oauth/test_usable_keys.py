"""The statement of the token path finds what the querysets of the pages find."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from accounts.models import ServiceAccount
from tests.factories import make_account
from tests.factories.accounts import Made
from tokens.credentials.models import Credential
from tokens.oauth import accounts

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TIMES = {"never": None, "before": NOW - timedelta(hours=1), "at": NOW, "after": NOW + timedelta(1)}


@pytest.mark.parametrize(
    ("expires", "retires", "revoked"), [*product(TIMES, TIMES, ["never", "before", "after"])]
)
def test_a_key_is_usable_here_and_there_alike(
    made: Made, expires: str, retires: str, revoked: str
) -> None:
    Credential.objects.filter(pk=made.credential.pk).update(
        expires_at=TIMES[expires],
        retires_at=TIMES[retires],
        revoked_at=TIMES[revoked],
        revoked_by="" if revoked == "never" else "ada",
    )
    found = accounts.with_keys(made.account.pk, NOW)
    there = Credential.objects.usable_at(NOW).filter(identity_id=made.account.pk).exists()
    assert (found is not None) is there


def test_what_is_read_is_what_is_stored(db: None) -> None:
    made = make_account("stored", scopes=["fr:idm:*", "fr:am:*"], ends_at=NOW + timedelta(days=1))
    found = accounts.with_keys(made.account.pk, NOW)
    assert found is not None
    account, (key,) = found
    stored = ServiceAccount.objects.get(pk=made.account.pk)
    assert (account.id, account.name) == (stored.pk, "stored")
    assert list(account.scopes) == stored.scopes
    assert account.ends_at == stored.ends_at
    assert (account.disabled, account.deleted, key.generation) == (False, False, 0)
    assert key.credential_id == made.credential.pk
    assert (key.key_id, key.algorithm) == (made.credential.key_id, "P-256")


def test_the_newest_key_is_tried_first(made: Made) -> None:
    older = Credential.objects.get(pk=made.credential.pk)
    older.pk, older.key_id, older.thumbprint = None, "older", "x" * 43
    older.created_at = made.credential.created_at - timedelta(days=1)
    older._state.adding = True
    older.id = type(made.credential.pk)(int=7)
    older.save(force_insert=True)
    found = accounts.with_keys(made.account.pk, timezone.now())
    assert found is not None
    assert [key.key_id for key in found[1]] == [made.credential.key_id, "older"]
