"""Why a person has to look at a plan that would else be applied by itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit.plain import one_line
from accounts.authorization.models import LevelAssignment
from accounts.groups.models import Membership
from accounts.identities.models import Identity
from accounts.imports.thresholds import removable
from accounts.profiles.attributes import USER_NAME
from accounts.profiles.processing.models import PlannedEffect, Processing
from accounts.profiles.processing.states import LOSING, Effect
from accounts.roles.models import RoleAssignment
from accounts.service_accounts.models import ServiceAccount
from accounts.sources.models import Source

REWRITING: Final = (Effect.CHANGED, Effect.RESTORED, Effect.TAKEN_OVER)
"""Effects that give an identity the values of the source."""

NAMES_SHOWN: Final = 2
_THEIRS: Final = {"identity": OuterRef("identity_id")}
HAS_RIGHTS: Final = (
    Exists(LevelAssignment.objects.filter(**_THEIRS))
    | Exists(RoleAssignment.objects.filter(**_THEIRS))
    | Exists(Membership.objects.filter(**_THEIRS))
)
"""Of the identity that a planned effect is about: by a user level, a role or a group."""


def reason(processing: Processing, source: Source) -> str:
    """What there is to look at, in sentences; empty where nobody has to be asked."""
    found = (
        _lost(processing, source),
        _levels(processing),
        _addresses(processing),
        _names(processing),
    )
    return " ".join(filter(None, found))


def _lost(processing: Processing, source: Source) -> str:
    vanished = sum(processing.count(effect) for effect in LOSING)
    lost = vanished + processing.disabled_by_state
    allowed = removable(source.account_count + vanished, source.delete_threshold_percent)
    if lost <= allowed:
        return ""
    removed = processing.count(Effect.REMOVED)
    if removed == lost:
        said = ngettext(
            "%(lost)d identity would be removed, and %(allowed)d may be without confirmation.",
            "%(lost)d identities would be removed, and %(allowed)d may be without confirmation.",
            lost,
        )
    elif removed:
        said = _(
            "%(lost)d identities would be disabled or removed, and %(allowed)d may be without "
            "confirmation."
        )
    else:
        said = ngettext(
            "%(lost)d identity would be disabled, and %(allowed)d may be without confirmation.",
            "%(lost)d identities would be disabled, and %(allowed)d may be without confirmation.",
            lost,
        )
    return said % {"lost": lost, "allowed": allowed}


def _levels(processing: Processing) -> str:
    """Who writes the source could else put administrators out, one by one."""
    count = _planned(processing, LOSING).filter(HAS_RIGHTS).count()
    if not count:
        return ""
    return ngettext(
        "%(count)d identity that holds user levels or roles would be disabled or removed.",
        "%(count)d identities that hold user levels or roles would be disabled or removed.",
        count,
    ) % {"count": count}


def _addresses(processing: Processing) -> str:
    """Who writes the source could else have the link for another's new password."""
    present = Identity.objects.filter(pk=OuterRef("identity_id")).values("email")
    owns = ServiceAccount.objects.existing().filter(owner=OuterRef("identity_id"))
    count = (
        _planned(processing, REWRITING)
        .filter(HAS_RIGHTS | Exists(owns))
        .annotate(present_email=Subquery(present))
        .exclude(present_email=F("email"))
        .count()
    )
    if not count:
        return ""
    return ngettext(
        "%(count)d identity that holds user levels or roles or owns service accounts would get "
        "another e-mail address, where links for new passwords go.",
        "%(count)d identities that hold user levels or roles or own service accounts would get "
        "other e-mail addresses, where links for new passwords go.",
        count,
    ) % {"count": count}


def _names(processing: Processing) -> str:
    """Whoever has set a password would else find their user name refused one morning."""
    found = signing_in_otherwise(_planned(processing, REWRITING))
    count = found.count()
    if not count:
        return ""
    first = found.order_by("pk").values_list("present_name", "user_name")[:NAMES_SHOWN]
    names = ", ".join(f"{one_line(old, 40)} → {one_line(new, 40)}" for old, new in first)
    return ngettext(
        "%(count)d registered identity signs in under another name afterwards: %(names)s.",
        "%(count)d registered identities sign in under other names afterwards, such as %(names)s.",
        count,
    ) % {"count": count, "names": names}


def signing_in_otherwise(planned: QuerySet[PlannedEffect]) -> QuerySet[Any]:
    """Of planned effects, those after which somebody who has set a password has another user name.

    Each has it as it is now as `present_name`.
    """
    registered = Identity.objects.existing().registered().filter(pk=OuterRef("identity_id"))
    return (
        # few plans change any name: what tells that is read before the identities are
        planned.filter(effect__in=REWRITING, after__contains=f'"{USER_NAME}": ')
        .annotate(present_name=Subquery(registered.values("user_name")))
        .exclude(present_name=None)
        .exclude(present_name=F("user_name"))
    )


def _planned(processing: Processing, effects: Collection[Effect]) -> QuerySet[PlannedEffect]:
    assert processing.plan is not None
    return PlannedEffect.objects.filter(plan=processing.plan, effect__in=effects)
