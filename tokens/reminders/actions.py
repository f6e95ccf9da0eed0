"""Reminders are found, sent, tried again and given up; ends are noted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.audit.models import Outcome
from accounts.audit.plain import one_line
from accounts.lib.registry import Registry
from accounts.models import Identity, ServiceAccount
from accounts.tenant.time_zone import time_zone
from tokens.credentials.models import Credential
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN
from tokens.personal_access_tokens.policies import subject_of
from tokens.reminders import due
from tokens.reminders.due import End
from tokens.reminders.models import Letter, NotedEnd, Reminder

MOST_TRIES: Final = 8
"""Of one mail, 2, 4, 8, ... minutes apart: some eight hours, then it is given up and shown."""
NOTED_AT_ONCE: Final = 500
KEEP_LETTERS: Final = timedelta(days=400)

carriers: Registry[Callable[[uuid.UUID], None]] = Registry("carrier of reminders")
"""Who sends a letter; the console registers its mail here. Called after the commit."""


@dataclass(frozen=True)
class Found:
    """What came of one look for reminders."""

    reminders: int = 0
    letters: int = 0
    unreachable: int = 0
    """Ends of which nobody could be told: no owner, contact or administrator has an address."""


def find(*, at: datetime) -> Found:
    """Write the letters that are due, each reminder once; in the transaction of the caller.

    A reminder of which nobody can be told stays due until somebody can.
    """
    zone, administrators = time_zone(), _administrators()
    by_address: dict[str, tuple[str, Identity | None, list[Reminder]]] = {}
    count = unreachable = 0
    for ends in due.upcoming(at):
        told = due.reminded(ends)
        for end in ends:
            step = due.step_of(end, at, zone)
            if step is None or told.get(end.key, step + 1) <= step:
                continue
            people = _recipients(end.account, administrators)
            if not people:
                unreachable += 1
                continue
            reminder = Reminder.objects.create(
                identity_id=end.account.pk,
                credential=end.credential,
                ends_at=end.ends_at,
                step_days=step,
                at=at,
            )
            count += 1
            for address, person in people:
                known = by_address.setdefault(address.casefold(), (address, person, []))
                known[2].append(reminder)
    for address, person, reminders in by_address.values():
        _write(address, person, reminders, at)
    return Found(count, len(by_address), unreachable)


def _administrators() -> list[Identity]:
    people = Identity.objects.active().people().administrators().exclude(email="")
    return list(people.order_by("user_name"))


def _recipients(
    account: ServiceAccount, administrators: Iterable[Identity]
) -> list[tuple[str, Identity | None]]:
    """The owner, or else the administrators; and the account's own contact address."""
    owner = account.owner
    answers = [owner] if owner and owner.is_active and owner.email else list(administrators)
    found: list[tuple[str, Identity | None]] = [(person.email, person) for person in answers]
    contact = account.identity.email
    if contact and contact.casefold() not in {address.casefold() for address, _ in found}:
        found.append((contact, None))
    return found


def _write(address: str, person: Identity | None, reminders: list[Reminder], at: datetime) -> None:
    letter = Letter.objects.create(address=address, recipient=person, created_at=at, next_try_at=at)
    letter.reminders.add(*reminders)
    for carrier in carriers.values():
        # a queue that is down is no reason to fail: upkeep sends what is due
        transaction.on_commit(partial(carrier, letter.pk), robust=True)


@dataclass(frozen=True)
class Line:
    """One thing that ends, as a letter tells of it."""

    end: End
    reminder: Reminder
    days_left: int


@transaction.atomic
def take(letter_id: uuid.UUID, *, at: datetime) -> tuple[Letter, list[Line]] | None:
    """Take on one attempt to send a letter that is due, with what still holds of it.

    None where nothing is to be sent: it is not due, another worker has it, or whatever it tells
    of was mended meanwhile. Should the mail not go out, it is due again a little later. A worker
    that dies between sending and noting sends it twice, which is better than never.
    """
    letter = (
        Letter.objects.due_at(at)
        .select_for_update(of=("self",))
        .select_related("recipient")
        .filter(pk=letter_id)
        .first()
    )
    if letter is None:
        return None
    lines = lines_of(letter, at)
    if letter.recipient is not None and not letter.recipient.is_active:
        # somebody else is told instead, by the next look
        alone = letter.reminders.exclude(letters__in=Letter.objects.exclude(pk=letter.pk))
        Reminder.objects.filter(pk__in=list(alone.values_list("pk", flat=True))).delete()
        lines = []
    letter.tries += 1
    letter.next_try_at = at + timedelta(minutes=2**letter.tries) if lines else None
    letter.save(update_fields=["tries", "next_try_at"])
    return (letter, lines) if lines else None


