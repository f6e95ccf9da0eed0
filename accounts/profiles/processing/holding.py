"""Why a person has to look at a plan that would else be applied by itself."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, F, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.authorization.models import LevelAssignment
from accounts.identities.models import Identity
from accounts.imports.thresholds import removable
from accounts.profiles.processing.models import PlannedEffect, Processing
from accounts.profiles.processing.states import LOSING, Effect
from accounts.sources.models import Source

REWRITING: Final = (Effect.CHANGED, Effect.RESTORED, Effect.TAKEN_OVER)
"""Effects that give an identity the values of the source."""


def reason(processing: Processing, source: Source) -> str:
    """What there is to look at, in sentences; empty where nobody has to be asked."""
    return " ".join(filter(None, (_lost(processing, source), _addresses(processing))))


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


def _addresses(processing: Processing) -> str:
    """Who writes the source could else have the link for an administrator's new password."""
    assert processing.plan is not None
    present = Identity.objects.filter(pk=OuterRef("identity_id")).values("email")
    count = (
        PlannedEffect.objects.filter(plan=processing.plan, effect__in=REWRITING)
        .filter(Exists(LevelAssignment.objects.filter(identity=OuterRef("identity_id"))))
        .annotate(present_email=Subquery(present))
        .exclude(present_email=F("email"))
        .count()
    )
    if not count:
        return ""
    return ngettext(
        "%(count)d identity that holds user levels would get another e-mail address, where links "
        "for new passwords go.",
        "%(count)d identities that hold user levels would get other e-mail addresses, where links "
        "for new passwords go.",
        count,
    ) % {"count": count}
