"""Applications that speak SCIM 2.0: RFC 7643 for what an account is, RFC 7644 for the calls."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib import web
from accounts.lifecycle_integrations.connectors.base import (
    Access,
    Connector,
    NotThere,
    Outside,
    Person,
    Refused,
    Stopped,
    Taken,
)

PAGE: Final = 100
MOST_ACCOUNTS: Final = 20_000
"""Of one application; with more it is not said that all of them were seen."""
LONGEST_ID: Final = 200
CALL_SECONDS: Final = 15.0
ANSWER_BYTES: Final = 4 * 1024 * 1024
TRIES: Final = 3
LONGEST_PAUSE_SECONDS: Final = 20.0
"""What is asked for beyond it is waited for by a later try of the whole."""
LATER: Final = timedelta(minutes=1)
BUSY: Final = (429, 502, 503, 504)
MEDIA_TYPE: Final = "application/scim+json"
USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PATHS: Final = {
    "user_name": "userName",
    "display_name": "displayName",
    "first_name": "name.givenName",
    "last_name": "name.familyName",
}

pause = time.sleep


class Scim(Connector):
    label: str | Promise = gettext_lazy("SCIM 2.0")
    help_text: str | Promise = gettext_lazy(
        "Any application with a SCIM 2.0 address, such as https://api.example.com/scim/v2."
    )

    def check(self, access: Access) -> str:
        found = _ask(access, "GET", "/Users?startIndex=1&count=1")
        return _("It answers, and has %(count)d accounts.") % {"count": _total(found)}

    def accounts(self, access: Access, tell: Callable[[int], None]) -> Iterator[Outside]:
        seen: set[str] = set()
        while True:
            query = urlencode({"startIndex": len(seen) + 1, "count": PAGE})
            answer = _ask(access, "GET", f"/Users?{query}")
            total, rows = _total(answer), answer.get("Resources", [])
            if total > MOST_ACCOUNTS:
                message = _("The application has more than %(most)d accounts.")
                raise Stopped(message % {"most": MOST_ACCOUNTS})
            if not isinstance(rows, list):
                raise _unreadable()
            found = [_read(row) for row in rows]
            if len(seen | {each.id for each in found}) != len(seen) + len(found):
                raise Stopped(_("The application listed an account twice."), again_after=LATER)
            seen |= {each.id for each in found}
            yield from found
            tell(len(seen))
            if len(seen) >= total:
                return
            if not found:
                raise Stopped(
                    _("The application did not list all of its accounts."), again_after=LATER
                )

    def find(self, access: Access, person: Person) -> Outside | None:
        for path, value in (
            ("externalId", person.key),
            ("userName", person.attributes["user_name"]),
        ):
            query = urlencode({"filter": f"{path} eq {json.dumps(value)}", "count": 2})
            try:
                rows = _ask(access, "GET", f"/Users?{query}").get("Resources", [])
            except Refused:
                if path == "userName":
                    raise
                continue  # not every application can look for what we call somebody
            if not isinstance(rows, list):
                raise _unreadable()
            # an application that does not know the filter may answer with anybody
            for row in map(_read, rows):
                named = person.attributes["user_name"].casefold()
                if row.key == person.key if path == "externalId" else _same(row, named):
                    return row
        return None

    def invite(self, access: Access, person: Person) -> str:
        told = person.attributes
        body: dict[str, Any] = {
            "schemas": [USER],
            "externalId": person.key,
            "userName": told["user_name"],
            "displayName": told["display_name"],
            "active": True,
        }
        name = {"givenName": told["first_name"], "familyName": told["last_name"]}
        if name := {part: value for part, value in name.items() if value}:
            body["name"] = name
        if told["email"]:
            body["emails"] = _emails(told["email"])
        return _read(_ask(access, "POST", "/Users", body)).id

    def update(self, access: Access, outside_id: str, person: Person) -> None:
        told = person.attributes
        operations = [
            _replace("externalId", person.key),
            _replace("active", True),
            *(_replace(path, told[name]) for name, path in PATHS.items() if told[name]),
        ]
        if told["email"]:
            operations.append(_replace("emails", _emails(told["email"])))
        _patch(access, outside_id, operations)

    def deactivate(self, access: Access, outside_id: str) -> None:
        _patch(access, outside_id, [_replace("active", False)])

    def remove(self, access: Access, outside_id: str) -> None:
        _ask(access, "DELETE", _of(outside_id))


def _same(row: Outside, named: str) -> bool:
    return row.user_name.casefold() == named


def _replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def _emails(address: str) -> list[dict[str, Any]]:
    return [{"value": address, "type": "work", "primary": True}]


def _patch(access: Access, outside_id: str, operations: list[dict[str, Any]]) -> None:
    _ask(access, "PATCH", _of(outside_id), {"schemas": [PATCH], "Operations": operations})


def _of(outside_id: str) -> str:
    return f"/Users/{quote(outside_id, safe='')}"


def _read(row: Any) -> Outside:
    """An account as it was answered; what is none stops everything."""
    if not isinstance(row, dict):
        raise _unreadable()
    outside_id, user_name = row.get("id"), row.get("userName")
    if not isinstance(outside_id, str) or not isinstance(user_name, str):
        raise _unreadable()
    # a part of an address that servers and proxies take for another
    if not 0 < len(outside_id) <= LONGEST_ID or outside_id in (".", ".."):
        raise _unreadable()
    if not outside_id.isprintable() or len(user_name) > 1000:
        raise _unreadable()
    key = row.get("externalId")
    return Outside(
        outside_id,
        user_name,
        key if isinstance(key, str) else "",
        is_active=row.get("active", True) is not False,
    )


def _total(answer: dict[str, Any]) -> int:
    total = answer.get("totalResults")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise _unreadable()
    return total


def _unreadable() -> Stopped:
    return Stopped(_("What the application answered is not SCIM 2.0."))


def _ask(
    access: Access, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One call, tried again where the application is busy for a moment."""
    answer = _call(access, method, path, body)
    for _number in range(TRIES - 1):
        if answer.status not in BUSY:
            break
        seconds = _asked_to_wait(answer)
        if seconds > LONGEST_PAUSE_SECONDS:
            break
        pause(seconds)
        answer = _call(access, method, path, body)
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    if answer.status == 204 or (not answer.body and method != "GET"):
        return {}
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(found, dict):
        raise _unreadable()
    return found


