"""The locks under which identities are made from the accounts of a source.

Always in this order: the library of transforms, sources, profiles. So nobody waits in a ring.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.lib.sql import execute, is_postgres, rows
from accounts.profiles.models import IdentityProfile
from accounts.sources.locking import SourceGone
from accounts.sources.locking import lock as lock_source
from accounts.sources.models import Source

LIBRARY: Final = 0x5354_4C42
"""Key of the lock of PostgreSQL on all transforms together: they name one another."""


class ProfileGone(DomainError):
    """The profile was deleted meanwhile."""

    code = "profile_gone"

    def __init__(self) -> None:
        super().__init__(message=_("This identity profile has been deleted."))


def lock_library() -> None:
    """Be the only one who changes transforms or begins to use them, until the transaction ends.

    So whoever changes one finds every profile that uses it, and who uses one finds it there.
    SQLite has one writer at a time.
    """
    if is_postgres():
        rows("SELECT pg_advisory_xact_lock(%s)", [LIBRARY])


def share_library() -> None:
    """As `lock_library`, for whoever only needs that none changes: several can at a time."""
    if is_postgres():
        rows("SELECT pg_advisory_xact_lock_shared(%s)", [LIBRARY])


def lock(profile: IdentityProfile) -> tuple[Source, IdentityProfile]:
    """The rows of the profile's source and of the profile, locked until the transaction ends.

    Always in this order: so imports, edits and processing wait for one another, and never for
    ever.

    Raises:
        ProfileGone: it has been deleted.
    """
    try:
        source = lock_source(profile.source)
    except SourceGone as error:
        raise ProfileGone from error
    found = (
        IdentityProfile.objects.existing()
        .select_for_update(of=("self",))
        .select_related("source", "owner")
        .filter(pk=profile.pk)
        .first()
    )
    if found is None:
        raise ProfileGone
    return source, found


def share(profile: IdentityProfile) -> tuple[Source, IdentityProfile]:
    """As `lock`, for whoever only needs that neither row changes: several can at a time.

    SQLite has one writer at a time and needs no locks of rows.
    """
    if not is_postgres():
        return lock(profile)
    execute("SELECT 1 FROM accounts_source WHERE id = %s FOR SHARE", [profile.source_id])
    execute("SELECT 1 FROM accounts_identityprofile WHERE id = %s FOR SHARE", [profile.pk])
    found = (
        IdentityProfile.objects.existing()
        .select_related("source", "owner")
        .filter(pk=profile.pk, source__deleted_at=None)
        .first()
    )
    if found is None:
        raise ProfileGone
    return found.source, found
