"""The body of a request to the token endpoint: a form in which each parameter stands once."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from tokens.oauth.errors import InvalidRequest
from tokens.oauth.grants.base import Form

FORM_TYPE = "application/x-www-form-urlencoded"
BODY_MAX_BYTES = 65_536
MAX_PARAMETERS = 64
MULTIPART_TYPE = "multipart/form-data"
"""What SailPoint's client for TypeScript sends."""
OUR_PARAMETERS = frozenset(
    {"grant_type", "client_id", "client_secret", "assertion", "scope", "resource"}
    | {"client_assertion", "client_assertion_type", "token", "token_type_hint"}
)


def read(request: HttpRequest) -> Form:
    """The parameters of the body. Unknown ones are left in, and ignored by whoever asks.

    Raises:
        InvalidRequest: the body is no form, too large, or repeats a parameter.
    """
    kind = (request.content_type or "").lower()
    if kind not in (FORM_TYPE, MULTIPART_TYPE) and not _is_all_in_query(request):
        raise InvalidRequest(f"Send the parameters as {FORM_TYPE}.")
    if kind == MULTIPART_TYPE:
        parameters = _parts(request)
    elif kind == FORM_TYPE:
        parameters = _parameters(request)
    else:
        parameters = _in_query(request)
    form = dict(parameters)
    if len(form) != len(parameters):
        names = [name for name, _value in parameters]
        repeated = min(name for name in form if names.count(name) > 1)
        shown = f"The parameter {repeated}" if repeated in OUR_PARAMETERS else "A parameter"
        raise InvalidRequest(f"{shown} is repeated.")
    return form


def _is_all_in_query(request: HttpRequest) -> bool:
    """Whether there is no body, and an address with a secret as old clients send it."""
    return not request.META.get("CONTENT_LENGTH", "").strip("0") and "client_secret" in request.GET


def _in_query(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name != "client_secret"
    ]


def _parts(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        posted = request.POST
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError) as error:
        raise InvalidRequest("The form cannot be read.") from error
    if request.FILES:
        raise InvalidRequest("No file is taken here.")
    return [(name, value) for name, values in posted.lists() for value in values]


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
