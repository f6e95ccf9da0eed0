"""Copies of what arrives, mailed to people who may see it here: written with the message, sent
later."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.groups.models import Membership
from accounts.identities.models import Identity
from accounts.inbox import domain
from accounts.inbox.models import Forwarding, ForwardTo, MessageLetter, ReceivedMessage
from accounts.letters import queue
from accounts.vault.models import Share, ShareRole, StoredAccount
from accounts.vault.policies import role_of


def write(message: ReceivedMessage, *, at: datetime) -> int:
    """Have copies of a new message sent; answers to how many people."""
    rule = Forwarding.objects.select_related("person").filter(item=message.item).first()
    if rule is None or (message.has_code and not rule.with_codes):
        return 0
    people = [each for each in _people(rule, message.item, at) if not _is_ours(each)]
    MessageLetter.objects.bulk_create(
        [
            MessageLetter(message=message, recipient=each, written_at=at, next_try_at=at)
            for each in people
        ],
        ignore_conflicts=True,
    )
    return len(people)


def take(letter_id: int, *, at: datetime) -> MessageLetter | None:
    """A copy that is due, for whoever sends it; None where another has it, or whom it is for has
    no part in the account any more."""
    return queue.take(
        MessageLetter,
        letter_id,
        at=at,
        related=("message__item",),
        is_needless=lambda letter: not _may_see(letter, at),
    )


def _may_see(letter: MessageLetter, at: datetime) -> bool:
    item = letter.message.item
    return item.deleted_at is None and role_of(letter.recipient, item, at) is not None


def _people(rule: Forwarding, item: StoredAccount, at: datetime) -> list[Identity]:
    if rule.to == ForwardTo.NOBODY:
        return []
    if rule.to == ForwardTo.ONE:
        return [rule.person] if rule.person and role_of(rule.person, item, at) else []
    shares = Share.objects.current(at).filter(item=item)
    if rule.to == ForwardTo.OWNERS:
        shares = shares.filter(role=ShareRole.OWNER)
    members = Membership.objects.current(at).filter(group__in=shares.values("group_id"))
    having = Q(pk__in=shares.values("identity_id")) | Q(pk__in=members.values("identity_id"))
    return list(Identity.objects.active().people().filter(having).order_by("pk"))


def _is_ours(person: Identity) -> bool:
    """Whether a copy would come back here."""
    return person.email.lower().endswith(f"@{domain.mail_domain() or '-'}")
