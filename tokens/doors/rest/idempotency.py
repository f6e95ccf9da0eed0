"""POSTs that name themselves (`Idempotency-Key`): sent twice, done once, answered the same.

What was done and what was answered are written in one transaction, so that either both stand or
neither does; of two at once the second waits for the first. A refusal is not kept: what was wrong
may be mended, and the same key used again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.db import transaction
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from tokens.doors.rest.answers import CONTENT_TYPE, SecretAnswer
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import HEADERS, Refused
from tokens.doors.rest.models import IdempotentCall

HEADER: Final = "Idempotency-Key"
REPEATED: Final = "Idempotency-Replayed"
KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
SALT: Final = "steward.rest.idempotency"
KEPT_HEADERS: Final = ("ETag", "Location")


def once(request: Request, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What `act` answers, or answered when the caller sent the same under this key before.

    Raises:
        Refused: the key is malformed, stands for something else, or for an answer that held a
            secret, which nobody gets twice.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act()
    if not KEY.fullmatch(key):
        said = f"{HEADER} has 1 to 200 characters of ASCII, without spaces."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, said, code="bad_key", field=HEADER)
    digest = _digest(request)
    with transaction.atomic():
        call, is_new = IdempotentCall.objects.get_or_create(
            identity_id=request.by.pk,
            key=key,
            defaults={"digest": digest, "created_at": request.now},
        )
        if not is_new:
            return _again(call, digest)
        response = act()
        _keep(call, response, gave_secret=isinstance(response, SecretAnswer))
        return response


def _digest(request: Request) -> str:
    """Keyed, because what was sent may hold a secret that could be guessed from its digest."""
    sent = b"\0".join(
        [request.operation.name.encode(), request.get_full_path().encode(), _body(request)]
    )
    return salted_hmac(SALT, sent, algorithm="sha256").hexdigest()


def _body(request: Request) -> bytes:
    """Of a file its name and digest: the whole of it may be larger than the memory."""
    if request.file is None:
        return request.body
    digest = hashlib.sha256()
    for chunk in request.file.chunks():
        digest.update(chunk)
    return digest.digest() + (request.file.name or "").encode()


def _keep(call: IdempotentCall, response: HttpResponse, *, gave_secret: bool) -> None:
    call.status, call.gave_secret = response.status_code, gave_secret
    call.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    call.body = "" if gave_secret else response.content.decode()
    call.save(update_fields=["status", "gave_secret", "headers", "body"])


def _again(call: IdempotentCall, digest: str) -> HttpResponse:
    if not constant_time_compare(call.digest, digest):
        said = f"This {HEADER} was sent with another request. Use a new one for each."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, said, code="key_reused", field=HEADER)
    if call.gave_secret:
        where = call.headers.get("Location", "")
        said = "This was done before, and its answer held a secret that is shown once."
        said += f" What was made is at {where}." if where else ""
        raise Refused(HTTPStatus.CONFLICT, said, code="secret_already_taken")
    response = HttpResponse(
        call.body.encode(), status=call.status, headers=HEADERS, content_type=CONTENT_TYPE
    )
    if call.status == HTTPStatus.NO_CONTENT:
        del response["Content-Type"]
    for name, value in call.headers.items():
        response[name] = value
    response[REPEATED] = "true"
    return response
