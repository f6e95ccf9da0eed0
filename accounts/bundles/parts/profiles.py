from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bundles.members import Flag, Free, Member, Number, Rows, Text, in_order
from accounts.bundles.parts.base import Part, Run, Thing
from accounts.lib.errors import DomainError
from accounts.profiles import actions
from accounts.profiles.importing import MissingParts
from accounts.profiles.lifecycle_states import actions as states
from accounts.profiles.lifecycle_states import queries as state_queries
from accounts.profiles.lifecycle_states.actions import MOST_STATES
from accounts.profiles.lifecycle_states.models import LifecycleState
from accounts.profiles.mappings import MOST_MAPPINGS, MappingDraft, set_mappings
from accounts.profiles.models import AttributeMapping, IdentityProfile, InvitePolicy, Transform
from accounts.sources.models import Source

STATE_MEMBERS: Final[dict[str, Member]] = {
    "technical_name": Text(gettext_lazy("Technical name")),
    "name": Text(gettext_lazy("Name")),
    "is_enabled": Flag(gettext_lazy("Enabled")),
    "description": Text(gettext_lazy("Description")),
    "identity_state": Text(gettext_lazy("Identity state")),
    "on_entry": Text(gettext_lazy("On entry")),
    "priority": Number(gettext_lazy("Priority")),
}
MAPPING_MEMBERS: Final[dict[str, Member]] = {
    "attribute": Text(gettext_lazy("Identity attribute")),
    "source": Text(gettext_lazy("Source"), optional=True),
    "source_attribute": Text(gettext_lazy("Attribute")),
    "transform": Text(gettext_lazy("Transform"), optional=True),
    "definition": Free(gettext_lazy("Definition"), optional=True),
}


class OtherProfile(DomainError):
    """The profile that is here makes other things, or of another source."""

    code = "other_profile"


class Profiles(Part):
    """Identity profiles with their mappings and life-cycle states; sources and transforms by name.

    A mapping without a source reads that of the profile.
    """

    label = gettext_lazy("Identity profiles")
    members = {
        "name": Text(gettext_lazy("Name")),
        "source": Text(gettext_lazy("Source")),
        "kind": Text(gettext_lazy("Makes")),
        "description": Text(gettext_lazy("Description")),
        "owner": Text(gettext_lazy("Owner"), optional=True),
        "priority": Number(gettext_lazy("Priority")),
        "invite_policy": Text(gettext_lazy("Invitations")),
        "invite_state": Text(gettext_lazy("Invited on entering")),
        "vanished_policy": Text(gettext_lazy("When the account is gone")),
        "lifecycle_states": Rows(
            gettext_lazy("Life-cycle states"), "technical_name", STATE_MEMBERS, MOST_STATES
        ),
        "mappings": Rows(gettext_lazy("Mappings"), "attribute", MAPPING_MEMBERS, MOST_MAPPINGS),
    }

    def present(self) -> list[Thing]:
        found = IdentityProfile.objects.existing().select_related("source", "owner")
        return [_thing(profile) for profile in found.order_by("name")]

    def take(self, things: Sequence[Thing], run: Run) -> None:
        for thing in things:
            with run.taking(thing["name"]):
                _take(thing, run)


def _thing(profile: IdentityProfile) -> Thing:
    rows = profile.mappings.select_related("source", "transform").order_by("position", "pk")
    return {
        "name": profile.name,
        "source": profile.source.name,
        "kind": profile.kind,
        "description": profile.description,
        "owner": profile.owner.user_name if profile.owner else None,
        "priority": profile.priority,
        "invite_policy": profile.invite_policy,
        "invite_state": profile.invite_state,
        "vanished_policy": profile.vanished_policy,
        "lifecycle_states": [
            {name: getattr(state, name) for name in STATE_MEMBERS}
            for state in state_queries.of(profile)
        ],
        "mappings": [_mapping(row) for row in rows],
    }


def _mapping(row: AttributeMapping) -> Thing:
    return {
        "attribute": row.attribute,
        "source": row.source.name if row.source else None,
        "source_attribute": row.source_attribute,
        "transform": row.transform.name if row.transform else None,
        "definition": in_order(row.definition),
    }


