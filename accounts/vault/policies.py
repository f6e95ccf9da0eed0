from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor, SystemActor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may, may
from accounts.groups.models import Membership
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.vault.all_access.models import AllAccess
from accounts.vault.all_access.policies import covers
from accounts.vault.models import Share, ShareRole, StoredAccount, Vault


class KeptInBrowser(DomainError):
    """The account is in a local vault: the server keeps and reads no secret of it."""

    code = "kept_in_browser"

    def __init__(self) -> None:
        super().__init__(
            _("This account is in a local vault. Its secrets are encrypted and read in browsers.")
        )


def check_kept_here(vault: Vault) -> None:
    """Raises KeptInBrowser: in a local vault nothing is sealed, or opened, by the server."""
    if vault.is_local:
        raise KeptInBrowser


def check_may_manage(by: Actor) -> None:
    """Raises NotAllowed: vaults and the catalogue are for administrators."""
    check_may(by, Permission.VAULT_MANAGE)


def check_may_own(by: Actor) -> None:
    """Raises NotAllowed: stored accounts are for people."""
    check_may(by, Permission.VAULT_OWN)


def role_of(person: Identity, item: StoredAccount, now: datetime) -> ShareRole | None:
    """What somebody may do with an account, by themselves or by a group."""
    if not may(person, Permission.VAULT_OWN):
        return None
    shares = Share.objects.current(now).of_person(person, now).filter(item=item)
    roles = set(shares.values_list("role", flat=True))
    return next((role for role in ShareRole if role in roles), None)


def may_change(by: Actor, item: StoredAccount, now: datetime) -> bool:
    """Owners change an account, share it, and have its password; nobody else, whatever their
    permissions."""
    if isinstance(by, SystemActor):
        return True
    return isinstance(by, Identity) and role_of(by, item, now) == ShareRole.OWNER


def check_may_change(by: Actor, item: StoredAccount, now: datetime) -> None:
    if not may_change(by, item, now):
        raise NotAllowed(Permission.VAULT_OWN)


def owned_until(by: Actor, item: StoredAccount, now: datetime) -> datetime | None:
    """When an owner owns an account no more; None for one who owns it for good.

    Of a share by a group, whichever ends first counts: the share, or that they belong to it.
    """
    if not isinstance(by, Identity):
        return None
    shares = Share.objects.current(now).of_person(by, now)
    ends: list[datetime] = []
    for share in shares.filter(item=item, role=ShareRole.OWNER):
        theirs = [share.until]
        if share.group_id is not None:
            member = Membership.objects.current(now).get(group=share.group_id, identity=by)
            theirs.append(member.until)
        known = [end for end in theirs if end is not None]
        if not known:
            return None
        ends.append(min(known))
    return max(ends, default=None)


def check_may_reveal(by: Actor, item: StoredAccount, now: datetime) -> Identity:
    """Raises NotAllowed: a secret is shown to a person who owns it, and never to a program."""
    if not isinstance(by, Identity) or role_of(by, item, now) != ShareRole.OWNER:
        raise NotAllowed(Permission.VAULT_OWN)
    return by


def may_give_owner(by: Actor) -> bool:
    return may(by, Permission.VAULT_MANAGE)


def check_may_see_password(by: Actor, item: StoredAccount, now: datetime) -> AllAccess | None:
    """For owners; and for whoever is in All-Access Mode, whose period is answered then.

    Raises:
        NotAllowed
    """
    if isinstance(by, Identity) and role_of(by, item, now) == ShareRole.OWNER:
        return None
    period = covers(by, item, now)
    if period is None:
        raise NotAllowed(Permission.VAULT_OWN)
    return period
