"""Writes one chunk of a plan: identities, links, service accounts and events, each set-wise.

Every effect may find that a person was quicker: what is deleted stays so, and nothing is said to
have happened that did not. So events come first, while it can still be seen what will change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, QuerySet

from accounts.audit.actors import Actor
from accounts.audit.bulk import Lines, record_all
from accounts.identities import bulk as identities
from accounts.identities import renewing
from accounts.identities.models import Identity, Origin
from accounts.lib.sql import Parameter, execute, id_as_text, id_parameter, time_parameter
from accounts.profiles.leading import UNSEEN
from accounts.profiles.models import IdentityAccount, IdentityProfile
from accounts.profiles.processing.compare import IDENTITIES, LINKS, PLANNED
from accounts.profiles.processing.models import PlannedEffect, ProcessingChunk
from accounts.profiles.processing.protection import protect, protect_addresses
from accounts.profiles.processing.states import Effect
from accounts.profiles.processing.telling import tell_addresses
from accounts.service_accounts import bulk as service_accounts
from accounts.service_accounts.models import ServiceAccount

CREATED_DETAIL: Final = "'{\"after\": ' || coalesce(p.shown, p.attributes) || '}'"
CHANGED_DETAIL: Final = "'{\"before\": ' || p.before || ', \"after\": ' || p.after || '}'"
VANISHED_DETAIL: Final = '\'{"cause": "account_vanished"}\''
RETURNED_DETAIL: Final = '\'{"cause": "account_returned"}\''
"""JSON as SQL: what the events of an effect hold."""


@dataclass(frozen=True)
class Writer:
    """The statements of one chunk, in one transaction of the caller."""

    profile: IdentityProfile
    chunk: ProcessingChunk
    by: Actor
    at: datetime

    def write(self) -> None:
        for effect, step in (
            (Effect.CREATED, self._create),
            (Effect.CHANGED, self._change),
            (Effect.RESTORED, self._restore),
            (Effect.JOINED, self._join),
            (Effect.TAKEN_OVER, self._take_over),
            (Effect.DISABLED, self._disable),
            (Effect.REMOVED, self._remove),
            (Effect.HANDED_OVER, self._hand_over),
            (Effect.SEEN, self._see),
            (Effect.FORGOTTEN, self._forget),
        ):
            if self._planned(effect).exists():
                step()

    def _create(self) -> None:
        identities.insert_from(
            *self._rows(Effect.CREATED), kind=self.profile.kind, origin=Origin.PROFILE, at=self.at
        )
        self._link(Effect.CREATED, leads=True)
        if self.profile.is_for_service_accounts:
            service_accounts.insert_from(
                *self._account_rows(Effect.CREATED, "coalesce(p.purpose, '')"),
                by=self.by,
                owner_id=self.profile.owner_id,
                at=self.at,
            )
        self._record("created", Effect.CREATED, CREATED_DETAIL)

    def _change(self, effect: Effect = Effect.CHANGED) -> None:
        protect_addresses(self.profile, self._planned(effect), by=self.by)
        self._record("edited", effect, CHANGED_DETAIL, "p.after <> '{}' OR p.before <> '{}'")
        tell_addresses(*self._where(effect), at=self.at)
        identities.update_from(*self._rows(effect), at=self.at)
        renewing.withdraw_misdirected(self._identities(effect), at=self.at)
        if self.profile.is_for_service_accounts:
            service_accounts.update_from(*self._account_rows(effect, "p.purpose"), at=self.at)
        self._see(effect)

    def _restore(self) -> None:
        """Enable again what vanishing had disabled, and nothing that a person disabled."""
        self._record("enabled", Effect.RESTORED, RETURNED_DETAIL, "i.disabled_at = l.vanished_at")
        theirs = self._identities(Effect.RESTORED).filter(
            source_accounts__source=self.profile.source_id,
            source_accounts__vanished_at=F("disabled_at"),
        )
        identities.enable_all(theirs, at=self.at)
        self._change(Effect.RESTORED)

    def _join(self) -> None:
        self._link(Effect.JOINED, leads=False)
        self._record("account_linked", Effect.JOINED, self._profile_detail)

    def _take_over(self) -> None:
        self._links(Effect.TAKEN_OVER).update(leads=False)
        self._link(Effect.TAKEN_OVER, leads=True)
        self._change(Effect.TAKEN_OVER)

    def _disable(self) -> None:
        protect(self.profile, self._planned(Effect.DISABLED), by=self.by, at=self.at)
        still = "i.disabled_at IS NULL OR i.disabled_at = %s"
        self._record("disabled", Effect.DISABLED, VANISHED_DETAIL, still, [self._now])
        identities.disable_all(self._identities(Effect.DISABLED), by=self.by, at=self.at)
        self._links(Effect.DISABLED).update(vanished_at=self.at)

    def _remove(self) -> None:
        protect(self.profile, self._planned(Effect.REMOVED), by=self.by, at=self.at)
        self._record("deleted", Effect.REMOVED, VANISHED_DETAIL)
        accounts = ServiceAccount.objects.filter(identity__in=self._identities(Effect.REMOVED))
        service_accounts.delete_all(accounts, by=self.by, at=self.at)
        identities.bury_all(self._identities(Effect.REMOVED), by=self.by, at=self.at)
        self._links(Effect.REMOVED).delete()

    def _hand_over(self) -> None:
        """Let the account of the highest priority lead; its profile is to make the values anew."""
        self._record("account_unlinked", Effect.HANDED_OVER, self._profile_detail)
        self._forget(Effect.HANDED_OVER)
        condition, parameters = self._where(Effect.HANDED_OVER)
        first = (
            "SELECT r.{column} FROM (SELECT l.id, l.source_id, row_number() OVER (PARTITION BY "  # noqa: S608
            f"l.identity_id ORDER BY q.priority, l.id) AS place FROM {LINKS} l "
            "JOIN accounts_identityprofile q ON q.source_id = l.source_id AND q.deleted_at IS NULL "
            f"JOIN {PLANNED} p ON p.identity_id = l.identity_id "
            f"WHERE l.vanished_at IS NULL AND {condition}) r WHERE r.place = 1"
        )
        execute(
            "UPDATE accounts_identityprofile SET applied_generation = 0 WHERE deleted_at IS NULL "  # noqa: S608
            f"AND source_id IN ({first.format(column='source_id')})",
            parameters,
        )
        execute(
            f"UPDATE {LINKS} SET leads = %s, digest = %s "  # noqa: S608
            f"WHERE id IN ({first.format(column='id')})",
            [True, id_parameter(UNSEEN), *parameters],
        )

    def _see(self, effect: Effect = Effect.SEEN) -> None:
        condition, parameters = self._where(effect)
        execute(
            f"UPDATE {LINKS} SET digest = p.digest, vanished_at = NULL FROM {PLANNED} p "  # noqa: S608
            f"WHERE {condition} AND {LINKS}.source_id = %s "
            f"AND {LINKS}.native_identity = p.native_identity",
            [*parameters, self._source],
        )

    def _forget(self, effect: Effect = Effect.FORGOTTEN) -> None:
        condition, parameters = self._where(effect)
        execute(
            f"DELETE FROM {LINKS} WHERE source_id = %s AND native_identity IN "  # noqa: S608
            f"(SELECT p.native_identity FROM {PLANNED} p WHERE {condition})",
            [self._source, *parameters],
        )

    # --- the planned lines, in the ways in which statements take them ---

    @property
    def _now(self) -> Parameter:
        return time_parameter(self.at)

    @property
    def _profile_detail(self) -> str:
        return f'\'{{"profile": "{self.profile.pk}"}}\''

    @property
    def _source(self) -> Parameter:
        return id_parameter(self.profile.source_id)

    def _planned(self, effect: Effect) -> QuerySet[PlannedEffect]:
        return PlannedEffect.objects.filter(
            plan=self.chunk.plan, pk__range=(self.chunk.first, self.chunk.last), effect=effect
        )

    def _identities(self, effect: Effect) -> QuerySet[Identity]:
        planned = self._planned(effect).values("identity_id")
        return Identity.objects.get_queryset().filter(pk__in=planned)

    def _links(self, effect: Effect) -> QuerySet[IdentityAccount]:
        planned = self._planned(effect).values("identity_id")
        return IdentityAccount.objects.filter(identity__in=planned)

    def _where(self, effect: Effect) -> tuple[str, list[Parameter]]:
        condition = f"p.plan = %s AND p.id BETWEEN %s AND %s AND p.effect = {effect.value}"
        return condition, [self.chunk.plan, self.chunk.first, self.chunk.last]

    def _rows(self, effect: Effect) -> tuple[str, list[Parameter]]:
        condition, parameters = self._where(effect)
        return f"SELECT p.* FROM {PLANNED} p WHERE {condition} ORDER BY p.id", parameters  # noqa: S608

    def _account_rows(self, effect: Effect, description: str) -> tuple[str, list[Parameter]]:
        condition, parameters = self._where(effect)
        rows = (
            "SELECT p.identity_id, p.display_name AS name, "  # noqa: S608
            f"coalesce(p.name_key, p.user_name_key) AS name_key, {description} AS description "
            f"FROM {PLANNED} p WHERE {condition} ORDER BY p.id"
        )
        return rows, parameters

    def _link(self, effect: Effect, *, leads: bool) -> None:
        condition, parameters = self._where(effect)
        execute(
            f"INSERT INTO {LINKS} (source_id, native_identity, identity_id, digest, leads, "  # noqa: S608
            "linked_at) SELECT %s, p.native_identity, p.identity_id, p.digest, %s, %s "
            f"FROM {PLANNED} p WHERE {condition} ORDER BY p.id",
            [self._source, leads, self._now, *parameters],
        )

    def _record(
        self,
        verb: str,
        effect: Effect,
        detail: str,
        only: str = "",
        parameters: list[Parameter] | None = None,
    ) -> None:
        """One event for each planned line whose identity is there; `only` narrows it further.

        In `only`, `p` is the line, `i` the identity and `l` its link to the account.
        """
        condition, chosen = self._where(effect)
        rows = f"FROM {PLANNED} p "
        if effect != Effect.CREATED:
            rows += (
                f"JOIN {IDENTITIES} i ON i.id = p.identity_id AND i.deleted_at IS NULL "
                f"JOIN {LINKS} l ON l.identity_id = p.identity_id "
                "AND l.native_identity = p.native_identity AND l.source_id = %s "
            )
            chosen = [self._source, *chosen]
        rows += f"WHERE {condition}"
        if only:
            rows += f" AND ({only})"
            chosen += parameters or []
        subject = "service_account" if self.profile.is_for_service_accounts else "identity"
        lines = Lines(
            subject_id=id_as_text("p.identity_id"),
            subject_label="p.display_name" if subject == "service_account" else "p.user_name",
            detail=detail,
            rows=f"{rows} ORDER BY p.id",
            parameters=chosen,
        )
        record_all(f"{subject}.{verb}", by=self.by, subject_type=subject, lines=lines, at=self.at)
