"""Where sealed values of stored accounts stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.sealing.places import Columns, places
from accounts.vault import codes, secrets
from accounts.vault.models import SealedField, StoredPassword
from accounts.vault.second_factors import Authenticator, BackupCode


def _password(row: StoredPassword) -> str:
    return secrets.of_password(row.item_id, row.pk)


def _field(row: SealedField) -> str:
    return secrets.of_field(row.item_id, row.name)


def _authenticator(row: Authenticator) -> str:
    return codes.of_authenticator(row.item_id)


def _code(row: BackupCode) -> str:
    return codes.of_code(row.item_id, row.pk)


def register() -> None:
    tables = (
        Columns(_("Passwords of stored accounts"), StoredPassword, _password),
        Columns(_("Notes and custom fields of stored accounts"), SealedField, _field),
        Columns(_("Authenticators of stored accounts"), Authenticator, _authenticator),
        Columns(_("Backup codes of stored accounts"), BackupCode, _code),
    )
    for place in tables:
        places.register(place.table, place)
