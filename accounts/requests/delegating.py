"""Who decides for a person while they are away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.requests.models import Delegation
from accounts.requests.policies import check_may_ask
from accounts.requests.telling import tell_delegate

LONGEST: Final = timedelta(days=366)


class BadDelegate(DomainError):
    """The person chosen cannot decide in somebody's place."""

    code = "bad_delegate"


class BadTime(DomainError):
    """The time ends before it begins, or is over."""

    code = "bad_time"


@transaction.atomic
def set_delegate(
    *, by: Identity, delegate: Identity, since: datetime, until: datetime, at: datetime
) -> Delegation:
    """Let another person decide about what is asked of `by` for a time; replaces an earlier one.
    They are told by mail.

    Raises:
        NotAllowed
        BadDelegate, BadTime: `field` names what to mend.
    """
    check_may_ask(by)
    if until <= since or until <= at:
        raise BadTime(_("Choose an end that lies ahead, after the beginning."), field="until")
    if until > at + LONGEST:
        message = _("Choose an end within %(days)d days.") % {"days": LONGEST.days}
        raise BadTime(message, field="until")
    if delegate.pk == by.pk or not delegate.is_person or not delegate.is_active:
        message = _("Choose another person who can sign in.")
        raise BadDelegate(message, field="delegate")
    person = lock(by)
    wanted = {"delegate": delegate, "since": since, "until": until}
    if same := Delegation.objects.filter(person=person, **wanted).first():
        return same
    found, _made = Delegation.objects.update_or_create(person=person, defaults=wanted)
    after = {
        "delegate": delegate.user_name,
        "since": since.isoformat(),
        "until": until.isoformat(),
    }
    record("identity.delegated", by=by, subject=person, after=after, at=at)
    tell_delegate(found, at=at)
    return found


def forget(*, by: Actor, identity: Identity, at: datetime) -> int:
    """End who decides for somebody who is reset: whoever was in their account may have chosen it.

    Answers how many there were; the event of the reset counts them.
    """
    del by, at
    found = Delegation.objects.filter(person=identity)
    ended = found.count()
    found.delete()
    return ended


@transaction.atomic
def end(*, by: Identity, at: datetime) -> bool:
    """Decide oneself again; answers whether there was a delegate."""
    check_may_ask(by)
    person = lock(by)
    found = Delegation.objects.filter(person=person).select_related("delegate").first()
    if found is None:
        return False
    before = {"delegate": found.delegate.user_name, "until": found.until.isoformat()}
    found.delete()
    record("identity.delegation_ended", by=by, subject=person, before=before, at=at)
    return True
