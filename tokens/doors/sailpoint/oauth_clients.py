"""OAuth clients, read: here these are the service accounts, which get tokens for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponse

from accounts.models import ServiceAccount
from accounts.service_accounts import queries
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.service_accounts.states import Status
from tokens.access_tokens.lifetimes import seconds_by_key
from tokens.doors.sailpoint.calls import Call, as_id, stamp
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import answer, not_found
from tokens.oauth.grants import grants
from tokens.usage.queries import last_used

CLIENTS: Final = Collection(order=("name", "pk"))


def list_(call: Call) -> HttpResponse:
    return listed(call, _readable(call), CLIENTS, lambda rows: documents(call, rows))


def get(call: Call, client_id: str) -> HttpResponse:
    wanted = as_id(client_id)
    found = _readable(call).filter(pk=wanted).first() if wanted else None
    if found is None:
        raise not_found("OAuth client")
    return answer(documents(call, [found])[0])


def _readable(call: Call) -> ServiceAccountQuerySet:
    return queries.visible_to(call.by)


def documents(call: Call, rows: Sequence[ServiceAccount]) -> list[dict[str, Any]]:
    uses, seconds = last_used([row.pk for row in rows]), seconds_by_key()
    return [
        {
            "id": str(row.pk),
            "businessName": None,
            "homepageUrl": None,
            "name": row.name,
            "description": row.description or None,
            "accessTokenValiditySeconds": seconds,
            "refreshTokenValiditySeconds": 0,
            "redirectUris": None,
            "grantTypes": list(grants.keys()),
            "accessType": "OFFLINE",
            "type": "CONFIDENTIAL",
            "internal": False,
            "enabled": row.status_at(call.now) == Status.ACTIVE,
            "strongAuthSupported": False,
            "claimsSupported": False,
            "created": stamp(row.created_at),
            "modified": stamp(row.changed_at),
            "lastUsed": stamp(uses[row.pk].last_used_at) if row.pk in uses else None,
            "scope": list(row.scopes),
        }
        for row in rows
    ]
