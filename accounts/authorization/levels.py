"""The user levels, as one table: what a level is called and what it may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission as P

ADMIN = "admin"
AUDITOR = "auditor"
USER = "user"


@dataclass(frozen=True)
class Level:
    code: str
    label: str | Promise
    description: str | Promise
    permissions: frozenset[P]


_BASIC = frozenset({P.CONSOLE_OPEN, P.SERVICE_ACCOUNT_VIEW, P.KEY_CLAIM})
_READ_ALL = frozenset(
    {
        P.SERVICE_ACCOUNT_VIEW_ALL,
        P.SERVICE_ACCOUNT_EXPORT,
        P.IDENTITY_VIEW,
        P.IDENTITY_EXPORT,
        P.AUDIT_VIEW,
        P.AUDIT_EXPORT,
        P.TENANT_VIEW,
        P.SOURCE_VIEW,
        P.PROFILE_VIEW,
        P.JOB_VIEW,
    }
)

LEVELS: dict[str, Level] = {
    level.code: level
    for level in (
        Level(
            ADMIN,
            _("Tenant administrator"),
            _("Creates, changes and deletes service accounts, people and settings."),
            frozenset(P),
        ),
        Level(
            AUDITOR,
            _("Auditor"),
            _("Reads and exports every list and the audit log; changes nothing."),
            _BASIC | _READ_ALL,
        ),
        Level(
            USER,
            _("User"),
            _("Sees only the service accounts that they own."),
            _BASIC,
        ),
    )
}
"""`user` is what everybody has who holds no other level; it is never stored."""


def level_choices() -> list[tuple[str, str | Promise]]:
    return [(level.code, level.label) for level in LEVELS.values() if level.code != USER]


def permissions_of(codes: Iterable[str]) -> frozenset[P]:
    """The union of what the levels carry; a level that is not in the table carries nothing."""
    held = LEVELS[USER].permissions
    for code in codes:
        if code in LEVELS:
            held |= LEVELS[code].permissions
    return held
