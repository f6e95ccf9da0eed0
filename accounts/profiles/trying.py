"""Trying a transform that may not be saved yet: its value, each step on the way, or the cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from accounts.profiles.evaluate import MAX_VALUE, AccountSubject
from accounts.profiles.preview import identity_of, other_accounts
from accounts.profiles.specs import library
from accounts.profiles.transforms.base import (
    Account,
    Definition,
    Evaluate,
    Problem,
    Run,
    Subject,
    TransformError,
    TransformType,
    Value,
)
from accounts.profiles.transforms.compile import Compiled, compile_transform
from accounts.profiles.transforms.subject import GivenAccount, GivenSubject
from accounts.profiles.world import ID, Database, values_of
from accounts.sources.models import Source, SourceAccount
from accounts.sources.shape import name_key

MOST_STEPS: Final = 100
"""That are told; a transform may call the same one more often."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one transform within the definition answered."""

    path: str
    label: str
    value: Value
    cause: str = ""
    """Why it has no value."""


@dataclass(slots=True)
class Trial:
    """What became of a definition for one subject."""

    value: Value = None
    path: str = ""
    cause: str = ""
    """Why there is no value, and where."""
    steps: list[Step] = field(default_factory=list)
    notices: Sequence[Problem] = ()
    is_random: bool = False
    """Whether another trial gives another value."""


@dataclass(frozen=True, slots=True)
class TypedSubject(GivenSubject):
    """A subject of typed facts: whichever source is asked for, it has the one account."""

    def accounts(self, source: str) -> Sequence[Account]:
        return tuple(account for found in self.accounts_by_source.values() for account in found)


def typed(
    *, account: Mapping[str, Value], identity: Mapping[str, Value], at: datetime
) -> TypedSubject:
    """A subject with these attributes of its account, and these of its identity."""
    return TypedSubject(now=at, accounts_by_source={"": [GivenAccount(account)]}, identity=identity)


def account_for(source: Source, text: str = "") -> SourceAccount | None:
    """The account with this Account ID or else this Account Name; the first for no text."""
    accounts = SourceAccount.objects.filter(source=source).order_by("native_identity")
    text = text.strip()
    if not text:
        return accounts.first()
    return (
        accounts.filter(native_identity=text).first()
        or accounts.filter(name_key=name_key(text)).first()
    )


def try_out(definition: Definition, *, subject: Subject, given: Value = None) -> Trial:
    """Evaluate a definition for a subject; `given` is the attribute that a mapping would name.

    Raises:
        BadDefinition: it cannot be compiled.
    """
    trial, seen = Trial(), _Watcher()
    compiled = compile_transform(definition, library=library(), watch=seen)
    return _evaluated(trial, compiled, seen, subject, given)


def try_on_account(
    definition: Definition,
    *,
    source: Source,
    account: SourceAccount,
    attribute: str = "",
    at: datetime,
) -> Trial:
    """Evaluate a definition for an account, as a mapping of this attribute would.

    Raises:
        BadDefinition: it cannot be compiled.
    """
    trial, seen = Trial(), _Watcher()
    compiled = compile_transform(definition, library=library(), watch=seen)
    identity = identity_of(account)
    own = frozenset({str(source.pk), source.name})
    read = frozenset(name for name, _attribute in compiled.account_attributes)
    subject = AccountSubject(at, own, Database())
    subject.turn_to(
        account,
        identity={**values_of(identity), ID: identity.pk} if identity else {},
        others=other_accounts(identity, read - own),
    )
    given = account.attributes.get(attribute) if attribute else None
    return _evaluated(trial, compiled, seen, subject, given)


def _evaluated(
    trial: Trial, compiled: Compiled, seen: _Watcher, subject: Subject, given: Value
) -> Trial:
    try:
        trial.value = compiled.evaluate(subject, given)
        _check_fits(trial)
    except TransformError as error:
        trial.path, trial.cause = error.path, error.cause
    trial.steps = list(seen.steps.values())[:MOST_STEPS]
    trial.notices = compiled.notices
    trial.is_random = compiled.uses_randomness
    return trial


def _check_fits(trial: Trial) -> None:
    texts = trial.value if isinstance(trial.value, list) else [trial.value or ""]
    if sum(map(len, texts)) > MAX_VALUE:
        message = _("The value is longer than %(most)d characters: no attribute can hold it.")
        raise TransformError(message % {"most": MAX_VALUE}, path="$")
    if any("\0" in text for text in texts):
        raise TransformError(_("The value holds a character that no text may (U+0000)."), path="$")


class _Watcher:
    """Writes down what each transform answers, in the order in which they finish."""

    def __init__(self) -> None:
        self.steps: dict[str, Step] = {}

    def __call__(self, part: TransformType, path: str, run: Evaluate) -> Evaluate:
        label = str(part.label)

        def watched(at_work: Run, given: Value) -> Value:
            try:
                value = run(at_work, given)
            except TransformError as error:
                if error.path == path:
                    self._add(Step(path, label, None, error.cause))
                raise
            self._add(Step(path, label, value))
            return value

        return watched

    def _add(self, step: Step) -> None:
        self.steps.pop(step.path, None)
        self.steps[step.path] = step
