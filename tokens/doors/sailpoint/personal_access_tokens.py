"""Personal access tokens: listed, made, changed and revoked by those who hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime

from tokens.access_tokens.lifetimes import longest_seconds
from tokens.credentials.models import Credential
from tokens.credentials.types.personal_access_token import generate_plain
from tokens.doors.sailpoint.calls import Call, as_id, one_of, reference, stamp
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import Refused, answer, done
from tokens.doors.sailpoint.fields import Column, Kind
from tokens.doors.sailpoint.json_patch import Operation, operations
from tokens.personal_access_tokens import actions, queries
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime

ALL_SCOPES: Final = "sp:scopes:all"
ALL: Final = "sp:all-personal-access-tokens"
READS: Final = (f"{ALL}:read", f"{ALL}:manage")
WRITES: Final = (f"{ALL}:manage",)

NAME, SCOPE = "/name", "/scope"
EXPIRY, NEVER = "/expirationDate", "/userAwareTokenNeverExpires"
MOST_AT_ONCE: Final = 25
END_OF_TIME: Final = "9999-12-31T23:59:59.999Z"
"""The expiry of a new token that has none: clients insist on a time, and would lose the secret."""

TOKENS: Final = Collection(
    order=("-created_at", "id"),
    fields={"lastUsed": Column("last_used_at", "le isnull", Kind.TIME)},
    parameters=frozenset({"owner-id"}),
)


def list_(call: Call) -> HttpResponse:
    """One's own, or with the right to all tokens those that one sees in the console."""
    rows = _live(queries.visible_to(call.by))
    whose = call.request.GET.get("owner-id", "")
    if whose == "me" or as_id(whose) == call.by.pk:
        rows = rows.filter(identity=call.by)
    elif not call.carries(*READS):
        raise Refused(
            "This token may list the tokens of its holder only: send owner-id=me.",
            HTTPStatus.FORBIDDEN,
        )
    elif whose:
        wanted = as_id(whose)
        rows = rows.filter(identity=wanted) if wanted else rows.none()
    return listed(call, rows, TOKENS, _documents)


def create(call: Call) -> HttpResponse:
    """A token of the caller's own; the secret is in this answer and nowhere else."""
    seconds = call.document.get("accessTokenValiditySeconds")
    if seconds is not None and type(seconds) is not int:
        raise Refused("accessTokenValiditySeconds must be a whole number.")
    draft = Draft(
        name=call.text("name", required=True),
        scopes=_scopes(call.document.get("scope")),
        lifetime=_lifetime(
            _expiry(call.document.get("expirationDate")),
            _truth("userAwareTokenNeverExpires", call.document.get("userAwareTokenNeverExpires")),
        ),
        access_token_seconds=seconds,
    )
    # the vendor's form of a secret: clients check its length
    issued = actions.create(
        by=call.by,
        holder=call.by,
        draft=draft,
        within=call.token,
        at=call.now,
        make_secret=generate_plain,
    )
    told = _documents([issued.token])[0] | {"secret": issued.secret.take()}
    told["expirationDate"] = told["expirationDate"] or END_OF_TIME
    del told["lastUsed"], told["managed"]
    return answer(told)


def patch(call: Call, token_id: str) -> HttpResponse:
    token = _find(call, token_id)
    changes = operations(call.body, {NAME, SCOPE, EXPIRY, NEVER})
    return answer(_documents([_changed(call, token, changes)])[0])


def delete(call: Call, token_id: str) -> HttpResponse:
    actions.revoke(by=call.by, token=_find(call, token_id), at=call.now)
    return done()


def bulk_update(call: Call) -> HttpResponse:
    """Another expiry for several tokens: for all of them, or for none.

    As the vendor refuses its API clients, so are service accounts that came by a key.
    """
    if call.token.client_id != call.token.credential_id.hex:
        raise Refused("Call this with a personal access token.", HTTPStatus.FORBIDDEN)
    ids = call.document.get("ids")
    if (
        not isinstance(ids, list)
        or not 1 <= len(ids) <= MOST_AT_ONCE
        or not all(isinstance(token_id, str) for token_id in ids)
    ):
        raise Refused(f"ids must be a list of 1 to {MOST_AT_ONCE} ids.")
    changes = operations(call.document.get("patch"), {EXPIRY, NEVER})
    with transaction.atomic():
        found = [_find(call, token_id) for token_id in dict.fromkeys(ids)]
        told = _documents([_changed(call, token, changes) for token in found])
    return answer(told)


def _changed(call: Call, token: Credential, changes: Iterable[Operation]) -> Credential:
    wanted: dict[str, Any] = {}
    ends, never = token.expires_at, token.expires_at is None
    for change in changes:
        value = None if change.op == "remove" else change.value
        match change.path:
            case "/name":
                if not isinstance(value, str):
                    raise Refused("name must be text.")
                wanted["name"] = value
            case "/scope":
                wanted["scopes"] = _scopes(value)
            case "/expirationDate":
                ends = _expiry(value)
                never = never and ends is None
            case _:
                never = _truth("userAwareTokenNeverExpires", value)
                ends = None if never and EXPIRY not in {c.path for c in changes} else ends
    if (ends, never) != (token.expires_at, token.expires_at is None):
        wanted["lifetime"] = _lifetime(ends, never)
    return actions.edit(by=call.by, token=token, within=call.token, at=call.now, **wanted)


def _scopes(value: Any) -> Sequence[str]:
    if value in (None, []):
        value = [ALL_SCOPES]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Refused("scope must be a list of scopes.")
    return value


def _lifetime(ends: datetime | None, never: bool) -> Lifetime:
    if ends is None and not never:
        raise Refused("Send expirationDate, or set userAwareTokenNeverExpires to true.")
    return Lifetime(ends, never)


def _expiry(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise Refused("expirationDate must be a time such as 2026-12-31T23:59:59.999Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _truth(name: str, value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise Refused(f"{name} must be true or false.")
    return bool(value)


def _live(rows: QuerySet[Credential]) -> QuerySet[Credential]:
    return rows.filter(revoked_at=None)


def _find(call: Call, token_id: str) -> Credential:
    """A token of the caller's own, or with these scopes one that they see in the console."""
    rows = _live(queries.visible_to(call.by))
    if not call.carries(*WRITES):
        rows = rows.filter(identity=call.by)
    return one_of(rows, token_id, "personal access token")


def _documents(tokens: Sequence[Credential]) -> list[dict[str, Any]]:
    longest = longest_seconds()
    return [_document(token, longest) for token in tokens]


def _document(token: Credential, longest: int) -> dict[str, Any]:
    """`longest` is what the tenant allows now: the lifetime is told as it would be used."""
    holder = token.identity
    return {
        "id": token.client_id,
        "name": token.name,
        "scope": list(token.scopes),
        "owner": reference("IDENTITY", holder.pk, holder.user_name),
        "created": stamp(token.created_at),
        "lastUsed": stamp(token.last_used_at),
        "managed": False,
        "accessTokenValiditySeconds": min(token.access_token_seconds or longest, longest),
        "expirationDate": stamp(token.expires_at),
        "userAwareTokenNeverExpires": token.expires_at is None,
    }
