from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.changes import differing
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.service_accounts.actions import lock
from accounts.service_accounts.models import ServiceAccount
from accounts.takeovers.hands import followers
from accounts.takeovers.models import NOTE_MAX_LENGTH, Takeover
from accounts.takeovers.states import Cause, Right, State
from accounts.takeovers.telling import tell_giver, tell_takers

MOST_A_DAY: Final = 200
"""Offers of one person: each may be a mail to somebody."""


class Answered(DomainError):
    """Nobody waits for this answer any more."""

    code = "answered"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This is over: it was answered or withdrawn, or the account has another owner or "
                "is deleted."
            )
        )


class BadTaker(DomainError):
    """The person chosen cannot own the account."""

    code = "bad_taker"


class TooMany(DomainError):
    """One person hands over more in a day than may be."""

    code = "too_many"


@transaction.atomic
def offer(
    *, by: Identity, account: ServiceAccount, to: Identity, note: str, at: datetime
) -> Takeover:
    """Hand an account of one's own over; it is theirs once they accept.

    What was to be answered about it before waits until then: who got it from somebody who left
    has still to answer for it where the offer comes to nothing.

    Raises:
        NotAllowed: it is not theirs.
        AccountGone, TooMany
        BadTaker: `field` names it.
    """
    _check_person(by)
    current = lock(account)
    if current.owner_id != by.pk:
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)
    if to.pk == by.pk or not to.is_person or not to.is_active or not to.is_registered:
        raise BadTaker(_("Choose another person who can sign in."), field="to")
    note = clean_text(note, max_length=NOTE_MAX_LENGTH, multiline=True, field="note")
    lately = Takeover.objects.filter(
        giver=by, cause=Cause.OFFERED, created_at__gt=at - timedelta(days=1)
    )
    if lately.count() >= MOST_A_DAY:
        message = _("You have handed over %(most)d accounts within a day. Go on tomorrow.")
        raise TooMany(message % {"most": MOST_A_DAY})
    for before in Takeover.objects.filter(account=current, state=State.WAITING):
        took = before.cause == Cause.LEFT and before.taker_id == by.pk
        _close(before, State.PASSED_ON if took else State.OVER, at)
    right = Right.SUCCESSOR if to.pk == current.successor_id else Right.NAMED
    made = Takeover.objects.create(
        account=current,
        giver=by,
        taker=to,
        cause=Cause.OFFERED,
        right=right,
        note=note,
        created_at=at,
    )
    detail = {"to": to.user_name}
    record("service_account.offered_on", by=by, subject=current, reason=note, detail=detail, at=at)
    tell_takers([to], at=at)
    return made


@transaction.atomic
def confirm(*, by: Identity, takeover: Takeover, keep_old_tokens: bool, at: datetime) -> Takeover:
    """Answer for an account from now on.

    One that was offered changes hands by this, and what its owner before made stops, unless
    `keep_old_tokens`.

    Raises:
        NotAllowed: it is not for them.
        Answered, AccountGone
    """
    account, current = _locked(by, takeover)
    before = hands_of(account)
    if current.cause == Cause.OFFERED:
        _change_hands(by, account, keep_old_tokens, at)
    else:
        ServiceAccount.objects.filter(pk=account.pk).update(owner_left_at=None)
    _close(current, State.CONFIRMED, at)
    old, new = differing(before, hands_of(account))
    detail = {"from": current.giver.user_name}
    record(
        "service_account.taken_over",
        by=by,
        subject=account,
        before=old,
        after=new,
        detail=detail,
        at=at,
    )
    if current.cause == Cause.OFFERED:
        tell_giver(current, at=at)
    return current


@transaction.atomic
def decline(*, by: Identity, takeover: Takeover, at: datetime) -> Takeover:
    """Leave an account that was offered with who offers it.

    Raises:
        NotAllowed: it is not for them.
        Answered: also of an account whose owner left; somebody else is named instead.
    """
    account, current = _locked(by, takeover)
    if current.cause != Cause.OFFERED:
        raise Answered
    _close(current, State.DECLINED, at)
    wait_again(account, at)
    detail = {"from": current.giver.user_name}
    record("service_account.takeover_declined", by=by, subject=account, detail=detail, at=at)
    tell_giver(current, at=at)
    return current


@transaction.atomic
def withdraw(*, by: Identity, takeover: Takeover, at: datetime) -> Takeover:
    """Take an offer back that nobody has answered yet.

    Raises:
        NotAllowed: it is not theirs.
        Answered, AccountGone
    """
    _check_person(by)
    if takeover.giver_id != by.pk or takeover.cause != Cause.OFFERED:
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)
    account = lock(takeover.account)
    current = _waiting(takeover)
    _close(current, State.WITHDRAWN, at)
    wait_again(account, at)
    detail = {"to": current.taker.user_name}
    record("service_account.offer_withdrawn", by=by, subject=account, detail=detail, at=at)
    return current


def wait_again(account: ServiceAccount, at: datetime) -> bool:
    """Once an offer has come to nothing: let its owner answer again for what they got from
    somebody who left; answers whether they have to. The account is locked."""
    if account.owner_left_at is None:
        return False
    passed_on = Takeover.objects.filter(
        account=account, cause=Cause.LEFT, state=State.PASSED_ON, taker=account.owner
    )
    found = passed_on.order_by("-created_at", "-pk").first()
    if found is None:
        return False
    found.state, found.closed_at = State.WAITING, None
    found.save(update_fields=["state", "closed_at"])
    if found.taker.is_active:
        tell_takers([found.taker], at=at)
    return True


def hands_of(account: ServiceAccount) -> dict[str, str | None]:
    """Who answers for an account and who would next, for the audit log."""
    people = {"owner": account.owner, "successor": account.successor}
    return {name: person.user_name if person else None for name, person in people.items()}


def _locked(by: Identity, takeover: Takeover) -> tuple[ServiceAccount, Takeover]:
    _check_person(by)
    if takeover.taker_id != by.pk:
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)
    return lock(takeover.account), _waiting(takeover)


def _waiting(takeover: Takeover) -> Takeover:
    """As it stands under the lock of its account."""
    rows = Takeover.objects.waiting().select_related("giver", "taker")
    found = rows.filter(pk=takeover.pk).first()
    if found is None:
        raise Answered
    return found


def _check_person(by: Identity) -> None:
    """Behind a service account that is signed in stands its owner: it takes over nothing."""
    if not by.is_person or not by.is_active:
        raise NotAllowed(Permission.SERVICE_ACCOUNT_VIEW)


def _change_hands(by: Identity, account: ServiceAccount, keep: bool, at: datetime) -> None:
    before = copy.copy(account)
    # whom the owner before named, the new one may not want
    account.owner, account.successor, account.owner_left_at = by, None, None
    account.revision += 1
    account.changed_at = at
    account.save(update_fields=["owner", "owner_left_at", "successor", "revision", "changed_at"])
    for follow in followers.values():
        follow(by=by, before=[before], keep=keep, at=at)


def _close(takeover: Takeover, state: State, at: datetime) -> None:
    takeover.state, takeover.closed_at = state, at
    takeover.save(update_fields=["state", "closed_at"])
