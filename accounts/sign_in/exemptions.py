"""From when on the age of a service account's password counts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.identities import policies
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError


class NoExemption(DomainError):
    """There is none whose end could be set, or not at this time."""

    code = "no_exemption"


@transaction.atomic
def set_end(*, by: Actor, identity: Identity, until: datetime | None, at: datetime) -> bool:
    """End the exemption of an account that still signs in, or let it go on (None).

    Answers whether that changed anything.

    Raises:
        NotAllowed, AboveOneself, OwnLevels, IdentityGone
        NoExemption: it is a person or signs in nowhere, or the time has passed already.
    """
    current = lock(identity)
    policies.check_may_act_on(by, current, Permission.SERVICE_ACCOUNT_MANAGE)
    policies.check_not_oneself(by, current)
    if current.is_person:
        raise NoExemption(_("The age of a person's password counts."))
    if current.web_services_only:
        raise NoExemption(_("This account signs in nowhere, so no password of it gets too old."))
    before = current.password_exempt_until
    if until == before:
        return False
    if until is not None and until <= at:
        raise NoExemption(_("Choose today or a later day."), field="last_day")
    Identity.objects.get_queryset().filter(pk=current.pk).update(
        password_exempt_until=until, changed_at=at
    )
    record(
        "identity.password_exemption_set",
        by=by,
        subject=current,
        before={"until": before.isoformat() if before else None},
        after={"until": until.isoformat() if until else None},
        at=at,
    )
    return True