def _take(thing: Thing, run: Run) -> None:
    sources = {row.name: row for row in Source.objects.existing()}
    transforms = {row.name: row for row in Transform.objects.all()}
    _check_parts(thing, sources, transforms)
    existing = IdentityProfile.objects.existing().select_related("source")
    profile, owned = run.owned(existing, thing)
    details = actions.Details(
        **owned,
        priority=thing["priority"],
        invite_policy=thing["invite_policy"],
        invite_state=thing["invite_state"],
        vanished_policy=thing["vanished_policy"],
    )
    is_new = profile is None
    if profile is None:
        # its life-cycle states come next, and only then can it invite on one of them
        first = replace(details, invite_policy=InvitePolicy.BY_HAND, invite_state="")
        source = sources[thing["source"]]
        profile = actions.create(
            by=run.by, source=source, kind=thing["kind"], details=first, at=run.at
        )
    elif profile.source.name != thing["source"] or profile.kind != thing["kind"]:
        message = _(
            "The profile of this name that is here has the source “%(source)s” and makes "
            "“%(kind)s”, which never changes: rename one of them."
        )
        raise OtherProfile(message % {"source": profile.source, "kind": profile.kind})
    _take_states(profile, thing["lifecycle_states"], run, remove_others=is_new)
    profile = actions.edit(
        by=run.by, profile=profile, details=details, revision=profile.revision, at=run.at
    )
    _disable_states(profile, thing["lifecycle_states"], run)
    _take_mappings(profile, thing, sources, transforms, run)


def _check_parts(
    thing: Thing, sources: dict[str, Source], transforms: dict[str, Transform]
) -> None:
    named = {thing["source"]} | {row["source"] for row in thing["mappings"] if row["source"]}
    used = {row["transform"] for row in thing["mappings"] if row["transform"]}
    if (named - sources.keys()) or (used - transforms.keys()):
        raise MissingParts(sorted(named - sources.keys()), sorted(used - transforms.keys()))


def _take_states(
    profile: IdentityProfile, rows: list[Thing], run: Run, *, remove_others: bool
) -> None:
    """`remove_others` takes away those that a new profile begins with."""
    wanted = {row["technical_name"] for row in rows}
    there = {state.technical_name: state for state in state_queries.of(profile)}
    for name in there.keys() - wanted if remove_others else ():
        states.remove(by=run.by, state=there.pop(name), at=run.at)
    for row in rows:
        draft = states.Draft(
            name=row["name"],
            description=row["description"],
            identity_state=row["identity_state"],
            on_entry=row["on_entry"],
            priority=row["priority"],
        )
        state = there.get(row["technical_name"])
        if state is None:
            technical_name = row["technical_name"]
            state = states.add(
                by=run.by, profile=profile, technical_name=technical_name, draft=draft, at=run.at
            )
        else:
            revision = state.revision
            state = states.edit(by=run.by, state=state, draft=draft, revision=revision, at=run.at)
        if row["is_enabled"]:
            states.set_enabled(by=run.by, state=state, enabled=True, at=run.at)


def _disable_states(profile: IdentityProfile, rows: list[Thing], run: Run) -> None:
    """After the settings: a state on which the profile invited until now can be disabled then."""
    off = [row["technical_name"] for row in rows if not row["is_enabled"]]
    for state in LifecycleState.objects.filter(profile=profile, technical_name__in=off):
        states.set_enabled(by=run.by, state=state, enabled=False, at=run.at)


def _take_mappings(
    profile: IdentityProfile,
    thing: Thing,
    sources: dict[str, Source],
    transforms: dict[str, Transform],
    run: Run,
) -> None:
    named = {row["attribute"] for row in thing["mappings"]}
    old = profile.mappings.select_related("source", "transform").order_by("position", "pk")
    only_here = [_mapping(row) for row in old if row.attribute not in named]
    drafts = [
        MappingDraft(
            attribute=row["attribute"],
            source_attribute=row["source_attribute"],
            source=sources[row["source"]] if row["source"] else None,
            transform=transforms[row["transform"]] if row["transform"] else None,
            definition=row["definition"],
        )
        for row in [*thing["mappings"], *only_here]
    ]
    set_mappings(by=run.by, profile=profile, drafts=drafts, revision=profile.revision, at=run.at)
