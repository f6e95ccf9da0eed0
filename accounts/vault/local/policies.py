from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.trusted_sessions import policies as trusted
from accounts.trusted_sessions.models import TrustedSession
from accounts.vault import policies
from accounts.vault.local import queries
from accounts.vault.models import MemberRole, SecretName, ShareRole, StoredAccount, Vault


class NoKey(DomainError):
    """The session has no key of the vault: nobody wrapped it for it."""

    code = "no_vault_key"

    def __init__(self) -> None:
        super().__init__(
            _("This browser has no key of the local vault. Ask for it in one that has it.")
        )


def check_owns(by: Actor, vault: Vault) -> Identity:
    """Raises NotAllowed: the members of a local vault are for its owners, whoever else manages."""
    if not isinstance(by, Identity) or queries.role_in(by, vault) != MemberRole.OWNER:
        raise NotAllowed(Permission.VAULT_OWN)
    return by


def check_has_key(by: Actor, from_session: TrustedSession, vault: Vault) -> Identity:
    """Raises NotAllowed, NotTrusted, NoKey: it is for members, in a session with the key."""
    if not isinstance(by, Identity) or queries.role_in(by, vault) is None:
        raise NotAllowed(Permission.VAULT_OWN)
    session = trusted.check_trusted(by, from_session)
    if not queries.has_key(session, vault):
        raise NoKey
    return by


def may_open(by: Identity, item: StoredAccount, name: SecretName, now: datetime) -> bool:
    """Owners have all that is secret of an account; collaborators its notes and custom fields."""
    role = policies.role_of(by, item, now)
    if name in (SecretName.NOTES, SecretName.FIELDS):
        return role is not None
    return role == ShareRole.OWNER


def check_may_open(by: Actor, item: StoredAccount, name: SecretName, now: datetime) -> Identity:
    if not isinstance(by, Identity) or not may_open(by, item, name, now):
        raise NotAllowed(Permission.VAULT_OWN)
    return by
