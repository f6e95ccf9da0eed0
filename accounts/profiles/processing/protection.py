"""Who is not taken away although their account vanished: what holds for people holds for plans."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.audit.actors import Actor
from accounts.authorization.levels import ADMIN
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
    """Take the last administrator, and whoever applies the plan, out of what it would end.

    Other administrators are disabled here, one by one, so that the next is judged by who is
    left.
    """
    holds = LevelAssignment.objects.filter(level=ADMIN, identity=OuterRef("identity_id"))
    actors = Q(identity_id=by.actor_id) if len(by.actor_id) > 30 else Q(pk=None)
    for line in planned.filter(Exists(holds) | actors).order_by("pk"):
        identity = Identity.objects.existing().filter(pk=line.identity_id).first()
        if identity is None:
            continue
        try:
            policies.check_not_oneself(by, identity)
            policies.check_another_administrator_stays(identity)
        except DomainError as error:
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
        else:
            bulk.disable_all(Identity.objects.filter(pk=identity.pk), by=by, at=at)