def _call(access: Access, method: str, path: str, body: dict[str, Any] | None) -> web.Answer:
    headers = {"Accept": f"{MEDIA_TYPE}, application/json", "Authorization": _proof(access)}
    sent = None
    if body is not None:
        headers["Content-Type"], sent = MEDIA_TYPE, json.dumps(body).encode()
    try:
        return web.call(
            method,
            access.url.rstrip("/") + path,
            headers,
            sent,
            timeout=CALL_SECONDS,
            limit=ANSWER_BYTES,
            policy=access.policy,
        )
    except web.CannotReach as error:
        raise Stopped(error.message, again_after=LATER if error.transient else None) from error


def _proof(access: Access) -> str:
    secret = access.secret
    if access.auth == "basic":
        pair = f"{access.username}:{secret}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
    return f"Bearer {secret}"


def _asked_to_wait(answer: web.Answer) -> float:
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1.0


def _refusal(answer: web.Answer) -> Refused | Stopped:
    """What a status other than success means; the text of the application is not repeated."""
    status = answer.status
    if status in BUSY or status >= 500:
        wait = timedelta(seconds=min(_asked_to_wait(answer), 3600.0))
        message = _("The application is busy or out of order (status %(status)d).")
        return Stopped(message % {"status": status}, again_after=max(wait, LATER))
    if status in (401, 403):
        message = _("The application does not let us in (status %(status)d). Check the secret.")
        return Stopped(message % {"status": status})
    if 300 <= status < 400:
        return Stopped(_("The application sends us elsewhere, which is not followed."))
    if status == 404:
        return NotThere(_("The application has nothing at this address (status 404)."))
    if status == 409:
        return Taken(_("The application has an account of this name already (status 409)."))
    message = _("The application refused it (status %(status)d).")
    return Refused(message % {"status": status})
