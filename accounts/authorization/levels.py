"""The user levels, as one table: what a level is called and what it may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission as P

OWNER = "owner"
SUPER_ADMIN = "super_admin"
ADMIN = "admin"
AUDITOR = "auditor"
HELPDESK = "helpdesk"
CERT_ADMIN = "cert_admin"
REPORT_ADMIN = "report_admin"
ROLE_ADMIN = "role_admin"
ROLE_SUBADMIN = "role_subadmin"
SOURCE_ADMIN = "source_admin"
SOURCE_SUBADMIN = "source_subadmin"
USER = "user"

ADMINISTRATORS: Final = (OWNER, SUPER_ADMIN, ADMIN)
"""The levels that administer the tenant, the highest first."""


@dataclass(frozen=True)
class Level:
    code: str
    label: str | Promise
    description: str | Promise
    permissions: frozenset[P]
    capability: str = ""
    """SailPoint's name for it on an auth user; it has none for ours alone and for the basic one."""


@dataclass(frozen=True)
class ForbiddenPair:
    """Two levels that nobody holds together."""

    codes: frozenset[str]
    reason: str | Promise

    @property
    def in_words(self) -> str:
        first, second = (LEVELS[code].label for code in LEVELS if code in self.codes)
        said = _("%(first)s and %(second)s do not go together. %(reason)s")
        return said % {"first": first, "second": second, "reason": self.reason}


_BASIC = frozenset(
    {
        *(P.CONSOLE_OPEN, P.SERVICE_ACCOUNT_VIEW, P.KEY_CLAIM, P.TOKEN_OWN, P.REQUEST_ASK),
        P.VAULT_OWN,
    }
)
_SEARCH = _BASIC | {P.SERVICE_ACCOUNT_VIEW_ALL, P.IDENTITY_VIEW}
_LISTS = _SEARCH | {P.SERVICE_ACCOUNT_EXPORT, P.IDENTITY_EXPORT, P.JOB_VIEW}
_READ_ALL = _LISTS | {
    P.TOKEN_VIEW_ALL,
    P.AUDIT_VIEW,
    P.AUDIT_EXPORT,
    P.TENANT_VIEW,
    P.GROUP_VIEW,
    P.REQUEST_VIEW_ALL,
    P.VAULT_VIEW_ALL,
    P.SOURCE_VIEW,
    P.SOURCE_VIEW_ALL,
    P.PROFILE_VIEW,
    P.JOB_VIEW_ALL,
}
_HELP = frozenset(
    {
        P.IDENTITY_INVITE,
        P.IDENTITY_RESET,
        P.IDENTITY_DISABLE,
        P.SOURCE_LOOK_UP,
        P.PROFILE_PROCESS,
        P.JOB_VIEW,
    }
)
_OWN_SOURCES = frozenset({P.SOURCE_VIEW, P.SOURCE_MANAGE, P.JOB_VIEW})
_ALL_SOURCES = _OWN_SOURCES | {P.SOURCE_VIEW_ALL, P.SOURCE_MANAGE_ALL}

_SUPER_ADMIN = frozenset(P) - {P.TENANT_OWN}
_ADMIN = _SUPER_ADMIN - {P.VAULT_ALL_ACCESS}

