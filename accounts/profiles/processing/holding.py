"""Why a person has to look at a plan that would else be applied by itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.authorization.models import LevelAssignment
from accounts.identities.models import Identity
from accounts.imports.thresholds import removable
from accounts.profiles.processing.models import PlannedEffect, Processing
from accounts.profiles.processing.states import LOSING, Effect
from accounts.service_accounts.models import ServiceAccount
from accounts.sources.models import Source

REWRITING: Final = (Effect.CHANGED, Effect.RESTORED, Effect.TAKEN_OVER)
"""Effects that give an identity the values of the source."""

HOLDS_LEVELS: Final = LevelAssignment.objects.filter(identity=OuterRef("identity_id"))
"""Of the identity that a planned effect is about."""


def reason(processing: Processing, source: Source) -> str:
    """What there is to look at, in sentences; empty where nobody has to be asked."""
    found = (_lost(processing, source), _levels(processing), _addresses(processing))
    return " ".join(filter(None, found))


def _lost(processing: Processing, source: Source) -> str:
    vanished = sum(processing.count(effect) for effect in LOSING)
    lost = vanished + processing.disabled_by_state
    allowed = removable(source.account_count + vanished, source.delete_threshold_percent)
    if lost <= allowed:
        return ""
    return _("%(lost)d identities would be lost, and %(allowed)d may be without confirmation.") % {
        "lost": lost,
        "allowed": allowed,
    }


def _levels(processing: Processing) -> str:
    """Who writes the source could else put administrators out, one by one."""
    count = _planned(processing, LOSING).filter(Exists(HOLDS_LEVELS)).count()
    if not count:
        return ""
    return ngettext(
        "%(count)d identity that holds user levels would be disabled or removed.",
        "%(count)d identities that hold user levels would be disabled or removed.",
        count,
    ) % {"count": count}


def _addresses(processing: Processing) -> str:
    """Who writes the source could else have the link for another's new password."""
    present = Identity.objects.filter(pk=OuterRef("identity_id")).values("email")
    owns = ServiceAccount.objects.existing().filter(owner=OuterRef("identity_id"))
    count = (
        _planned(processing, REWRITING)
        .filter(Exists(HOLDS_LEVELS) | Exists(owns))
        .annotate(present_email=Subquery(present))
        .exclude(present_email=F("email"))
        .count()
    )
    if not count:
        return ""
    return ngettext(
        "%(count)d identity that holds user levels or owns service accounts would get another "
        "e-mail address, where links for new passwords go.",
        "%(count)d identities that hold user levels or own service accounts would get other "
        "e-mail addresses, where links for new passwords go.",
        count,
    ) % {"count": count}


def _planned(processing: Processing, effects: Collection[Effect]) -> QuerySet[PlannedEffect]:
    assert processing.plan is not None
    return PlannedEffect.objects.filter(plan=processing.plan, effect__in=effects)
