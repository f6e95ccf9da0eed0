"""Which of several accounts of an identity leads: that of the profile of highest priority."""

from __future__ import annotations

import uuid
from typing import Final

from accounts.lib.sql import execute, id_parameter

LINKS: Final = "accounts_identityaccount"
UNSEEN: Final = uuid.UUID(int=0)
"""The digest of an account whose identity has yet to follow it."""

_FIRST: Final = (
    "SELECT r.id FROM (SELECT l.id, row_number() OVER (PARTITION BY l.identity_id "  # noqa: S608
    f"ORDER BY q.priority, l.id) AS place FROM {LINKS} l "
    "JOIN accounts_identityprofile q ON q.source_id = l.source_id AND q.deleted_at IS NULL "
    f"WHERE l.vanished_at IS NULL AND l.identity_id IN (SELECT identity_id FROM {LINKS} "
    "WHERE NOT leads UNION SELECT m.identity_id FROM (SELECT identity_id, "
    f"count(*) AS times FROM {LINKS} GROUP BY identity_id) m WHERE m.times > 1)) r "
    "WHERE r.place = 1"
)
"""The links that should lead, of identities that have several, or one that does not lead."""


def settle() -> None:
    """Set right who leads after priorities changed or a profile went.

    The profiles of accounts that begin to lead are to be applied again.
    """
    execute(
        "UPDATE accounts_identityprofile SET applied_generation = 0 WHERE deleted_at IS NULL "  # noqa: S608
        f"AND source_id IN (SELECT source_id FROM {LINKS} WHERE NOT leads AND id IN ({_FIRST}))"
    )
    execute(
        f"UPDATE {LINKS} SET leads = %s WHERE leads AND vanished_at IS NULL AND identity_id IN "  # noqa: S608
        f"(SELECT identity_id FROM {LINKS} WHERE NOT leads AND id IN ({_FIRST}))",
        [False],
    )
    execute(
        f"UPDATE {LINKS} SET leads = %s, digest = %s "  # noqa: S608
        f"WHERE NOT leads AND id IN ({_FIRST})",
        [True, id_parameter(UNSEEN)],
    )
