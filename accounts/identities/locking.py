"""The lock under which an identity is changed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.identities.models import Identity
from accounts.lib.errors import DomainError


class IdentityGone(DomainError):
    """The identity was deleted meanwhile."""

    code = "identity_gone"

    def __init__(self) -> None:
        super().__init__(message=_("This identity has been deleted."))


def lock(identity: Identity) -> Identity:
    """The identity's row as it stands, locked until the transaction ends.

    Raises:
        IdentityGone: it has been deleted.
    """
    found = Identity.objects.existing().select_for_update().filter(pk=identity.pk).first()
    if found is None:
        raise IdentityGone
    return found
