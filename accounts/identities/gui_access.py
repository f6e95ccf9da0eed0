"""Taking the console away from a service account that a program uses by now, and giving it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.identities import policies
from accounts.identities.locking import lock
from accounts.identities.models import Identity, Invitation
from accounts.lib.errors import DomainError


class NotForPeople(DomainError):
    """Only an account that a program uses can be for web services only."""

    code = "not_for_people"

    def __init__(self) -> None:
        super().__init__(_("This is a person. Disable the identity instead."))


def may_remove(person: Actor, identity: Identity) -> bool:
    """Its owner may, too: it only takes away. To give it back is for administrators."""
    if identity.is_person:
        return False
    account = getattr(identity, "service_account", None)
    owns = account is not None and str(account.owner_id) == person.actor_id
    own = owns and may(person, Permission.SERVICE_ACCOUNT_VIEW)
    return (own or may(person, Permission.SERVICE_ACCOUNT_MANAGE)) and (
        policies.may_reach(person, identity) or own
    )


def may_restore(person: Actor, identity: Identity) -> bool:
    """For administrators, within their reach."""
    return may(person, Permission.SERVICE_ACCOUNT_MANAGE) and policies.may_reach(person, identity)


@transaction.atomic
def remove(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Let an account sign in nowhere: its sessions end, links to set a password stop working.
    Its keys and tokens go on. Answers whether it could before.

    Raises:
        NotAllowed, NotForPeople, IdentityGone
    """
    if identity.is_person and may(by, Permission.SERVICE_ACCOUNT_MANAGE):
        raise NotForPeople
    current = lock(identity)
    if not may_remove(by, current):
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)
    if current.web_services_only:
        return False
    Invitation.objects.filter(identity=current).withdraw(at)
    _set(current, web_services_only=True, at=at)
    record("identity.gui_access_removed", by=by, subject=current, at=at)
    return True


@transaction.atomic
def restore(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Let an account sign in again, with the password that it has; answers whether it could not.

    Raises:
        NotAllowed, AboveOneself, IdentityGone
    """
    current = lock(identity)
    policies.check_may_act_on(by, current, Permission.SERVICE_ACCOUNT_MANAGE)
    if not current.web_services_only:
        return False
    _set(current, web_services_only=False, at=at)
    record("identity.gui_access_restored", by=by, subject=current, at=at)
    return True


def _set(identity: Identity, *, web_services_only: bool, at: datetime) -> None:
    Identity.objects.get_queryset().filter(pk=identity.pk).update(
        web_services_only=web_services_only,
        changed_at=at,
        session_generation=F("session_generation") + 1,
    )
