"""What a profile would make of one account, with mappings that may not be saved yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.identities.models import Identity
from accounts.profiles.attributes import LIFECYCLE_STATE, AttributeInfo, known
from accounts.profiles.evaluate import AccountSubject, CompiledProfile, Evaluated, ValueProblem
from accounts.profiles.lifecycle_states.settling import States, said_in, states_for, unknown_message
from accounts.profiles.mappings import MappingDraft, rows_of
from accounts.profiles.models import IdentityAccount, IdentityProfile
from accounts.profiles.processing.scan import sources_named, their_accounts
from accounts.profiles.shape import SHAPERS
from accounts.profiles.specs import compiled
from accounts.profiles.transforms.base import Account, BadDefinition
from accounts.profiles.world import ID, Database, values_of
from accounts.sources.models import Source, SourceAccount


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
    [seen] = previews(profile, [account], at=at, drafts=drafts)
    return seen


def previews(
    profile: IdentityProfile,
    accounts: Sequence[SourceAccount],
    *,
    at: datetime,
    drafts: Sequence[MappingDraft] | None = None,
) -> list[Preview]:
    """The same for several accounts of the source, in their order, with the statements of one.

    Raises:
        BadMapping, BadDefinition: as `preview` does.
    """
    rows = None if drafts is None else rows_of(profile, drafts)
    ready = compiled(profile, rows)
    identities = identities_of(profile.source, accounts)
    others = accounts_elsewhere(list(identities.values()), ready.other_sources)
    stage = _Stage.of(profile, ready)
    stage.states.turn_to([identity.pk for identity in identities.values()])
    subject = ready.subject(at, Database())
    found = []
    for account in accounts:
        identity = identities.get(account.native_identity)
        _turn(subject, account, identity, others.get(identity.pk, {}) if identity else {})
        found.append(stage.show(account, identity, subject))
    return found


@dataclass(frozen=True)
class _Stage:
    """What all accounts of one look have in common."""

    profile: IdentityProfile
    ready: CompiledProfile
    mapped: frozenset[str]
    states: States
    labels: Mapping[str, AttributeInfo]

    @staticmethod
    def of(profile: IdentityProfile, ready: CompiledProfile) -> _Stage:
        mapped = frozenset(step.attribute for step in ready.steps)
        return _Stage(profile, ready, mapped, states_for(profile, mapped), known())

    def show(
        self, account: SourceAccount, identity: Identity | None, subject: AccountSubject
    ) -> Preview:
        before = values_of(identity) if identity else {}
        values, problems = self.ready.evaluate(subject, account.attributes)
        self.states.unknown.clear()
        self.states.settle(values, before, problems, identity.pk if identity else None)
        shaped = SHAPERS[self.profile.kind](values, problems, self.mapped)
        errors: dict[str, list[str]] = {}
        for problem in problems:
            said = f"{problem.path}: {problem.cause}" if problem.path else problem.cause
            errors.setdefault(problem.attribute, []).append(said)
        for said in self.states.unknown:
            errors.setdefault(LIFECYCLE_STATE, []).append(unknown_message(said))
        names = [step.attribute for step in self.ready.steps]
        names += [name for name in errors if name not in names]
        return Preview(
            account=account,
            identity=identity,
            values=[
                PreviewedValue(
                    name=name,
                    label=str(self.labels[name].label) if name in self.labels else name,
                    value=values.get(name),
                    previous_value=before.get(name),
                    error_messages=errors.get(name, []),
                )
                for name in sorted(names, key=_in_order(names, list(self.labels)))
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
    _turn(subject, account, identity, other_accounts(identity, ready.other_sources))
    return ready.evaluate(subject, account.attributes)


def _turn(
    subject: AccountSubject,
    account: SourceAccount,
    identity: Identity | None,
    others: Mapping[str, Sequence[Account]],
) -> None:
    before = {**values_of(identity), ID: identity.pk} if identity else {}
    subject.turn_to(account, identity=before, others=others)


def _in_order(names: Sequence[str], labels: Sequence[str]) -> Any:
    """As the Mappings tab lists them: attributes in the order of the registry."""
    return lambda name: (
        labels.index(name) if name in labels else len(labels),
        names.index(name),
    )


def identities_of(source: Source, accounts: Sequence[SourceAccount]) -> dict[str, Identity]:
    """Whose the accounts of a source are, by Account ID; those of nobody are left out."""
    links = IdentityAccount.objects.filter(
        source=source,
        native_identity__in=[account.native_identity for account in accounts],
        identity__deleted_at=None,
    )
    return {link.native_identity: link.identity for link in links.select_related("identity")}


def identity_of(account: SourceAccount) -> Identity | None:
    """Who an account belongs to, if anybody."""
    return identities_of(account.source, [account]).get(account.native_identity)


def accounts_elsewhere(
    identities: Sequence[Identity], names: frozenset[str]
) -> dict[UUID, dict[str, list[Account]]]:
    """The accounts of identities on other sources, by whatever name the source is called."""
    sources = sources_named(names)
    if not identities or not sources:
        return {}
    return their_accounts([identity.pk for identity in identities], sources)


def other_accounts(identity: Identity | None, names: frozenset[str]) -> dict[str, list[Account]]:
    """Those of one identity, if there is one."""
    if identity is None:
        return {}
    return accounts_elsewhere([identity], names).get(identity.pk, {})
