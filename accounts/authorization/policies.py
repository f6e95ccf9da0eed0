from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor, SystemActor
from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError


class NotAllowed(DomainError):
    """The actor lacks the permission that the act needs."""

    code = "not_allowed"

    def __init__(self, permission: Permission) -> None:
        super().__init__(
            message=_("You may not do this. Ask a tenant administrator of your company.")
        )
        self.permission = permission


def may(by: Actor, permission: Permission) -> bool:
    """The system may everything; a disabled or deleted identity nothing."""
    if isinstance(by, SystemActor):
        return True
    held: frozenset[Permission] = getattr(by, "permissions", frozenset())
    return permission in held


def check_may(by: Actor, permission: Permission) -> None:
    if not may(by, permission):
        raise NotAllowed(permission)
