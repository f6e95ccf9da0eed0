"""How PostgreSQL stores what identity processing writes in bulk.

Used by migrations, so what a name means here never changes.
"""

from __future__ import annotations

from typing import Any

UNLOGGED = ("accounts_plannedeffect",)
"""Plans can be made again from the accounts, so a crash may empty them; that halves their cost."""

BYTEWISE = {
    "accounts_identityaccount": {"native_identity": 255},
    "accounts_plannedeffect": {"native_identity": 255, "user_name_key": 600, "name_key": 400},
    "accounts_accountproblem": {"native_identity": 255, "key": 600},
}
"""Columns compared byte by byte, as SQLite does; those of accounts are, too."""


def tune(apps: Any, schema_editor: Any) -> None:
    del apps
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in UNLOGGED:
        schema_editor.execute(f"ALTER TABLE {table} SET UNLOGGED")
    for table, columns in BYTEWISE.items():
        for column, width in columns.items():
            schema_editor.execute(
                f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({width}) COLLATE "C"'
            )


def leave(apps: Any, schema_editor: Any) -> None:
    """Nothing to undo: the tables themselves go."""
    del apps, schema_editor
