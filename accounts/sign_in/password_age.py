"""How old a password may get: whose is too old, who is exempt, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.identities import notices
from accounts.identities.models import Identity, IdentityKind
from accounts.sign_in import rules
from accounts.sign_in.rules import Rules

WARNED_BEFORE: Final = timedelta(days=7)
AT_ONCE: Final = 500
"""Identities that are marked in one transaction."""


@dataclass(frozen=True)
class Exemption:
    """That the age of a password does not count, and why."""

    why: str
    until: datetime | None
    """None: for good."""


@dataclass(frozen=True)
class Found:
    expired: int
    told: int


def exemption(identity: Identity, at: datetime) -> Exemption | None:
    """Programs do not change passwords: an account that is no person is exempt, unless somebody
    set an end to that. Who signs in nowhere has none that could get old."""
    if identity.web_services_only:
        return Exemption(_("web services access only"), None)
    until = identity.password_exempt_until
    if identity.is_person or (until is not None and until <= at):
        return None
    return Exemption(_("service account"), until)


def expires_at(identity: Identity, held: Rules, at: datetime) -> datetime | None:
    """From when on the password must be changed; None where its age does not count."""
    if not held.password_days or not identity.is_registered or exemption(identity, at):
        return None
    return _expires_at(identity, held)


def must_change(identity: Identity, held: Rules, at: datetime) -> bool:
    """Whether the password is too old to do anything with but to change it."""
    expires = expires_at(identity, held, at)
    return expires is not None and expires <= at


def set_at(identity: Identity) -> datetime:
    return identity.password_set_at or identity.created_at


def find(*, at: datetime) -> Found:
    """Mark whose password is too old, and tell those whose will be in some days; each once.

    The marks say when it was found. Whether a password must be changed depends on its age alone.
    """
    held = rules.current()
    _forget_marks(held, at)
    if not held.password_days:
        return Found(0, 0)
    expired = told = 0
    while marked := _mark(held, at):
        expired += marked
    while warned := _warn(held, at):
        told += warned
    return Found(expired, told)


def _expires_at(identity: Identity, held: Rules) -> datetime:
    expires = set_at(identity) + timedelta(days=held.password_days)
    until = identity.password_exempt_until
    return expires if identity.is_person or until is None else max(expires, until)


def _registered() -> QuerySet[Any]:
    """All that have a password, with the start of its age."""
    since = Coalesce("password_set_at", "created_at")
    return Identity.objects.get_queryset().registered().annotate(since=since)


def _counted(at: datetime) -> QuerySet[Any]:
    """Those whose passwords have an age that counts at this time."""
    counts = Q(kind=IdentityKind.PERSON) | Q(password_exempt_until__lte=at)
    return _registered().filter(counts, disabled_at=None, web_services_only=False)


def _forget_marks(held: Rules, at: datetime) -> None:
    """A longer age, or none, makes those of before wrong; when it is reached, it is told again."""
    for mark, ahead in (
        ("password_expired_at", timedelta()),
        ("password_warned_at", WARNED_BEFORE),
    ):
        marked = _registered().filter(**{f"{mark}__isnull": False})
        if held.password_days:
            marked = marked.filter(since__gt=_oldest(held, at + ahead))
        marked.update(**{mark: None})


def _oldest(held: Rules, at: datetime) -> datetime:
    return at - timedelta(days=held.password_days)


@transaction.atomic
def _mark(held: Rules, at: datetime) -> int:
    old = _counted(at).filter(since__lte=_oldest(held, at), password_expired_at=None)
    found = _locked(old)
    _note(found, password_expired_at=at)
    for identity in found:
        detail = {"set_at": set_at(identity).isoformat(), "days": held.password_days}
        record("identity.password_expired", by=SYSTEM, subject=identity, detail=detail, at=at)
    return len(found)


@transaction.atomic
def _warn(held: Rules, at: datetime) -> int:
    soon = at + WARNED_BEFORE
    due = _counted(soon).filter(since__lte=_oldest(held, soon), password_warned_at=None)
    found = _locked(due.filter(password_expired_at=None))
    _note(found, password_warned_at=at)
    told = []
    for identity in found:
        expires, address = _expires_at(identity, held), _address_of(identity)
        record(
            "identity.password_expires_soon",
            by=SYSTEM,
            subject=identity,
            detail={"expires_at": expires.isoformat(), "mailed": bool(address)},
            at=at,
        )
        if address:
            facts = {"expires": expires.isoformat()}
            told.append(notices.Notice(identity.user_name, identity.display_name, [address], facts))
    notices.tell_all(told, notices.PASSWORD_EXPIRES, at=at)
    return len(found)


def _locked(found: QuerySet[Any]) -> list[Identity]:
    rows = found.select_for_update(of=("self",)).order_by("pk")[:AT_ONCE]
    return list(rows)


def _note(found: Sequence[Identity], **marks: datetime) -> None:
    Identity.objects.get_queryset().filter(pk__in=[each.pk for each in found]).update(**marks)


def _address_of(identity: Identity) -> str:
    """Where they are told: an account without an address has an owner who has one."""
    if identity.email or identity.is_person:
        return identity.email
    try:
        owner = identity.service_account.owner
    except ObjectDoesNotExist:
        return ""
    return owner.email if owner else ""
