"""Who is not taken away although their account vanished: what holds for people holds for plans."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.audit.actors import Actor
from accounts.authorization.levels import ADMINISTRATORS
from accounts.authorization.models import LevelAssignment
from accounts.identities import bulk, policies
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing.models import AccountProblem, PlannedEffect
from accounts.profiles.processing.states import Problem


def protect(
    profile: IdentityProfile, planned: QuerySet[PlannedEffect], *, by: Actor, at: datetime
) -> None:
    """Take the Owner, the last administrator and whoever applies the plan out of what it would end.

    Other administrators are disabled here, one by one, so that the next is judged by who is
    left.
    """
    _lock_people(planned)
    actors = Q(identity_id=by.actor_id) if len(by.actor_id) > 30 else Q(pk=None)
    for line in planned.filter(_administers() | actors).order_by("pk"):
        identity = Identity.objects.existing().filter(pk=line.identity_id).first()
        if identity is None:
            continue
        try:
            policies.check_not_oneself(by, identity)
            policies.check_another_administrator_stays(identity)
        except DomainError as error:
            _set_aside(profile, line, identity, error)
        else:
            bulk.disable_all(Identity.objects.filter(pk=identity.pk), by=by, at=at)


def protect_addresses(
    profile: IdentityProfile, planned: QuerySet[PlannedEffect], *, by: Actor
) -> None:
    """Take administrators who may do more than whoever applies the plan out of what would give
    them another e-mail address: links that set their password go there."""
    present = Identity.objects.filter(pk=OuterRef("identity_id")).values("email")
    others = planned.annotate(present_email=Subquery(present)).exclude(present_email=F("email"))
    for line in others.filter(_administers()).order_by("pk"):
        identity = Identity.objects.existing().filter(pk=line.identity_id).first()
        if identity is None:
            continue
        try:
            policies.check_reaches(by, identity)
        except DomainError as error:
            _set_aside(profile, line, identity, error)


def _administers() -> Exists:
    return Exists(
        LevelAssignment.objects.filter(level__in=ADMINISTRATORS, identity=OuterRef("identity_id"))
    )


def _lock_people(planned: QuerySet[PlannedEffect]) -> None:
    """So that none of them becomes an administrator, or the Owner, until this is done."""
    people = Identity.objects.get_queryset().people().registered()
    rows = people.filter(pk__in=planned.values("identity_id")).order_by("pk")
    for _pk in rows.select_for_update(of=("self",)).values_list("pk").iterator():
        pass


def _set_aside(
    profile: IdentityProfile, line: PlannedEffect, identity: Identity, error: DomainError
) -> None:
    AccountProblem.objects.create(
        plan=line.plan,
        profile=profile,
        kind=Problem.PROTECTED,
        native_identity=line.native_identity,
        account_name=line.account_name,
        identity_id=identity.pk,
        cause=error.message,
        user_name=identity.user_name,
    )
    line.delete()
