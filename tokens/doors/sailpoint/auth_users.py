"""Auth users: which user levels an identity holds."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse

from accounts.authorization.levels import LEVELS
from accounts.identities import granting
from accounts.identities.locking import lock
from accounts.models import Identity
from tokens.doors.sailpoint.calls import Call
from tokens.doors.sailpoint.errors import Refused, answer
from tokens.doors.sailpoint.identities import find
from tokens.doors.sailpoint.json_patch import operations
from tokens.doors.sailpoint.operations import capabilities
from tokens.oauth.tenant import tenant_name

ILLEGAL: Final = "400.1.1 Illegal update attempt"
BY_CAPABILITY: Final = {level.capability: code for code, level in LEVELS.items()}
"""Of several levels that are one to the vendor, the least."""


def get(call: Call, identity_id: str) -> HttpResponse:
    return answer(_document(find(call, identity_id)))


def patch(call: Call, identity_id: str) -> HttpResponse:
    """Set the user levels; nothing else of an auth user is changed here."""
    identity = find(call, identity_id)
    wanted: list[str] | None = None
    for operation in operations(call.body, {"/capabilities"}, detail=ILLEGAL):
        wanted = [] if operation.op == "remove" else _levels(operation.value)
    if wanted is not None:
        _set(call, identity, wanted)
        identity.refresh_from_db()
    return answer(_document(identity))


@transaction.atomic
def _set(call: Call, identity: Identity, wanted: list[str]) -> None:
    """Of those levels that the vendor has a name for, exactly these; the others stay."""
    # looked at under the lock of `set_levels`: what is given or taken meanwhile is not undone
    held = lock(identity).levels
    kept = {code for code in held if not LEVELS[code].capability}
    asked = {LEVELS[code].capability for code in wanted}
    higher = {code for code in held if LEVELS[code].capability in asked}
    new = {code for code in wanted if LEVELS[code].capability not in capabilities(higher)}
    granting.set_levels(by=call.by, identity=identity, levels=new | higher | kept, at=call.now)


def _levels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Refused("capabilities must be a list of user levels.")
    unknown = [name for name in value if not name or name not in BY_CAPABILITY]
    if unknown:
        raise Refused(f"There is no user level “{unknown[0][:60]}” here.")
    return [BY_CAPABILITY[name] for name in value]


def _document(identity: Identity) -> dict[str, Any]:
    at = identity.last_login
    return {
        "tenant": tenant_name(),
        "id": str(identity.pk),
        "uid": identity.user_name,
        "profile": None,
        "identificationNumber": None,
        "email": identity.email or None,
        "phone": None,
        "workPhone": None,
        "personalEmail": None,
        "firstname": identity.first_name or None,
        "lastname": identity.last_name or None,
        "displayName": identity.display_name,
        "alias": identity.user_name,
        "lastPasswordChangeDate": None,
        "lastLoginTimestamp": int(at.timestamp() * 1000) if at else 0,
        "currentLoginTimestamp": 0,
        "lastUnlockTimestamp": None,
        "capabilities": sorted(capabilities(identity.levels)),
    }
