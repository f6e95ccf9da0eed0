"""Telling those who sign in that mail for them goes elsewhere now, as after an edit by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from accounts.identities import notices
from accounts.lib.sql import Parameter, rows
from accounts.profiles.processing.compare import IDENTITIES, PLANNED
from accounts.profiles.processing.states import Effect

NAMES_EMAIL: Final = '%"email"%'
"""What a planned line says of before, where the address changes; spares looking at the others.

Of those that are taken over it may not say so: they are all looked at.
"""


def tell_addresses(condition: str, parameters: list[Parameter], *, at: datetime) -> None:
    """Tell both addresses of registered identities; to be called before they are written.

    `condition` chooses the planned lines `p`. One query, and nothing more where none changes.
    """
    found = rows(
        f"SELECT p.user_name, p.display_name, i.email, p.email FROM {PLANNED} p "  # noqa: S608
        f"JOIN {IDENTITIES} i ON i.id = p.identity_id AND i.deleted_at IS NULL "
        f"WHERE {condition} AND (p.effect = {Effect.TAKEN_OVER.value} OR p.before LIKE %s) "
        "AND i.email <> p.email AND i.email <> '' AND substr(i.password, 1, 1) <> %s ORDER BY p.id",
        [*parameters, NAMES_EMAIL, UNUSABLE_PASSWORD_PREFIX],
    )
    told = [
        notices.Notice(user_name, display_name, [address for address in addresses if address])
        for user_name, display_name, *addresses in found
    ]
    notices.tell_all(told, notices.EMAIL_CHANGED, at=at)
