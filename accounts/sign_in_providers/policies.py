from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.identities.models import Identity, Invitation
from accounts.identities.policies import may_sign_in
from accounts.lib.errors import DomainError


class NobodyKnown(DomainError):
    """Whoever signed in at the provider is nobody who may come in here; the text is for the audit
    log, and never told."""

    code = "nobody_known"


def may_come_in(identity: Identity, *, at: datetime) -> bool:
    """SSO signs nobody up: who comes in has registered, and may sign in like everybody else."""
    return identity.is_registered and may_sign_in(identity, at=at)


def check_may_come_in(identity: Identity, *, at: datetime) -> None:
    if not may_come_in(identity, at=at):
        raise NobodyKnown(_("the identity may not sign in"))


def has_confirmed(identity: Identity, email: str) -> bool:
    """Whether they followed a link that was mailed to this address.

    An address that only a directory, a source or a colleague wrote proves nothing: whoever can
    write it could let themselves in as somebody else.
    """
    followed = Invitation.objects.filter(identity=identity, followed=True)
    return followed.filter(email__iexact=email).exists()


def found_by_email(email: str, *, at: datetime) -> Identity:
    """The one identity that has this address, has confirmed it, and may come in.

    Raises:
        NobodyKnown
    """
    having = list(Identity.objects.existing().filter(email__iexact=email)[:2]) if email else []
    if len(having) != 1:
        raise NobodyKnown(_("the e-mail address is not that of exactly one identity"))
    if having[0].email.lower() != email.lower():  # the database may take other letters for the same
        raise NobodyKnown(_("the e-mail address is not that of exactly one identity"))
    if not has_confirmed(having[0], email):
        raise NobodyKnown(_("the identity has not confirmed its e-mail address itself"))
    check_may_come_in(having[0], at=at)
    return having[0]
