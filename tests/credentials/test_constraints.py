"""What the database itself does not let happen."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Identity
from tests.factories import make_account
from tests.factories.accounts import Made
from tokens.models import Credential, KeyPickup, Submission

pytestmark = pytest.mark.django_db


def another(made: Made, **changed: Any) -> Credential:
    values: dict[str, Any] = {
        "identity_id": made.account.pk,
        "kind": "key_pair",
        "key_id": "another",
        "thumbprint": "another",
        "origin": "uploaded",
        "created_at": timezone.now(),
        "created_by": "ada",
    }
    return Credential(**values | changed)


def refused_by(row: Any, name: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        row.save(force_insert=True)
    known = {
        "one_account_per_key": "tokens_credential.thumbprint",
        "one_key_per_kid": "tokens_credential.identity_id, tokens_credential.key_id",
        "one_pickup_per_account": "tokens_keypickup.identity_id",
    }
    text = str(error.value)
    assert name in text or known.get(name, name) in text  # SQLite names the columns of an index


def test_one_account_per_key(made: Made) -> None:
    other = make_account("other")
    refused_by(another(other, thumbprint=made.credential.thumbprint), "one_account_per_key")


def test_one_key_per_kid(made: Made) -> None:
    refused_by(another(made, key_id=made.credential.key_id), "one_key_per_kid")
    another(make_account("other"), key_id=made.credential.key_id).save(force_insert=True)


def test_revoked_by_someone(made: Made) -> None:
    refused_by(another(made, revoked_at=timezone.now()), "revoked_by_someone")
    refused_by(another(made, revoked_by="ada"), "revoked_by_someone")


def offer(made: Made, owner: Identity, **changed: Any) -> KeyPickup:
    now = timezone.now()
    values: dict[str, Any] = {
        "identity_id": made.account.pk,
        "owner": owner,
        "algorithm": "P-256",
        "keep_old_for": timedelta(0),
        "created_at": now,
        "created_by": "ada",
        "expires_at": now + timedelta(days=7),
    }
    return KeyPickup(**values | changed)


def test_one_pickup_per_account(made: Made, otto: Identity) -> None:
    offer(made, otto, cancelled_at=timezone.now()).save(force_insert=True)
    offer(made, otto).save(force_insert=True)
    refused_by(offer(made, otto), "one_pickup_per_account")


def test_pickup_ends_once(made: Made, otto: Identity) -> None:
    now = timezone.now()
    refused_by(offer(made, otto, claimed_at=now, cancelled_at=now), "pickup_ends_once")


def test_a_submission_is_used_once(made: Made) -> None:
    values = {"id": uuid.uuid4(), "identity_id": made.account.pk, "at": timezone.now()}
    Submission.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(**values)
