from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may
from accounts.identities import notices, ownership
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.vault.all_access.models import REASON_MAX_LENGTH, AllAccess
from accounts.vault.all_access.policies import covers
from accounts.vault.models import Share, ShareRole, StoredAccount

SHORTEST: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=4)
REASON_MIN_LENGTH: Final = 10
STARTED: Final = "all_access_started"
USED: Final = "all_access_used"
"""Notices: to the Owner of the tenant, and to the owners of an account."""


class NoReason(DomainError):
    """All-Access Mode is for a reason that others can read."""

    code = "no_reason"

    def __init__(self) -> None:
        said = _("Say why, in at least %(least)d characters: it is mailed to the Owner.")
        super().__init__(said % {"least": REASON_MIN_LENGTH}, field="reason")


class BadTime(DomainError):
    """It lasts from 15 minutes to 4 hours."""

    code = "bad_time"

    def __init__(self) -> None:
        super().__init__(_("Choose from 15 minutes to 4 hours."), field="lasting")


@transaction.atomic
def start(
    *, by: Identity, session: UUID, reason: str, lasting: timedelta, at: datetime
) -> AllAccess:
    """Let somebody open every stored account for a while, in this session alone.

    The Owner of the tenant is told by mail. One that is on already is ended.

    Raises:
        NotAllowed, NoReason, BadText, BadTime
    """
    check_may(by, Permission.VAULT_ALL_ACCESS)
    cleaned = clean_text(reason, max_length=REASON_MAX_LENGTH, field="reason")
    if len(cleaned) < REASON_MIN_LENGTH:
        raise NoReason
    if not SHORTEST <= lasting <= LONGEST:
        raise BadTime
    person = lock(by)
    for earlier in AllAccess.objects.filter(person=person, ended_at=None):
        _end(earlier, by=by, at=at)
    made = AllAccess.objects.create(
        person=person, session=session, reason=cleaned, began_at=at, ends_at=at + lasting
    )
    record(
        "identity.all_access_started",
        by=by,
        subject=person,
        reason=cleaned,
        detail={"until": made.ends_at.isoformat()},
        at=at,
    )
    owner = ownership.owner()
    if owner is not None:
        facts = {"other": person.display_name, "reason": cleaned, "until": made.ends_at.isoformat()}
        _tell([owner], STARTED, facts, at)
    return made


@transaction.atomic
def stop(*, by: Identity, at: datetime) -> bool:
    """End one's own; answers whether one was on."""
    check_may(by, Permission.VAULT_ALL_ACCESS)
    found = list(AllAccess.objects.select_for_update().filter(person=by, ended_at=None))
    for period in found:
        _end(period, by=by, at=at)
    return bool(found)


def end_expired(*, at: datetime, most: int = 200) -> int:
    """Note of those that ran out that they did; answers how many."""
    with transaction.atomic():
        rows = AllAccess.objects.select_for_update(of=("self",), skip_locked=True)
        found = list(rows.filter(ended_at=None, ends_at__lte=at).order_by("ends_at")[:most])
        for period in found:
            _end(period, by=SYSTEM, at=at)
    return len(found)


def note_opened(*, by: Actor, item: StoredAccount, at: datetime) -> None:
    """Record that an account which is not theirs was looked at.

    Raises:
        NotAllowed: they are not in All-Access Mode.
    """
    period = covers(by, item, at)
    if period is None:
        raise NotAllowed(Permission.VAULT_ALL_ACCESS)
    record("stored_account.opened_by_all_access", by=by, subject=item, reason=period.reason, at=at)


def tell_owners(
    *, by: Actor, item: StoredAccount, period: AllAccess, what: str, at: datetime
) -> None:
    """Mail the owners of an account what was done with it in All-Access Mode."""
    shares = Share.objects.current(at).filter(item=item, role=ShareRole.OWNER)
    people = Identity.objects.active().people().exclude(email="").exclude(pk=by.actor_id)
    direct = people.filter(vault_shares__in=shares)
    members = people.filter(memberships__group__in=shares.exclude(group=None).values("group_id"))
    told = {each.pk: each for each in (*direct, *members)}
    name = period.person.display_name
    facts = {"other": name, "account": item.label, "what": what, "reason": period.reason}
    _tell(list(told.values()), USED, facts, at)


def _end(period: AllAccess, *, by: Actor, at: datetime) -> None:
    period.ended_at = at
    period.save(update_fields=["ended_at"])
    record("identity.all_access_ended", by=by, subject=period.person, at=at)


def _tell(people: list[Identity], what: str, facts: dict[str, str], at: datetime) -> None:
    told = [
        notices.Notice(each.user_name, each.display_name, [each.email], facts)
        for each in people
        if each.email
    ]
    notices.tell_all(told, what, at=at)
