"""What a scan would change: compared with the accounts of the source in plain SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.imports.staging import KEPT, PLANNED, REPEATED, SCAN
from accounts.imports.states import Change
from accounts.sources.removal import ACCOUNTS, Parameter, database_id

REJECTED = "accounts_rejectedrow"

SHARED_SHOWN = 100
"""Names in the list of merge risks; the count says how many there are."""
SHARED_ACCOUNTS_SHOWN = 5

_INSERT = (
    f"INSERT INTO {PLANNED} (plan, kind, line, account_id, native_identity, name, name_key, "
    "attributes, before, digest) "
)


@dataclass(frozen=True)
class Comparison:
    """The SQL of one plan."""

    plan: int
    source_id: UUID

    def reject_repeated(self, column: str) -> int:
        """Reject every row of an Account ID that several rows have; answers how many rows.

        `column` is that of the Account ID.
        """
        with connection.cursor() as cursor:
            # most files repeat none, and this question an index answers alone
            cursor.execute(
                f"SELECT 1 FROM {SCAN} GROUP BY native_identity HAVING count(*) > 1 LIMIT 1"  # noqa: S608
            )
            if cursor.fetchone() is None:
                return 0
            cursor.execute(
                f"CREATE TEMPORARY TABLE {REPEATED} AS SELECT native_identity, "  # noqa: S608
                "min(line) AS first_line, max(line) AS last_line "
                f"FROM {SCAN} GROUP BY native_identity HAVING count(*) > 1"
            )
            cursor.execute(
                f"INSERT INTO {REJECTED} (plan, line, reason_code, {_quoted('column')}, value, "  # noqa: S608
                "native_identity, other_line, content) "
                "SELECT %s, s.line, 'repeated', %s, substr(s.native_identity, 1, 200), "
                "s.native_identity, "
                "CASE WHEN s.line = r.first_line THEN r.last_line ELSE r.first_line END, "
                f"s.attributes FROM {SCAN} s JOIN {REPEATED} r "
                "ON r.native_identity = s.native_identity ORDER BY s.line",
                [self.plan, column],
            )
            rejected = int(cursor.rowcount)
            cursor.execute(
                f"INSERT INTO {KEPT} SELECT native_identity FROM {REPEATED} "  # noqa: S608
                "WHERE true ON CONFLICT DO NOTHING"
            )
            cursor.execute(
                f"DELETE FROM {SCAN} WHERE native_identity IN "  # noqa: S608
                f"(SELECT native_identity FROM {REPEATED})"
            )
            return rejected

    def find_new_and_changed(self, *, by_index: bool) -> tuple[int, int]:
        """How many are new, and how many changed; the others are as they were.

        `by_index` says that the file is in no order, and the staging table has its index.
        """
        differing = (
            f"FROM {SCAN} s LEFT JOIN {ACCOUNTS} a "
            "ON a.source_id = %s AND a.native_identity = s.native_identity "
            "WHERE a.id IS NULL OR a.digest <> s.digest"
        )
        if by_index and connection.vendor == "sqlite":
            # looked up in the order of the index, not of the file: neighbours lie together
            differing = (
                f"FROM (SELECT s.rowid AS place, a.id AS account {differing}) d "
                f"JOIN {SCAN} s ON s.rowid = d.place LEFT JOIN {ACCOUNTS} a ON a.id = d.account"
            )
        found = self._insert(
            f"SELECT %s, CASE WHEN a.id IS NULL THEN {Change.NEW.value} "
            f"ELSE {Change.CHANGED.value} END, s.line, a.id, s.native_identity, s.name, "
            f"s.name_key, s.attributes, {_as_text('a.attributes')}, s.digest "
            f"{differing}",
            [self.plan, database_id(self.source_id)],
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {PLANNED} WHERE plan = %s AND kind = %s",  # noqa: S608
                [self.plan, Change.CHANGED.value],
            )
            changed = _number(cursor)
        return found - changed, changed

    def find_missing(self) -> int:
        return self._insert(
            f"SELECT %s, {Change.MISSING.value}, 0, a.id, a.native_identity, a.name, "  # noqa: S608
            f"a.name_key, {_as_text('a.attributes')}, NULL, a.digest FROM {ACCOUNTS} a "
            "WHERE a.source_id = %s "
            f"AND NOT EXISTS (SELECT 1 FROM {SCAN} s WHERE s.native_identity = a.native_identity) "
            f"AND NOT EXISTS (SELECT 1 FROM {KEPT} k WHERE k.native_identity = a.native_identity) "
            "ORDER BY a.native_identity",
            [self.plan, database_id(self.source_id)],
        )

    def find_shared_names(self, *, with_present: bool) -> tuple[int, list[dict[str, Any]]]:
        """Account Names that several accounts would share: how many, and the first of them.

        `with_present` counts accounts that are not in the file, too.
        """
        everything = f"SELECT name_key, name, native_identity FROM {SCAN}"  # noqa: S608
        parameters: list[Parameter] = []
        if with_present:
            everything += (
                f" UNION ALL SELECT a.name_key, a.name, a.native_identity FROM {ACCOUNTS} a "  # noqa: S608
                f"WHERE a.source_id = %s AND NOT EXISTS (SELECT 1 FROM {SCAN} s "
                "WHERE s.native_identity = a.native_identity)"
            )
            parameters.append(database_id(self.source_id))
        shared = (
            f"SELECT name_key, count(*) AS times FROM ({everything}) e "  # noqa: S608
            "GROUP BY name_key HAVING count(*) > 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({shared}) t", parameters)  # noqa: S608
            count = _number(cursor)
            if not count:
                return 0, []
            cursor.execute(
                f"SELECT e.name, e.native_identity, t.times, t.name_key FROM ({everything}) e "  # noqa: S608
                f"JOIN ({shared} ORDER BY name_key LIMIT {SHARED_SHOWN}) t "
                "ON t.name_key = e.name_key ORDER BY t.name_key, e.native_identity LIMIT 5000",
                parameters * 2,
            )
            return count, _grouped(cursor.fetchall())

    def _insert(self, select: str, parameters: list[Parameter]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT + select, parameters)
            return int(cursor.rowcount)


def _grouped(rows: list[tuple[str, str, int, str]]) -> list[dict[str, Any]]:
    risks: dict[str, dict[str, Any]] = {}
    for name, identity, times, key in rows:
        risk = risks.setdefault(key, {"name": name, "times": times, "accounts": []})
        if len(risk["accounts"]) < SHARED_ACCOUNTS_SHOWN:
            risk["accounts"].append(identity)
    return list(risks.values())


def _as_text(column: str) -> str:
    return f"{column}::text" if connection.vendor == "postgresql" else column


def _quoted(column: str) -> str:
    return connection.ops.quote_name(column)


def _number(cursor: Any) -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0
