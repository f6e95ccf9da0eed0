"""What a profile would make of one account, with mappings that may not be saved yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.identities.models import Identity
from accounts.profiles.attributes import LIFECYCLE_STATE, known
from accounts.profiles.evaluate import CompiledProfile, Evaluated, ValueProblem
from accounts.profiles.lifecycle_states.settling import said_in, states_for, unknown_message
from accounts.profiles.mappings import MappingDraft, rows_of
from accounts.profiles.models import IdentityAccount, IdentityProfile
from accounts.profiles.processing.scan import sources_named, their_accounts
from accounts.profiles.shape import SHAPERS
from accounts.profiles.specs import compiled
from accounts.profiles.transforms.base import Account, BadDefinition
from accounts.profiles.world import ID, Database, values_of
from accounts.sources.models import SourceAccount


@dataclass(frozen=True)
class PreviewedValue:
    """One attribute, as `previewAttributes` of the vendor has it."""

    name: str
    label: str
    value: Any
    previous_value: Any
    error_messages: list[str]

    @property
    def is_changed(self) -> bool:
        return bool(self.value != self.previous_value)


@dataclass(frozen=True)
class Preview:
    """What one account would become."""

    account: SourceAccount
    identity: Identity | None
    """The identity that it has."""
    values: list[PreviewedValue]
    problems: list[ValueProblem]
    user_name: str
    display_name: str
    is_complete: bool
    """Whether there are a user name, an e-mail address and a last name."""

    @property
    def has_errors(self) -> bool:
        return any(value.error_messages for value in self.values)


def preview(
    profile: IdentityProfile,
    account: SourceAccount,
    *,
    at: datetime,
    drafts: Sequence[MappingDraft] | None = None,
) -> Preview:
    """Evaluate an account of the profile's source; `drafts` are mappings as the form has them.

    Raises:
        BadMapping, BadDefinition: the drafts cannot be used as they are.
    """
    rows = None if drafts is None else rows_of(profile, drafts)
    ready = compiled(profile, rows)
    identity = identity_of(account)
    before = values_of(identity) if identity else {}
    values, problems = _evaluated(ready, account, identity, at)
    mapped = frozenset(step.attribute for step in ready.steps)
    states = states_for(profile, mapped)
    states.turn_to([identity.pk] if identity else [])
    states.settle(values, before, problems, identity.pk if identity else None)
    shaped = SHAPERS[profile.kind](values, problems, mapped)
    errors: dict[str, list[str]] = {}
    for problem in problems:
        said = f"{problem.path}: {problem.cause}" if problem.path else problem.cause
        errors.setdefault(problem.attribute, []).append(said)
    for said in states.unknown:
        errors.setdefault(LIFECYCLE_STATE, []).append(unknown_message(said))
    labels = known()
    names = [step.attribute for step in ready.steps]
    names += [name for name in errors if name not in names]
    return Preview(
        account=account,
        identity=identity,
        values=[
            PreviewedValue(
                name=name,
                label=str(labels[name].label) if name in labels else name,
                value=values.get(name),
                previous_value=before.get(name),
                error_messages=errors.get(name, []),
            )
            for name in sorted(names, key=_in_order(names, list(labels)))
        ],
        problems=problems,
        user_name=shaped.user_name,
        display_name=shaped.display_name,
        is_complete=bool(shaped.user_name and shaped.email and shaped.last_name),
    )


def said_by_source(profile: IdentityProfile, account: SourceAccount | None, *, at: datetime) -> str:
    """The life-cycle state that the mappings make of an account, whatever a person has set."""
    if account is None:
        return ""
    try:
        ready = compiled(profile)
    except BadDefinition:
        return ""
    return said_in(_evaluated(ready, account, identity_of(account), at).values, [])


def _evaluated(
    ready: CompiledProfile, account: SourceAccount, identity: Identity | None, at: datetime
) -> Evaluated:
    subject = ready.subject(at, Database())
    subject.turn_to(
        account,
        identity={**values_of(identity), ID: identity.pk} if identity else {},
        others=other_accounts(identity, ready.other_sources),
    )
    return ready.evaluate(subject, account.attributes)


def _in_order(names: Sequence[str], labels: Sequence[str]) -> Any:
    """As the Mappings tab lists them: attributes in the order of the registry."""
    return lambda name: (
        labels.index(name) if name in labels else len(labels),
        names.index(name),
    )


def identity_of(account: SourceAccount) -> Identity | None:
    """Who an account belongs to, if anybody."""
    link = (
        IdentityAccount.objects.filter(
            source=account.source_id, native_identity=account.native_identity
        )
        .select_related("identity")
        .first()
    )
    return link.identity if link is not None and link.identity.deleted_at is None else None


def other_accounts(identity: Identity | None, names: frozenset[str]) -> dict[str, list[Account]]:
    """The accounts of an identity on other sources, by whatever name the source is called."""
    sources = sources_named(names)
    if identity is None or not sources:
        return {}
    return their_accounts([identity.pk], sources).get(identity.pk, {})
