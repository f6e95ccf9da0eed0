"""What only the whole of a plan shows, in plain SQL: who is lost, whose names collide."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from accounts.audit.plain import plain
from accounts.lib.sql import Parameter, as_text, execute, id_parameter, number, rows
from accounts.profiles.models import IdentityProfile, VanishedPolicy
from accounts.profiles.processing.models import PlannedEffect
from accounts.profiles.processing.states import Effect, Problem

PLANNED: Final = "accounts_plannedeffect"
PROBLEMS: Final = "accounts_accountproblem"
LINKS: Final = "accounts_identityaccount"
ACCOUNTS: Final = "accounts_sourceaccount"
IDENTITIES: Final = "accounts_identity"

NAMING: Final = ", ".join(
    str(effect.value)
    for effect in (
        Effect.CREATED,
        Effect.CHANGED,
        Effect.RESTORED,
        Effect.JOINED,
        Effect.TAKEN_OVER,
    )
)
"""Effects after which the identity has the planned name."""

TOLD_AT_ONCE: Final = 1000
SHARED_SHOWN: Final = 100
SHARED_ACCOUNTS_SHOWN: Final = 5


@dataclass(frozen=True)
class Comparison:
    """The SQL of one plan."""

    plan: int
    profile: IdentityProfile

    @property
    def _source(self) -> Parameter:
        return id_parameter(self.profile.source_id)

    def find_lost(self) -> None:
        """Plan for identities whose account is no longer in the source."""
        losing = (
            Effect.REMOVED
            if self.profile.vanished_policy == VanishedPolicy.REMOVE
            else Effect.DISABLED
        )
        has_another = (
            f"EXISTS (SELECT 1 FROM {LINKS} o JOIN {ACCOUNTS} oa ON oa.source_id = o.source_id "  # noqa: S608
            "AND oa.native_identity = o.native_identity WHERE o.identity_id = l.identity_id "
            "AND o.id <> l.id AND o.vanished_at IS NULL)"
        )
        execute(
            f"INSERT INTO {PLANNED} (plan, effect, native_identity, account_name, identity_id, "  # noqa: S608
            "user_name, user_name_key, first_name, last_name, display_name, email, attributes, "
            "invited) SELECT %s, CASE "
            f"WHEN i.deleted_at IS NOT NULL OR NOT l.leads THEN {Effect.FORGOTTEN.value} "
            f"WHEN {has_another} THEN {Effect.HANDED_OVER.value} ELSE {losing.value} END, "
            "l.native_identity, i.user_name, l.identity_id, i.user_name, i.user_name_key, "
            f"i.first_name, i.last_name, i.display_name, i.email, {as_text('i.attributes')}, %s "
            f"FROM {LINKS} l JOIN {IDENTITIES} i ON i.id = l.identity_id "
            "WHERE l.source_id = %s AND l.vanished_at IS NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {ACCOUNTS} a WHERE a.source_id = l.source_id "
            "AND a.native_identity = l.native_identity) ORDER BY l.native_identity",
            [self.plan, False, self._source],
        )

    def join_other_profiles(self) -> None:
        """Let new accounts join identities that other profiles of the kind made.

        They have the same user name, whatever its case: look-alikes are collisions.
        """
        others = (
            IdentityProfile.objects.existing()
            .filter(kind=self.profile.kind)
            .exclude(pk=self.profile.pk)
        )
        if not others.exists():
            return
        execute(
            f"UPDATE {PLANNED} SET effect = CASE WHEN q.priority > %s "  # noqa: S608
            f"THEN {Effect.TAKEN_OVER.value} ELSE {Effect.JOINED.value} END, "
            f"identity_id = i.id, before = {as_text('i.attributes')} "
            f"FROM {IDENTITIES} i JOIN {LINKS} l ON l.identity_id = i.id AND l.leads "
            "AND l.vanished_at IS NULL JOIN accounts_identityprofile q "
            "ON q.source_id = l.source_id AND q.deleted_at IS NULL "
            f"WHERE {PLANNED}.plan = %s AND {PLANNED}.effect = {Effect.CREATED.value} "
            f"AND i.user_name_key = {PLANNED}.user_name_key "
            f"AND lower(i.user_name) = lower({PLANNED}.user_name) AND i.kind = %s "
            "AND i.deleted_at IS NULL AND q.kind = %s AND q.id <> %s",
            [
                *(self.profile.priority, self.plan, self.profile.kind, self.profile.kind),
                id_parameter(self.profile.pk),
            ],
        )

        self._tell_differences()

    def _tell_differences(self) -> None:
        """Say of identities that are taken over what changes, as for all that change."""
        taken = PlannedEffect.objects.filter(plan=self.plan, effect=Effect.TAKEN_OVER)
        while lines := list(taken.filter(after=None).order_by("pk")[:TOLD_AT_ONCE]):
            for line in lines:
                before, after = json.loads(line.before or "{}"), line.values
                changed = sorted(n for n in before | after if before.get(n) != after.get(n))
                line.before = _told(before, changed)
                line.after = _told(after, changed)
            PlannedEffect.objects.bulk_update(lines, ["before", "after"])

    def refuse_collisions(self) -> None:
        """Take back what would give two identities one user name, and say so on both sides."""
        clash = (
            f"SELECT user_name_key FROM {PLANNED} WHERE plan = %s AND effect IN ({NAMING}) "  # noqa: S608
            "GROUP BY user_name_key HAVING count(*) > 1 "
            f"UNION SELECT p.user_name_key FROM {PLANNED} p JOIN {IDENTITIES} i "
            "ON i.user_name_key = p.user_name_key AND i.id <> p.identity_id "
            f"WHERE p.plan = %s AND p.effect IN ({NAMING})"
        )
        self._refuse(Problem.COLLISION, "p.user_name_key", clash)
        if not self.profile.is_for_service_accounts:
            return
        key = "coalesce(p.name_key, p.user_name_key)"
        clash = (
            f"SELECT {key} FROM {PLANNED} p WHERE plan = %s AND effect IN ({NAMING}) "  # noqa: S608
            f"GROUP BY 1 HAVING count(*) > 1 "
            f"UNION SELECT s.name_key FROM {PLANNED} p JOIN accounts_serviceaccount s "
            f"ON s.name_key = {key} AND s.identity_id <> p.identity_id "
            f"WHERE p.plan = %s AND p.effect IN ({NAMING})"
        )
        self._refuse(Problem.NAME_COLLISION, key, clash)

    def _refuse(self, problem: Problem, key: str, clash: str) -> None:
        found = [row[0] for row in rows(clash, [self.plan, self.plan])]
        for place in range(0, len(found), 1000):
            keys = found[place : place + 1000]
            marks = ", ".join(["%s"] * len(keys))
            where = f"p.plan = %s AND p.effect IN ({NAMING}) AND {key} IN ({marks})"
            execute(
                f"INSERT INTO {PROBLEMS} (plan, profile_id, kind, native_identity, account_name, "  # noqa: S608
                "identity_id, attribute, path, cause, user_name, key) "
                "SELECT p.plan, %s, %s, p.native_identity, p.account_name, "
                f"CASE WHEN p.effect = {Effect.CREATED.value} THEN NULL ELSE p.identity_id END, "
                f"'', '', '', p.user_name, {key} FROM {PLANNED} p WHERE {where} ORDER BY p.id",
                [id_parameter(self.profile.pk), problem.value, self.plan, *keys],
            )
            execute(
                f"DELETE FROM {PLANNED} WHERE id IN (SELECT p.id FROM {PLANNED} p WHERE {where})",  # noqa: S608
                [self.plan, *keys],
            )

    def count(self) -> dict[str, int]:
        """How many identities each effect is planned for."""
        found = rows(
            f"SELECT effect, count(*) FROM {PLANNED} WHERE plan = %s GROUP BY effect",  # noqa: S608
            [self.plan],
        )
        return {Effect(effect).name.lower(): times for effect, times in found}

    def count_refused(self) -> int:
        return number(
            f"SELECT count(DISTINCT native_identity) FROM {PROBLEMS} WHERE plan = %s",  # noqa: S608
            [self.plan],
        )

    def shared_names(self) -> tuple[int, list[dict[str, Any]]]:
        """Account Names that several accounts share, which elsewhere would be merged into one
        identity: how many, and the first of them."""
        shared = (
            f"SELECT name_key, count(*) AS times FROM {ACCOUNTS} WHERE source_id = %s "  # noqa: S608
            "GROUP BY name_key HAVING count(*) > 1"
        )
        count = number(f"SELECT count(*) FROM ({shared}) t", [self._source])  # noqa: S608
        if not count:
            return 0, []
        found = rows(
            f"SELECT a.name, a.native_identity, t.times, t.name_key FROM {ACCOUNTS} a "  # noqa: S608
            f"JOIN ({shared} ORDER BY name_key LIMIT {SHARED_SHOWN}) t "
            "ON t.name_key = a.name_key WHERE a.source_id = %s "
            "ORDER BY t.name_key, a.native_identity LIMIT 5000",
            [self._source, self._source],
        )
        risks: dict[str, dict[str, Any]] = {}
        for name, native, times, key in found:
            risk = risks.setdefault(key, {"name": name, "times": times, "accounts": []})
            if len(risk["accounts"]) < SHARED_ACCOUNTS_SHOWN:
                risk["accounts"].append(native)
        return count, list(risks.values())

    def chunk(self, size: int) -> int:
        """Cut the plan into the pieces that are applied one by one; answers how many lines."""
        execute(
            "INSERT INTO accounts_processingchunk (plan, first, last, size, is_done) "  # noqa: S608
            f"SELECT plan, min(id), max(id), count(*), %s FROM {PLANNED} WHERE plan = %s "
            f"GROUP BY plan, id / {size} ORDER BY min(id)",
            [False, self.plan],
        )
        return PlannedEffect.objects.filter(plan=self.plan).count()


def _told(values: Mapping[str, Any], names: Sequence[str]) -> str:
    told = plain({name: values[name] for name in names if name in values})
    return json.dumps(told, ensure_ascii=False)
