"""How PostgreSQL stores what imports write in bulk.

Used by migrations, so what a name means here never changes.
"""

from __future__ import annotations

from typing import Any

UNLOGGED = ("accounts_plannedchange", "accounts_rejectedrow")
"""Plans can be made again from their file, so a crash may empty them; that halves their cost."""

BYTEWISE = {
    "accounts_sourceaccount": ("native_identity", "name_key"),
    "accounts_removedaccount": ("native_identity", "name_key"),
    "accounts_plannedchange": ("native_identity", "name_key"),
}
"""Columns compared byte by byte, as SQLite does: faster to index, and one index serves equality,
order and beginnings."""


def tune(apps: Any, schema_editor: Any) -> None:
    del apps
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in UNLOGGED:
        schema_editor.execute(f"ALTER TABLE {table} SET UNLOGGED")
    for table, columns in BYTEWISE.items():
        for column in columns:
            schema_editor.execute(
                f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(255) COLLATE "C"'
            )


def leave(apps: Any, schema_editor: Any) -> None:
    """Nothing to undo: the tables themselves go."""
    del apps, schema_editor
