"""Accounts that a plan misses: which, whose identities they are, and how the threshold judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.imports import queries
from accounts.imports.states import Change
from accounts.models import Identity, IdentityAccount, ImportRun, PlannedChange
from accounts.profiles.models import VanishedPolicy
from accounts.profiles.queries import visible_to as profiles_visible_to
from console.ui import targets

FIRST_SHOWN: Final = 5


@dataclass(frozen=True)
class Behind:
    """The identity that an account belongs to, for a person who may see it."""

    label: str
    url: str


@dataclass(frozen=True)
class Missing:
    name: str
    native_identity: str
    identity: Behind | None


def first(run: ImportRun, person: Identity) -> list[Missing]:
    """The first accounts that are missing."""
    found = list(queries.changes(run, Change.MISSING).order_by("line", "id")[:FIRST_SHOWN])
    identities = behind(run, found, person)
    return [
        Missing(row.name, row.native_identity, identities.get(row.native_identity)) for row in found
    ]


def behind(run: ImportRun, changes: Iterable[PlannedChange], person: Identity) -> dict[str, Behind]:
    """By Account ID, the identities of these accounts that this person may open."""
    names = [row.native_identity for row in changes]
    links = IdentityAccount.objects.filter(
        source=run.source_id, native_identity__in=names, identity__deleted_at=None
    ).values_list("native_identity", "identity_id", "identity__user_name")
    found = list(links)
    urls = targets.urls([("identity", str(pk)) for _name, pk, _user in found], person)
    return {
        native: Behind(user_name, urls["identity", str(pk)])
        for native, pk, user_name in found
        if ("identity", str(pk)) in urls
    }


def fate(run: ImportRun, person: Identity) -> str:
    """What becomes of the identities, where the source makes any."""
    profile = profiles_visible_to(person).filter(source=run.source_id).first()
    if profile is None:
        return ""
    if profile.vanished_policy == VanishedPolicy.REMOVE:
        return _("Their identities are removed when the changes are applied next.")
    return _("Their identities are disabled when the changes are applied next.")


def judged(run: ImportRun, percent: int) -> str:
    """How the Account Delete Threshold came to its number."""
    said = {
        "percent": percent,
        "accounts": f"{run.accounts_before:,}",
        "removable": f"{run.removable:,}",
    }
    if run.accounts_before * percent < 100:
        return (
            _(
                "The Account Delete Threshold is %(percent)s %% of %(accounts)s accounts: "
                "less than one, but one may always go."
            )
            % said
        )
    return (
        _(
            "The Account Delete Threshold is %(percent)s %% of %(accounts)s accounts: up to "
            "%(removable)s may go."
        )
        % said
    )
