"""What somebody leaves behind who is disabled or deleted: what they manage, and what waits for
them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.identities import queries as identities
from accounts.models import AccessRequest, Approval, Group, Identity

SHOWN: Final = 20


@dataclass(frozen=True)
class Left:
    """Some things of one kind: those that this person sees, and how many there are beside."""

    title: str
    items: list[tuple[str, str]]
    """Each as its name and address."""
    more: int
    text: str
    """What becomes of them."""


def left_behind(identity: Identity, *, person: Identity, now: datetime) -> list[Left]:
    return [
        left for left in (_people(identity, person), _groups(identity, person)) if left is not None
    ] + _approvals(identity, person, now)


def _people(identity: Identity, person: Identity) -> Left | None:
    reports = Identity.objects.get_queryset().filter(manager=identity, deleted_at=None)
    count = reports.count()
    if not count:
        return None
    title = ngettext(
        "%(count)d person or service account has them for a manager",
        "%(count)d people or service accounts have them for a manager",
        count,
    )
    text = _(
        "Until these have another manager, what they ask for is decided by the manager of the "
        "group that it is about, or by an administrator."
    )
    seen = identities.visible_to(person).filter(pk__in=reports.values("pk"))
    return _left(title, count, seen.order_by("display_name", "pk"), "identities:detail", text)


def _groups(identity: Identity, person: Identity) -> Left | None:
    groups = Group.objects.filter(manager=identity)
    count = groups.count()
    if not count:
        return None
    title = ngettext(
        "%(count)d group has them for a manager", "%(count)d groups have them for a manager", count
    )
    text = _("Until another manager is named, administrators alone change who belongs.")
    seen = Group.objects.visible_to(person).filter(pk__in=groups.values("pk"))
    return _left(title, count, seen.order_by("name", "pk"), "groups:detail", text)


def _approvals(identity: Identity, person: Identity, now: datetime) -> list[Left]:
    waiting = Approval.objects.waiting().filter(approver=identity)
    requests = AccessRequest.objects.filter(pk__in=waiting.values("request"))
    count = requests.count()
    if not count:
        return []
    title = ngettext(
        "%(count)d request waits for their decision",
        "%(count)d requests wait for their decision",
        count,
    )
    text = _("Administrators are asked in their place.")
    seen = AccessRequest.objects.visible_to(person, now).filter(pk__in=requests.values("pk"))
    return [_left(title, count, seen.order_by("asked_at", "pk"), "requests:detail", text)]


def _left(title: str, count: int, seen: QuerySet[Any], page: str, text: str) -> Left:
    items = [(str(each), reverse(page, args=[each.pk])) for each in seen[:SHOWN]]
    return Left(title % {"count": count}, items, max(count - len(items), 0), text)
