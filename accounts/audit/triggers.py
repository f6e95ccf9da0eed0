"""The triggers that make events append-only in the database itself.

Used by migrations, so what a name means here never changes.
"""

from __future__ import annotations

from typing import Any

TABLE = "accounts_event"
NO_UPDATE, NO_DELETE = "event_no_update", "event_no_delete"
MESSAGE = "events are append-only"

_SQLITE = [
    f"CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    f"CREATE TRIGGER {NO_DELETE} BEFORE DELETE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
]
_POSTGRESQL = [
    "CREATE FUNCTION accounts_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
    f"CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION accounts_event_refuse()",
    f"CREATE TRIGGER {NO_DELETE} BEFORE DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION accounts_event_refuse()",
]


def statements(vendor: str) -> list[str]:
    """What makes the triggers on a database of that vendor."""
    return _SQLITE if vendor == "sqlite" else _POSTGRESQL


def make(apps: Any, schema_editor: Any) -> None:
    del apps
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    del apps
    if schema_editor.connection.vendor == "sqlite":
        for name in (NO_UPDATE, NO_DELETE):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        return
    for name in (NO_UPDATE, NO_DELETE):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")
    schema_editor.execute("DROP FUNCTION IF EXISTS accounts_event_refuse()")
