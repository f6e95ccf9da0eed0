"""How a client proves itself at the token endpoint (RFC 6749 section 2.3.1)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_plus

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.tenant.catalogue import Switch, switches
from accounts.tenant.queries import is_on
from tokens.oauth.errors import InvalidClient, InvalidRequest

LONGEST_HEADER: Final = 4_096
QUERY_PATH: Final = "/oauth/token"
"""Where old clients of SailPoint send a secret in the address; nobody does elsewhere."""

SECRET_IN_QUERY = Switch(
    name="client_secret_in_query",
    label=_("Client secrets may be sent in the address"),
    help_text=_(
        "For old clients of SailPoint only: what stands in an address ends up in the logs of "
        "every proxy. Each use is recorded."
    ),
    default=False,
)


def register() -> None:
    switches.register(SECRET_IN_QUERY.name, SECRET_IN_QUERY)


class Method(StrEnum):
    """By which way id and secret came; the names of RFC 7591 section 2 where they have one."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    QUERY = "query"


@dataclass(frozen=True)
class ClientSecret:
    """Who a client says it is, and its proof."""

    client_id: str
    secret: str = field(repr=False)
    method: Method


def of_request(request: HttpRequest, form: Mapping[str, str]) -> ClientSecret | None:
    """What the client sent to prove itself; None where it sent no secret.

    Raises:
        InvalidRequest: it used two ways at once.
        InvalidClient: the header cannot be read, or none is taken in this address.
    """
    found = [
        one for one in (of_header(request), _of_form(form), _of_query(request)) if one is not None
    ]
    if len(found) > 1:
        raise InvalidRequest("Authenticate in one way only.")
    return found[0] if found else None


def of_header(request: HttpRequest) -> ClientSecret | None:
    """Id and secret of a Basic header; None where there is none.

    Raises:
        InvalidClient: it cannot be read.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header[:6].lower() != "basic ":
        return None
    if len(header) > LONGEST_HEADER:
        raise InvalidClient("The Basic header is too long.", status=HTTPStatus.UNAUTHORIZED)
    try:
        text = b64decode(header[6:].strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidClient(
            "The Basic header cannot be read.", status=HTTPStatus.UNAUTHORIZED
        ) from error
    client_id, _colon, secret = text.partition(":")
    return ClientSecret(unquote_plus(client_id), unquote_plus(secret), Method.BASIC)


def _of_form(form: Mapping[str, str]) -> ClientSecret | None:
    if "client_secret" not in form:
        return None
    return ClientSecret(form.get("client_id", ""), form["client_secret"], Method.POST)


def _of_query(request: HttpRequest) -> ClientSecret | None:
    if "client_secret" not in request.GET:
        return None
    if request.path != QUERY_PATH:
        raise InvalidClient(
            f"The client secret stood in the address, which only {QUERY_PATH} may take.",
            status=HTTPStatus.UNAUTHORIZED,
        )
    if not is_on(SECRET_IN_QUERY):
        raise InvalidClient(
            "The client secret stood in the address, which this tenant does not take.",
            status=HTTPStatus.UNAUTHORIZED,
        )
    return ClientSecret(
        request.GET.get("client_id", ""), request.GET["client_secret"], Method.QUERY
    )