LEVELS: dict[str, Level] = {
    level.code: level
    for level in (
        Level(
            OWNER,
            _("Owner"),
            _("Administers the whole tenant. There is one, who stays until they hand it over."),
            frozenset(P),
            "ORG_ADMIN",
        ),
        Level(
            SUPER_ADMIN,
            _("Super Admin"),
            _("Administers the whole tenant, and may open every stored account for a while."),
            _SUPER_ADMIN,
            "ORG_ADMIN",
        ),
        Level(
            ADMIN,
            _("Admin"),
            _("Administers the whole tenant, user levels of those below a Super Admin included."),
            _ADMIN,
            "ORG_ADMIN",
        ),
        Level(
            AUDITOR,
            _("Auditor"),
            _("Reads and exports every list and the audit log; changes nothing."),
            _READ_ALL,
        ),
        Level(
            HELPDESK,
            _("Helpdesk"),
            _(
                "Invites, resets, disables and enables identities that may do no more than they "
                "themselves."
            ),
            _SEARCH | _HELP,
            "HELPDESK",
        ),
        Level(
            CERT_ADMIN,
            _("Cert Admin"),
            _(
                "Searches and exports identities and service accounts. Certifications are not "
                "part of this version yet."
            ),
            _LISTS,
            "CERT_ADMIN",
        ),
        Level(
            REPORT_ADMIN,
            _("Report Admin"),
            _("Searches and exports identities, service accounts and the audit log."),
            _LISTS | {P.AUDIT_VIEW, P.AUDIT_EXPORT},
            "REPORT_ADMIN",
        ),
        Level(
            ROLE_ADMIN,
            _("Role Admin"),
            _(
                "Adds and removes members of the groups that they manage; searches and exports "
                "identities and service accounts."
            ),
            _LISTS | {P.GROUP_VIEW, P.GROUP_MANAGE_OWN},
            "ROLE_ADMIN",
        ),
        Level(
            ROLE_SUBADMIN,
            _("Role Sub-Admin"),
            _(
                "Adds and removes members of the groups that they manage; searches identities and "
                "service accounts."
            ),
            _SEARCH | {P.SOURCE_LOOK_UP, P.GROUP_VIEW, P.GROUP_MANAGE_OWN, P.JOB_VIEW},
            "ROLE_SUBADMIN",
        ),
        Level(
            SOURCE_ADMIN,
            _("Source Admin"),
            _("Manages all sources and imports their accounts."),
            _LISTS | _ALL_SOURCES,
            "SOURCE_ADMIN",
        ),
        Level(
            SOURCE_SUBADMIN,
            _("Source Sub-Admin"),
            _("Adds sources; manages those that they own, and imports their accounts."),
            _SEARCH | _OWN_SOURCES,
            "SOURCE_SUBADMIN",
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

_OWN_OR_ALL = _("One of them is for a part, the other for all of the same: choose one.")
_ROLES_AND_SOURCES = _(
    "One of them reaches all of its kind, the other only a part; together they would reach more "
    "than either is meant to."
)

FORBIDDEN_PAIRS: tuple[ForbiddenPair, ...] = (
    ForbiddenPair(frozenset({ROLE_ADMIN, ROLE_SUBADMIN}), _OWN_OR_ALL),
    ForbiddenPair(frozenset({SOURCE_ADMIN, SOURCE_SUBADMIN}), _OWN_OR_ALL),
    ForbiddenPair(frozenset({ROLE_ADMIN, SOURCE_SUBADMIN}), _ROLES_AND_SOURCES),
    ForbiddenPair(frozenset({ROLE_SUBADMIN, SOURCE_ADMIN}), _ROLES_AND_SOURCES),
)
"""SailPoint's, of the levels that there are here."""


def level_choices() -> list[tuple[str, str | Promise]]:
    return [(level.code, level.label) for level in LEVELS.values() if level.code != USER]


def level_choices_to_give() -> list[tuple[str, str | Promise]]:
    """What people set of others; the Owner alone hands over what they are."""
    return [choice for choice in level_choices() if choice[0] != OWNER]


def permissions_of(codes: Iterable[str]) -> frozenset[P]:
    """The union of what the levels carry; a level that is not in the table carries nothing."""
    held = LEVELS[USER].permissions
    for code in codes:
        if code in LEVELS:
            held |= LEVELS[code].permissions
    return held


def forbidden_among(codes: Collection[str]) -> list[ForbiddenPair]:
    """The pairs among these levels that may not be held together."""
    return [pair for pair in FORBIDDEN_PAIRS if pair.codes <= set(codes)]
