"""The API itself: its nouns, what it answers where something goes wrong, and its document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from accounts.authorization.policies import NotAllowed
from accounts.identities import naming
from accounts.lib.errors import DomainError
from accounts.lib.tries import TooManyTries
from accounts.profiles.transforms.export import BadExport, parse_json
from tokens.doors.rest.calls import denied
from tokens.doors.rest.errors import NobodyMeant, Refused, not_found, of_domain, of_refusal, told
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.nouns import (
    apis,
    audit,
    bundles,
    groups,
    identities,
    imports,
    integrations,
    jobs,
    keys,
    personal_access_tokens,
    profiles,
    requests,
    roles,
    service_accounts,
    sources,
    takeovers,
    transforms,
)
from tokens.doors.rest.operations import Operation
from tokens.edge.bodies import is_storable

VERSION: Final = "1.0.0"
NOUNS: Final[tuple[Noun, ...]] = (
    service_accounts.noun,
    takeovers.noun,
    integrations.noun,
    keys.noun,
    personal_access_tokens.noun,
    apis.noun,
    apis.catalogue,
    identities.noun,
    groups.noun,
    roles.noun,
    requests.noun,
    sources.noun,
    imports.noun,
    profiles.noun,
    transforms.noun,
    bundles.noun,
    jobs.noun,
    audit.noun,
)
"""All of them; the document has them in this order."""

MOST_ERRORS: Final = 20
"""Members that one refusal tells of."""


class StrictParser(Parser):
    """JSON as RFC 8259 has it, of which no name stands twice and every text can be stored."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            found = parse_json(request.body)
        except BadExport as error:
            raise Refused(HTTPStatus.BAD_REQUEST, error.message, code="bad_json") from error
        if not is_storable(found):
            said = "The body holds characters that no text may have, such as NUL."
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, said, code="bad_text")
        return found


api: Final = NinjaAPI(
    title="Steward",
    version=VERSION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="rest",
    parser=StrictParser(),
)
for _noun in NOUNS:
    api.add_router(f"/{_noun.word}", _noun.router)


def operations() -> list[Operation]:
    """Every operation that there is."""
    return [operation for noun in NOUNS for operation in noun.operations]


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    del request, error
    return of_refusal(not_found())


def _refused(request: Any, error: Any) -> HttpResponse:
    if isinstance(error, NobodyMeant):
        try:
            naming.count_unknown(request.by)
        except TooManyTries as too_many:
            return of_domain(too_many)
    return of_refusal(error)


def _denied(request: Any, error: Any) -> HttpResponse:
    return denied(request, error)


def _of_domain(request: HttpRequest, error: Any) -> HttpResponse:
    del request
    return of_domain(error)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """Ninja wraps what its parser raises."""
    del request
    if isinstance(error.__cause__, Refused):
        return of_refusal(error.__cause__)
    return told(HTTPStatus.BAD_REQUEST, "The body cannot be read.", code="bad_json")


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """What its type or bounds tell of a body or parameter."""
    del request
    errors = [
        {"field": _place(found["loc"]), "message": str(found["msg"])}
        for found in error.errors[:MOST_ERRORS]
    ]
    said = "Some of what you sent cannot be taken; `errors` says what."
    return told(HTTPStatus.UNPROCESSABLE_ENTITY, said, code="invalid", errors=errors)


def _place(steps: tuple[Any, ...]) -> str:
    """Without where it was sent and what our own code calls it: `members.0.until`."""
    within = steps[2:] if steps[0] == "body" else steps[1:]
    return ".".join(str(step)[:60] for step in within[:10])


api.add_exception_handler(Http404, _not_found)
api.add_exception_handler(Refused, _refused)
api.add_exception_handler(NotAllowed, _denied)
api.add_exception_handler(DomainError, _of_domain)
api.add_exception_handler(HttpError, _unreadable)
api.add_exception_handler(ValidationError, _invalid)
