"""What cannot wait, each with its reason and the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import gui_access
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import policies, queries
from accounts.service_accounts.states import StatusFilter
from console.ui import times
from tokens.models import KeyPickup
from tokens.service_accounts.overview import EndingKey, Glance, Refused, living_by_token

SHOWN = 8
LOOKED_AT = 200
"""Accounts of an owner."""


@dataclass(frozen=True)
class Matter:
    """One thing that needs somebody, and why."""

    name: str
    page: str
    """Its own page."""
    tone: str
    icon: str
    text: str
    url: str
    """Where it is mended, or at least explained."""
    action: str


def matters(glance: Glance, now: datetime, *, person: Identity) -> list[Matter]:
    """The worst of each account: what has stopped, what will, what is refused, who has no owner."""
    may_manage = policies.may_manage(person)
    found = [_ending(key, now, may_manage) for key in glance.ending_keys]
    found += [_without_key(each, may_manage) for each in glance.without_key]
    # what waits for oneself stands above all of this
    found += [_offered(each) for each in glance.offered if each.owner_id != person.pk]
    found += [_refused(each, now) for each in glance.refused]
    if not may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL):
        bare = [each for each in _of(person, now) if not each.scopes]
        by_token = living_by_token([each.pk for each in bare], now)
        found += [_without_scopes(each) for each in bare if each.pk not in by_token]
    found += [_without_owner(each, may_manage) for each in glance.without_owner]
    found += [_owner_left(each, may_manage) for each in glance.owner_left]
    found += [
        _ready(each)
        for each in glance.ready_for_programs
        if gui_access.may_remove(person, each.identity)
    ]
    worst_of: dict[str, Matter] = {}
    for matter in found:
        worst_of.setdefault(matter.page, matter)
    return list(worst_of.values())[:SHOWN]


def _page(account: ServiceAccount) -> str:
    return reverse("service_accounts:detail", args=[account.pk])


def _of(person: Identity, now: datetime) -> list[ServiceAccount]:
    """The working accounts of an owner; enough of them to find some that lack something."""
    mine = queries.visible_to(person).in_status(StatusFilter.ACTIVE, now)
    return list(mine.order_by("name", "pk")[:LOOKED_AT])


def _ending(key: EndingKey, now: datetime, may_manage: bool) -> Matter:
    has_ended = key.ends_at <= now
    if not has_ended:
        text = _("Its last key ends %(when)s.")
    elif key.has_token:
        text = _("Its last key ended %(when)s: only its personal access tokens work.")
    else:
        text = _("Its last key ended %(when)s: no token can be had.")
    page = "credentials:regenerate" if may_manage else "service_accounts:keys"
    return Matter(
        name=key.account.name,
        page=_page(key.account),
        tone="danger" if has_ended and not key.has_token else "notice",
        icon="key-round",
        text=text % {"when": times.relative(key.ends_at, now)},
        url=reverse(page, args=[key.account.pk]),
        action=_("Regenerate Key") if may_manage else _("See its keys"),
    )


def _without_key(account: ServiceAccount, may_manage: bool) -> Matter:
    page = "credentials:regenerate" if may_manage else "service_accounts:keys"
    return Matter(
        name=account.name,
        page=_page(account),
        tone="danger",
        icon="key-round",
        text=_("It has no usable key: no token can be had."),
        url=reverse(page, args=[account.pk]),
        action=_("Regenerate Key") if may_manage else _("See its keys"),
    )


def _offered(offer: KeyPickup) -> Matter:
    account, until = offer.identity.service_account, times.exact(offer.expires_at)
    text = _("It has no key until %(name)s downloads the one that was offered, by %(until)s.")
    return Matter(
        name=account.name,
        page=_page(account),
        tone="notice",
        icon="key-round",
        text=text % {"name": offer.owner.display_name, "until": until},
        url=reverse("service_accounts:keys", args=[account.pk]),
        action=_("See its keys"),
    )


def _without_scopes(account: ServiceAccount) -> Matter:
    return Matter(
        name=account.name,
        page=_page(account),
        tone="notice",
        icon="key-round",
        text=_("It has no scopes: a token request must ask for one."),
        url=reverse("service_accounts:scopes", args=[account.pk]),
        action=_("See its scopes"),
    )


def _refused(found: Refused, now: datetime) -> Matter:
    text = ngettext(
        "Refused once in the last 24 hours, %(when)s: %(reason)s",
        "Refused %(count)d times in the last 24 hours, the last time %(when)s: %(reason)s",
        found.count,
    )
    return Matter(
        name=found.account.name,
        page=_page(found.account),
        tone="notice",
        icon="circle-x",
        text=text
        % {
            "count": found.count,
            "when": times.relative(found.last.at, now),
            "reason": found.last.reason,
        },
        url=reverse("service_accounts:activity", args=[found.account.pk]) + "?show=refused",
        action=_("See the refusals"),
    )


def _without_owner(account: ServiceAccount, may_manage: bool) -> Matter:
    page = "service_accounts:edit" if may_manage else "service_accounts:detail"
    return Matter(
        name=account.name,
        page=_page(account),
        tone="notice",
        icon="user-round-x",
        text=_("Nobody answers for it."),
        url=reverse(page, args=[account.pk]),
        action=_("Choose an owner") if may_manage else _("Look at it"),
    )


def _owner_left(account: ServiceAccount, may_manage: bool) -> Matter:
    owner = account.owner
    waits = owner is not None and owner.is_active
    page = "service_accounts:edit" if may_manage and not waits else "service_accounts:detail"
    name = {"name": owner.display_name if owner else ""}
    text = (
        _("Its owner left. %(name)s owns it now, and has not confirmed that yet.")
        if waits
        else _("Its owner left, %(name)s, and there is nobody to own it.")
    )
    return Matter(
        name=account.name,
        page=_page(account),
        tone="notice",
        icon="user-round-minus",
        text=text % name,
        url=reverse(page, args=[account.pk]),
        action=_("Look at it") if waits or not may_manage else _("Choose an owner"),
    )


def _ready(account: ServiceAccount) -> Matter:
    return Matter(
        name=account.name,
        page=_page(account),
        tone="info",
        icon="monitor-off",
        text=_("A program uses it, and it can still sign in."),
        url=reverse("service_accounts:remove_gui_access", args=[account.pk]),
        action=_("Remove GUI access"),
    )
