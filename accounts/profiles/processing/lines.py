"""What becomes of one account: the line of the plan that says it, or the problems."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import JSONEncoder, encode_basestring
from typing import Any, Final

from accounts.audit.plain import SECRET_NAMES, TEXT_LIMIT, plain
from accounts.profiles.attributes import (
    DISPLAY_NAME,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    LIFECYCLE_STATE,
    USER_NAME,
)
from accounts.profiles.evaluate import AccountSubject, CompiledProfile, ValueProblem
from accounts.profiles.lifecycle_states.settling import IDENTITY_STATE, Settled, States
from accounts.profiles.lifecycle_states.settling import NOTHING as NO_STATE
from accounts.profiles.models import IdentityProfile, InvitePolicy
from accounts.profiles.processing.scan import Current, Known, Scanned, uuid_of
from accounts.profiles.processing.states import Effect, Problem
from accounts.profiles.quick import holds_no_secret, key_of
from accounts.profiles.shape import SHAPERS, Shaped
from accounts.profiles.transforms.base import Account
from accounts.profiles.world import ID

COLUMNS: Final = (
    *("plan", "effect", "native_identity", "account_name", "digest", "identity_id"),
    *("user_name", "user_name_key", "first_name", "last_name", "display_name", "email"),
    *("attributes", "before", "after", "shown", "name_key", "purpose", "invited"),
    *("entering", "follows_source"),
)
PROBLEM_COLUMNS: Final = (
    *("plan", "profile_id", "kind", "native_identity", "account_name", "identity_id"),
    *("attribute", "path", "cause", "user_name", "key"),
)
Line = tuple[Any, ...]

NOTHING: Final[Mapping[str, Any]] = {}

_encode = JSONEncoder(ensure_ascii=False).encode
_CREATED: Final = Effect.CREATED.value


@dataclass
class Lines:
    """Collects the lines of a plan; the caller takes them away from time to time."""

    plan: int
    profile: IdentityProfile
    compiled: CompiledProfile
    subject: AccountSubject
    ids: Iterator[str]
    now: datetime
    states: States
    planned: list[Line] = field(default_factory=list)
    problems: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mapped = frozenset(step.attribute for step in self.compiled.steps)
        self._shape = SHAPERS[self.profile.kind]
        self._keeps_name = self.profile.is_for_service_accounts and DISPLAY_NAME not in self.mapped
        self._is_plain = not {name.lower() for name in self.mapped} & SECRET_NAMES
        self._has_states = self.states.matter
        self._invites = self.profile.invite_policy != InvitePolicy.BY_HAND
        self._account = Current()
        names = self.mapped | {LIFECYCLE_STATE, IDENTITY_STATE}
        self._members = {name: f"{_encode(name)}: " for name in names}

    def add(
        self,
        account: Scanned,
        known: Known | None,
        others: Mapping[str, Sequence[Account]],
    ) -> None:
        """Find out what becomes of an account, and keep the line that says it."""
        if known is not None and known.deleted_at is not None:
            return  # by hand: it does not come back by itself
        current = self._account
        current.native_identity, current.name = account.native_identity, account.name
        current.attributes = json.loads(account.attributes)
        before = as_values(known) if known else NOTHING
        given = {**before, ID: known.id} if known and self.compiled.reads_identity else before
        self.subject.turn_to(current, identity=given, others=others)
        values, problems = self.compiled.evaluate(self.subject, current.attributes)
        settled = NO_STATE
        if self._has_states:
            settled = self.states.settle(values, before, problems, known.id if known else None)
        shaped = self._shape(values, problems, self.mapped)
        if problems or not shaped.user_name:
            self._refuse(account, problems, shaped)
        elif known is None:
            self._create(account, values, shaped, settled)
        else:
            self._compare(account, known, before, values, shaped, settled)

    def _create(
        self, account: Scanned, values: dict[str, Any], shaped: Shaped, settled: Settled
    ) -> None:
        text = self._json(values)
        invited = self._invites and self._is_invited(NOTHING, values)
        self.planned.append(
            (
                self.plan,
                _CREATED,
                account.native_identity,
                account.name,
                account.digest,
                next(self.ids),
                shaped.user_name,
                shaped.user_name_key,
                shaped.first_name,
                shaped.last_name,
                shaped.display_name,
                shaped.email,
                text,
                None,
                None,
                self._shown(text, values),
                shaped.name_key,
                shaped.purpose,
                invited,
                settled.entry,
                False,
            )
        )

    def _json(self, values: dict[str, Any]) -> str:
        """The values as JSON; a text is the usual case, and a list takes the long way."""
        members, encode = self._members, encode_basestring
        try:
            # what is no text has no JSON form here
            return f"{{{', '.join([members[n] + encode(v) for n, v in values.items()])}}}"
        except TypeError:
            return _encode(values)

    def _compare(
        self,
        account: Scanned,
        known: Known,
        before: Mapping[str, Any],
        values: dict[str, Any],
        shaped: Shaped,
        settled: Settled,
    ) -> None:
        if self._keeps_name:
            key = key_of(known.display_name)
            shaped = shaped._replace(
                display_name=known.display_name,
                name_key=None if key == shaped.user_name_key else key,
            )
        after = _with_columns(values, shaped)
        changed = [n for n in before.keys() | after.keys() if before.get(n) != after.get(n)]
        if account.vanished_at is not None:
            effect = Effect.RESTORED
        elif changed:
            effect = Effect.CHANGED
        else:
            if not self._is_stale(account) and not settled.follows_source:
                return
            effect = Effect.SEEN
        old = {name: before[name] for name in sorted(changed) if name in before}
        new = {name: after[name] for name in sorted(changed) if name in after}
        self.planned.append(
            (
                *(self.plan, effect.value, account.native_identity, account.name),
                *(account.digest, known.id.hex, shaped.user_name, shaped.user_name_key),
                *(shaped.first_name, shaped.last_name, shaped.display_name, shaped.email),
                *(_encode(values), _encode(plain(old)), _encode(plain(new)), None),
                *(shaped.name_key, shaped.purpose),
                self._invites and self._is_invited(before, values),
                *settled,
            )
        )

    def _is_stale(self, account: Scanned) -> bool:
        """Whether the link of an account must learn how the account looks now."""
        return account.digest != account.linked_digest

    def _refuse(self, account: Scanned, problems: Sequence[ValueProblem], shaped: Shaped) -> None:
        found = [
            (
                Problem.TRANSFORM.value if problem.path else Problem.VALUE.value,
                *problem,
            )
            for problem in problems
        ]
        if not shaped.user_name and not any(p.attribute == USER_NAME for p in problems):
            found.append((Problem.MISSING.value, USER_NAME, "", ""))
        identity = uuid_of(account.identity_id)
        self.problems += [
            (
                *(self.plan, self.profile.pk.hex, kind, account.native_identity, account.name),
                *(identity.hex if identity else None, attribute, path[:300], cause[:500]),
                *(shaped.user_name, ""),
            )
            for kind, attribute, path, cause in found
        ]

    def _is_invited(self, before: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        if not values.get(EMAIL):
            return False
        if self.profile.invite_policy == InvitePolicy.ON_CREATION:
            return before is NOTHING
        state = values.get(LIFECYCLE_STATE)
        return state == self.profile.invite_state != before.get(LIFECYCLE_STATE)

    def _shown(self, text: str, values: Mapping[str, Any]) -> str | None:
        """What the audit log may hold of the values; None where that is all of them."""
        if self._is_plain and len(text) < TEXT_LIMIT and text.isascii() and holds_no_secret(text):
            return None
        return _encode(plain(values))


def as_values(known: Known) -> dict[str, Any]:
    """The identity attributes that an identity has, its columns included."""
    values = dict(known.attributes)
    for name, text in (
        (USER_NAME, known.user_name),
        (EMAIL, known.email),
        (LAST_NAME, known.last_name),
        (FIRST_NAME, known.first_name),
        (DISPLAY_NAME, known.display_name),
    ):
        if text:
            values[name] = text
        else:
            values.pop(name, None)
    return values


def _with_columns(values: dict[str, Any], shaped: Shaped) -> dict[str, Any]:
    """The values as `as_values` would find them."""
    return {**values, DISPLAY_NAME: shaped.display_name}
