"""What is kept sealed of a stored account: written by its actions, opened for its owners alone."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.lib.one_time_secret import OneTimeSecret
from accounts.sealing import Sealed, open_sealed, seal
from accounts.vault.models import SealedField, StoredAccount, StoredPassword

NOTES: Final = "notes"
FIELDS: Final = "fields"
"""Custom fields, as a JSON list."""


def of_password(item_id: UUID, password_id: UUID) -> str:
    return f"accounts_storedpassword:{item_id}:{password_id}:blob"


def of_field(item_id: UUID, name: str) -> str:
    return f"accounts_sealedfield:{item_id}:{name}:blob"


def sealed_password(
    item: StoredAccount, plain: str, *, at: datetime, set_by: str
) -> StoredPassword:
    """A password, ready to be saved; its seal holds for this row of this account alone."""
    made = StoredPassword(item=item, set_at=at, set_by=set_by[:200])
    sealed = seal(plain.encode(), context=of_password(item.pk, made.pk))
    made.key_id, made.blob = sealed.key_id, sealed.blob
    return made


def opened_password(password: StoredPassword) -> OneTimeSecret:
    """Raises SealBroken."""
    sealed = Sealed(password.key_id, bytes(password.blob))
    context = of_password(password.item_id, password.pk)
    return OneTimeSecret(open_sealed(sealed, context=context).decode())


def put(item: StoredAccount, name: str, plain: str, *, at: datetime) -> None:
    """Keep a text sealed; an empty one is forgotten."""
    if not plain:
        SealedField.objects.filter(item=item, name=name).delete()
        return
    sealed = seal(plain.encode(), context=of_field(item.pk, name))
    SealedField.objects.update_or_create(
        item=item,
        name=name,
        defaults={"key_id": sealed.key_id, "blob": sealed.blob, "changed_at": at},
    )


def text(item: StoredAccount, name: str) -> str:
    """A sealed text; empty where there is none.

    Raises:
        SealBroken: it cannot be opened here.
    """
    row = SealedField.objects.filter(item=item, name=name).first()
    if row is None:
        return ""
    sealed = Sealed(row.key_id, bytes(row.blob))
    return open_sealed(sealed, context=of_field(item.pk, name)).decode()


def custom_fields(item: StoredAccount) -> list[dict[str, Any]]:
    """Raises SealBroken."""
    found: list[dict[str, Any]] = json.loads(text(item, FIELDS) or "[]")
    return found
