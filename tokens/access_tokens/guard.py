"""Lets a program in by its access token (RFC 6750), for every door alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, Final, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date

from accounts.audit.actors import UnknownActor
from accounts.audit.context import Means, current, request_facts
from accounts.tenant.catalogue import IDM_REACHES_ESV
from accounts.tenant.queries import is_on
from tokens.access_tokens import implied_use
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.verify import AccessToken, Holder, InvalidToken, verify
from tokens.edge import refusals
from tokens.edge.machine import Problem
from tokens.edge.refusals import Part
from tokens.scopes.catalogue import Implication
from tokens.scopes.coverage import Coverage, covers
from tokens.scopes.files import installed
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponse)
GuardedView = Callable[Concatenate[HttpRequest, AccessToken, P], HttpResponse]

REFUSED = "api.refused"
IN_VAIN: Final = "steward_in_vain"
"""The attribute by which `in_vain` marks an answer."""
RESOURCE_METADATA_PATH = "/.well-known/oauth-protected-resource"
PARAMETER = "access_token"
"""Where RFC 6750 sections 2.2 and 2.3 would have the token; it would end up in logs."""
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_PARAMETER = re.compile(rb"(?:\A|&)access_token(?:[=&]|\Z)")

BEARER = re.compile(r"bearer (?P<token>[A-Za-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)
"""RFC 6750 section 2.1: one space, b64token, and nothing around it."""


class Refused(Exception):
    """RFC 6750 section 3.1. Without a `code` the caller sent no credentials at all."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        reason: str = "",
        scope: str = "",
        holder: Holder | None = None,
        part: Part | None = None,
        means: Means | None = None,
        wait_seconds: int = 0,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.wait_seconds = wait_seconds
        self.reason = reason or message
        self.scope, self.holder = scope, holder
        self.part, self.means = part, means


class Forbidden(Exception):
    """The token holds, but what it or its holder may do does not reach this call."""

    def __init__(
        self,
        reason: str,
        *,
        code: str = "insufficient_scope",
        scope: str = "",
        part: Part | None = Part.SCOPE,
    ) -> None:
        """`reason` is for the audit log; `code` is "" where no scope would help."""
        super().__init__(reason)
        self.reason, self.code, self.scope, self.part = reason, code, scope, part


Needs = Callable[[AccessToken], Sequence[str]]
"""Answers which scopes of a token a call uses.

Raises:
    Forbidden: none of them, or something else, allows it.
"""


Authenticate = Callable[[HttpRequest, datetime], AccessToken | None]
"""Another proof than an access token, as one that holds; None where the request brings none.

Raises:
    Refused: it brings one that does not hold.
"""


