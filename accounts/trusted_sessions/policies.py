from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.trusted_sessions.models import TrustedSession


class NotTrusted(DomainError):
    """It is done from a trusted session, and this is none."""

    code = "not_a_trusted_session"

    def __init__(self) -> None:
        super().__init__(_("This browser is not a trusted session of yours, or not any more."))


def check_own(by: Actor, session: TrustedSession) -> Identity:
    """Raises NotAllowed: nobody does anything with the sessions of somebody else, whatever their
    permissions; a program has none."""
    person = check_may_have(by)
    if session.identity_id != person.pk:
        raise NotAllowed(Permission.VAULT_OWN)
    return person


def check_may_have(by: Actor) -> Identity:
    """Raises NotAllowed: trusted sessions are for people who use vaults."""
    if not isinstance(by, Identity) or not by.is_person or not may(by, Permission.VAULT_OWN):
        raise NotAllowed(Permission.VAULT_OWN)
    return by


def check_trusted(by: Actor, session: TrustedSession) -> TrustedSession:
    """The session as it stands.

    Raises:
        NotAllowed: it is another's.
        NotTrusted: it is none of `by`, or none any more.
    """
    person = check_own(by, session)
    rows = TrustedSession.objects.trusted().select_for_update(of=("self",))
    found = rows.filter(pk=session.pk, identity=person).first()
    if found is None:
        raise NotTrusted
    return found