def lines_of(letter: Letter, at: datetime) -> list[Line]:
    """What a letter tells of, the soonest first; without what does not end then any more."""
    zone = time_zone()
    rows = list(letter.reminders.order_by("ends_at", "pk"))
    keys = {key.pk: key for key in due.ending_keys(at).filter(pk__in=_ids(rows, "credential_id"))}
    accounts = due.ending_accounts(at).in_bulk(_ids(rows, "identity_id"))
    found = []
    for row in rows:
        key = keys.get(row.credential_id) if row.credential_id else None
        account = key.identity.service_account if key else accounts.get(row.identity_id)
        stands_at = key.expires_at if key else account.ends_at if account else None
        if account is None or (row.credential_id and key is None) or stands_at != row.ends_at:
            continue
        end = End(account, row.ends_at, key)
        found.append(Line(end, row, due.days_left(row.ends_at, at, zone)))
    return found


def _ids(rows: Iterable[Reminder], name: str) -> list[uuid.UUID]:
    return [found for row in rows if (found := getattr(row, name)) is not None]


@transaction.atomic
def note_sent(letter: Letter, lines: Iterable[Line], *, at: datetime) -> None:
    Letter.objects.filter(pk=letter.pk).update(sent_at=at, next_try_at=None, failure="")
    for line in lines:
        detail = {"to": letter.audit_label, "days": line.days_left}
        if letter.recipient_id and letter.recipient_id == line.end.account.owner_id:
            detail["is_owner"] = True
        detail["ends_at"] = line.end.ends_at.isoformat()
        credential, account = line.end.credential, line.end.account
        if credential is None:
            record("service_account.reminded", by=SYSTEM, subject=account, detail=detail, at=at)
        elif credential.kind in (PERSONAL_ACCESS_TOKEN, PROVISIONING_TOKEN):
            detail |= {"name": credential.name, "credential": str(credential.pk)}
            action = (
                "personal_access_token.reminded"
                if credential.kind == PERSONAL_ACCESS_TOKEN
                else "provisioning_token.reminded"
            )
            record(action, by=SYSTEM, subject=account, detail=detail, at=at)
        else:
            detail |= {"kid": credential.key_id}
            record("key.reminded", by=SYSTEM, subject=account, detail=detail, at=at)


@transaction.atomic
def note_not_sent(letter: Letter, *, reason: str, at: datetime) -> None:
    """Keep why a letter did not go out; after the last try it is given up."""
    given_up = letter.tries >= MOST_TRIES
    Letter.objects.filter(pk=letter.pk).update(
        failure=one_line(reason, 200) or "?",
        next_try_at=None if given_up else F("next_try_at"),
    )
    if given_up or letter.tries == 1:
        record(
            "reminder.not_sent",
            by=SYSTEM,
            subject=letter.recipient,
            outcome=Outcome.FAILED,
            reason=reason,
            detail={"email": letter.address, "given_up": given_up},
            at=at,
        )


def note_ended(*, at: datetime) -> int:
    """Record each credential and account that ended by itself, once; answers how many."""
    count = 0
    while True:
        try:
            noted = _note_some(at)
        except IntegrityError:
            return count  # another worker is at it, and was first
        count += noted
        if noted < NOTED_AT_ONCE:
            return count


@transaction.atomic
def _note_some(at: datetime) -> int:
    ends = due.ended(at, limit=NOTED_AT_ONCE)
    NotedEnd.objects.bulk_create(
        NotedEnd(identity_id=end.account.pk, credential=end.credential, ends_at=end.ends_at, at=at)
        for end in ends
    )
    for end in ends:
        _record_end(end, at)
    expired = due.ended_tokens(at, limit=NOTED_AT_ONCE)
    for token in expired:
        _record_expiry(token, at)
    return len(ends) + len(expired)


def _record_expiry(token: Credential, at: datetime) -> None:
    assert token.expires_at is not None  # by it they are found
    NotedEnd.objects.create(
        identity_id=token.identity_id, credential=token, ends_at=token.expires_at, at=at
    )
    record(
        "personal_access_token.expired",
        by=SYSTEM,
        subject=subject_of(token.identity),
        detail={
            "name": token.name,
            "credential": str(token.pk),
            "ended_at": token.expires_at.isoformat(),
        },
        at=at,
    )


def _record_end(end: End, at: datetime) -> None:
    detail: dict[str, object] = {"ended_at": end.ends_at.isoformat()}
    if end.credential is None:
        record("service_account.ended", by=SYSTEM, subject=end.account, detail=detail, at=at)
        return
    expired = end.credential.expires_at == end.ends_at
    record(
        "key.expired" if expired else "key.retired",
        by=SYSTEM,
        subject=end.account,
        detail=detail | {"kid": end.credential.key_id},
        at=at,
    )


def forget_old(*, at: datetime) -> None:
    """Drop letters and reminders of which nobody needs to know; the audit log keeps them."""
    Letter.objects.filter(created_at__lt=at - KEEP_LETTERS).delete()
    Reminder.objects.filter(ends_at__lt=at - KEEP_LETTERS).delete()