def bearer(
    problem: Problem,
    *,
    scope: str | None = None,
    needs: Needs | None = None,
    other: Authenticate | None = None,
) -> Callable[[GuardedView[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Hand the view a token that holds and covers `scope`; without one, any token that holds.

    A door with rules of its own brings them as `needs`, in place of `scope`, and one whose clients
    know other proofs brings those as `other`.

    Goes below `@machine`. Refusals are worded by `problem` and recorded in full; calls are
    counted, those apart that the view refuses, or does nothing of. A scope that only a deprecated
    implication reaches is let through while the tenant setting is on, and said so in the answer
    and the counts.
    """

    def decorate(
        view: GuardedView[P],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            now = timezone.now()
            try:
                token = (other and other(request, now)) or _authenticate(request, now)
                used, implied = (
                    (_needed(token, needs), None) if needs else _authorise(token, scope, now)
                )
            except Refused as refusal:
                _record(refusal, request, now)
                return _answer(refusal, problem)
            use = Use.TRIED
            try:
                with request_facts(replace(current(), means=token.means)):
                    response = view(request, token, *args, **kwargs)
                if response.status_code < HTTPStatus.BAD_REQUEST and not _is_in_vain(response):
                    use = Use.CALL
            finally:
                # also of a view that raised: its credential was used
                _count(token, use, used, now)
            response.headers.setdefault("Cache-Control", "no-store")
            if implied is not None:
                _announce(response, implied)
            return response

        return guarded

    return decorate


def in_vain(response: R) -> R:
    """Say of an answer that nothing of what was asked for was done, though its status is good."""
    setattr(response, IN_VAIN, True)
    return response


def _is_in_vain(response: HttpResponse) -> bool:
    return getattr(response, IN_VAIN, False)


def _authenticate(request: HttpRequest, now: datetime) -> AccessToken:
    if PARAMETER in request.GET or _in_form(request):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "invalid_request",
            "Send the access token in the Authorization header only.",
        )
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header[:6].lower() != "bearer":
        raise Refused(HTTPStatus.UNAUTHORIZED, "", "Send an access token.")
    found = BEARER.fullmatch(header)
    if found is None:
        raise _invalid(InvalidToken("the Authorization header is malformed"))
    try:
        return verify(found["token"], now)
    except InvalidToken as error:
        raise _invalid(error) from error


def _in_form(request: HttpRequest) -> bool:
    if request.content_type != FORM_TYPE:
        return False
    # found out without taking the form apart: nobody has proved anything yet
    return bool(FORM_PARAMETER.search(request.body))


def _invalid(error: InvalidToken) -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "invalid_token",
        "The access token is not valid.",
        reason=f"The access token is not valid: {error}.",
        holder=error.holder,
        part=error.part,
        means=error.means,
    )


def _needed(token: AccessToken, needs: Needs) -> Sequence[str]:
    try:
        return needs(token)
    except Forbidden as error:
        raise Refused(
            HTTPStatus.FORBIDDEN,
            error.code,
            "Access denied",
            reason=error.reason,
            scope=error.scope,
            holder=token.holder,
            part=error.part,
            means=token.means,
        ) from error


def _authorise(
    token: AccessToken, scope: str | None, now: datetime
) -> tuple[Sequence[str], Implication | None]:
    """The scopes that the call uses, and the implication it relies on where there is one."""
    if scope is None:
        return (), None
    catalogue = installed()
    if covers(token.scopes, scope, imply_esv=False):
        return [n for n in (scope, *catalogue.ancestors(scope)) if n in token.scopes][:1], None
    how = covers(token.scopes, scope, imply_esv=True)
    if how is Coverage.DEPRECATED_IMPLICATION and is_on(IDM_REACHES_ESV):
        reached = {scope, *catalogue.ancestors(scope)}
        for name in sorted(token.scopes):
            granted = catalogue.get(name)
            if granted and granted.implies and granted.implies.scope in reached:
                implied_use.note(token.holder, granted=name, reached=scope, now=now)
                return [name, scope], granted.implies
    raise Refused(
        HTTPStatus.FORBIDDEN,
        "insufficient_scope",
        "Access denied",
        reason=f"The token lacks {scope}.",
        scope=scope,
        holder=token.holder,
        part=Part.SCOPE,
        means=token.means,
    )


def deny(
    token: AccessToken,
    request: HttpRequest,
    problem: Problem,
    reason: str,
    *,
    message: str = "Access denied",
    part: Part | None = None,
    status: HTTPStatus = HTTPStatus.FORBIDDEN,
    code: str = "",
) -> HttpResponse:
    """Refuse what the guard itself let through: recorded like its own refusals.

    `reason` and `code` are for the audit log, `message` is for the caller.
    """
    refusal = Refused(
        status,
        code,
        message,
        reason=reason,
        holder=token.holder,
        part=part,
        means=token.means,
    )
    _record(refusal, request, timezone.now())
    return problem(refusal.status, refusal.message)


def _record(refusal: Refused, request: HttpRequest, now: datetime) -> None:
    holder, match, means = refusal.holder, request.resolver_match, refusal.means
    with request_facts(replace(current(), means=means)):
        refusals.note(
            REFUSED,
            by=holder or UnknownActor(label="Not known"),
            subject=holder,
            code=refusal.code or ("access_denied" if holder else "no_token"),
            reason=refusal.reason,
            now=now,
            detail={"method": request.method, "route": match.route if match else ""}
            | refusals.of_part(refusal.part, means.id if means else None),
        )


def _answer(refusal: Refused, problem: Problem) -> HttpResponse:
    response = problem(refusal.status, refusal.message)
    response["WWW-Authenticate"] = _challenge(refusal)
    response["Cache-Control"] = "no-store"
    if refusal.wait_seconds:
        response["Retry-After"] = str(refusal.wait_seconds)
    return response


def _challenge(refusal: Refused) -> str:
    parts = ['realm="steward"']
    if refusal.code:
        parts += [f'error="{refusal.code}"', f'error_description="{refusal.message}"']
    if refusal.scope:
        parts.append(f'scope="{refusal.scope}"')
    parts.append(f'resource_metadata="{issuer()}{RESOURCE_METADATA_PATH}"')
    return f"Bearer {', '.join(parts)}"


def _count(token: AccessToken, use: Use, used: Sequence[str], now: datetime) -> None:
    facts = current()
    buffer.add(
        identity_id=token.holder.pk,
        use=use,
        credential_id=token.credential_id,
        scopes=used,
        address=facts.address,
        client=facts.user_agent,
        at=now,
    )


def _announce(response: HttpResponse, implied: Implication) -> None:
    """RFC 9745 and RFC 8594, with the vendor's own dates."""
    notified = datetime.combine(implied.notified_on, time(), UTC)
    ends = datetime.combine(implied.end_of_life, time(), UTC)
    response["Deprecation"] = f"@{int(notified.timestamp())}"
    response["Sunset"] = http_date(ends.timestamp())
