"""How an identity profile stands to its source, for the pages of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import AttributeMapping, Identity, IdentityProfile, Processing
from accounts.profiles import queries

UNMAPPED = "unmapped"
TO_APPLY = "to_apply"
UP_TO_DATE = "up_to_date"


def states(profiles: Sequence[IdentityProfile]) -> dict[UUID, str]:
    """Of each profile, by its id, the state whose look tells how it is."""
    mapped = set(
        AttributeMapping.objects.filter(profile__in=profiles)
        .values_list("profile_id", flat=True)
        .distinct()
    )
    at_work = dict(
        Processing.objects.unfinished()
        .filter(profile__in=profiles)
        .values_list("profile_id", "state")
    )
    return {p.pk: at_work.get(p.pk) or _at_rest(p, p.pk in mapped) for p in profiles}


def _at_rest(profile: IdentityProfile, is_mapped: bool) -> str:
    if not is_mapped:
        return UNMAPPED
    return TO_APPLY if profile.refresh_required else UP_TO_DATE


@dataclass(frozen=True)
class Pending:
    """What the bar above the pages of a profile, and of its source, says."""

    profile: IdentityProfile
    state: str
    since: datetime | None
    may_manage: bool
    processing: Processing | None
    """The one that is at work or waits for confirmation."""


def pending(profile: IdentityProfile, person: Identity) -> Pending | None:
    """None where nothing has to be done; reads the source of the profile: select it along."""
    state = states([profile])[profile.pk]
    if state == UP_TO_DATE:
        return None
    return Pending(
        profile=profile,
        state=state,
        since=queries.refresh_required_since(profile) if state == TO_APPLY else None,
        may_manage=may(person, Permission.PROFILE_MANAGE),
        processing=Processing.objects.unfinished().filter(profile=profile).first()
        if state not in (UNMAPPED, TO_APPLY)
        else None,
    )
