from __future__ import annotations

from typing import Final

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission as P
from accounts.authorization.policies import check_may, may

ROLE: Final = "SCIM provisioning"
ROLE_PERMISSIONS: Final = (
    P.IDENTITY_VIEW,
    P.IDENTITY_MANAGE,
    P.IDENTITY_DISABLE,
    P.GROUP_VIEW,
    P.GROUP_PROVISION,
)
"""What a client may do, and to nobody who may do more than this."""
USERS: Final = ("scim:users:manage",)
GROUPS: Final = ("scim:groups:manage",)


def may_manage(by: Actor) -> bool:
    """Who adds a client gives it a role: so they have to be able to do that, too."""
    return may(by, P.TENANT_MANAGE) and may(by, P.ROLE_MANAGE)


def check_may_manage(by: Actor) -> None:
    """Raises NotAllowed."""
    check_may(by, P.TENANT_MANAGE)
    check_may(by, P.ROLE_MANAGE)
