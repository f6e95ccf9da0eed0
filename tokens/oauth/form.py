"""The body of a request to the token endpoint: a form in which each parameter stands once."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from tokens.oauth.errors import InvalidClient, InvalidRequest
from tokens.oauth.grants.base import Form

FORM_TYPE = "application/x-www-form-urlencoded"
BODY_MAX_BYTES = 65_536
MAX_PARAMETERS = 64
OUR_PARAMETERS = frozenset({"grant_type", "client_id", "assertion", "scope"})


def read(request: HttpRequest) -> Form:
    """The parameters of the body. Unknown ones are left in, and ignored by whoever asks.

    Raises:
        InvalidRequest: the body is no form, too large, or repeats a parameter.
        InvalidClient: the caller tries to authenticate as a client; ours are public.
    """
    if request.META.get("HTTP_AUTHORIZATION", "")[:6].lower() == "basic ":
        raise InvalidClient("A client secret was sent.", status=HTTPStatus.UNAUTHORIZED)
    if (request.content_type or "").lower() != FORM_TYPE:
        raise InvalidRequest(f"Send the parameters as {FORM_TYPE}.")
    parameters = _parameters(request)
    form = dict(parameters)
    if len(form) != len(parameters):
        names = [name for name, _value in parameters]
        repeated = min(name for name in form if names.count(name) > 1)
        shown = f"The parameter {repeated}" if repeated in OUR_PARAMETERS else "A parameter"
        raise InvalidRequest(f"{shown} is repeated.")
    return form


def _parameters(request: HttpRequest) -> list[tuple[str, str]]:
    """Also as clients send them that leave spaces, colons and asterisks as they are."""
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError) as error:
        raise InvalidRequest("The request is too large, or broke off.") from error
    if len(body) > BODY_MAX_BYTES:
        raise InvalidRequest("The request is too large.")
    if str(len(body)) != request.META.get("CONTENT_LENGTH"):
        raise InvalidRequest("The request is shorter than it says.")
    try:
        return parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except ValueError as error:
        raise InvalidRequest("The form cannot be read.") from error
