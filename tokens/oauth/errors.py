from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import JsonResponse

from tokens.edge.refusals import Part

NO_STORE = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer of the token endpoint: RFC 6749 section 5.1, and what the vendor sends."""
CONTENT_TYPE = "application/json;charset=UTF-8"


class OAuthError(Exception):
    """A refusal by RFC 6749 section 5.2.

    `code` and `description` go to the caller; `reason`, and the account and key where they are
    known, only to the audit log.
    """

    def __init__(
        self,
        code: str,
        description: str,
        *,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        reason: str = "",
        account_id: UUID | None = None,
        claimed: str = "",
        key_id: str = "",
        part: Part | None = None,
        credential_id: UUID | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.status = status
        self.reason = reason or description
        self.account_id = account_id
        self.claimed = claimed
        """Who the caller said it is, where nothing proved it."""
        self.key_id = key_id
        """The key that made the signature."""
        self.part = part
        self.credential_id = credential_id
        """The personal access token that was meant."""

    def response(self) -> JsonResponse:
        return answer(self.status, self.code, self.description)


def answer(status: HTTPStatus, code: str, description: str) -> JsonResponse:
    return JsonResponse(
        {"error_description": description, "error": code},
        status=status,
        headers=NO_STORE,
        content_type=CONTENT_TYPE,
    )


_CODES = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "server_error",
    HTTPStatus.SERVICE_UNAVAILABLE: "temporarily_unavailable",
}


def problem(status: HTTPStatus, message: str) -> JsonResponse:
    """What goes wrong before or beside the protocol, in its words."""
    return answer(status, _CODES.get(status, "invalid_request"), message)


class InvalidRequest(OAuthError):
    """The request is malformed: something is missing, repeated or unreadable."""

    def __init__(self, description: str, **facts: Any) -> None:
        super().__init__("invalid_request", description, **facts)


class InvalidClient(OAuthError):
    """The client is not the built-in public one of the grant, or tried to authenticate."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__("invalid_client", "This client is not known.", reason=reason, **facts)

    def response(self) -> JsonResponse:
        answered = super().response()
        if self.status == HTTPStatus.UNAUTHORIZED:
            answered["WWW-Authenticate"] = 'Basic realm="steward"'
        return answered


class InvalidGrant(OAuthError):
    """The proof does not hold. All cases look alike to the caller."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__("invalid_grant", "The assertion is not valid.", reason=reason, **facts)


class InvalidScope(OAuthError):
    """No scope was asked for (RFC 6749 section 3.3 lets a server insist), or it is no list."""

    def __init__(self, description: str, **facts: Any) -> None:
        super().__init__("invalid_scope", description, **facts)


class UnsupportedScopes(InvalidScope):
    """Scopes that the account may not have; the wording is what clients parse.

    They read the refused scopes from behind the colon and ask again without them.
    """

    def __init__(self, refused: list[str], **facts: Any) -> None:
        names = ",".join(refused)
        super().__init__(f"Unsupported scope for service account: {names}", **facts)


class TooManyFailures(OAuthError):
    """A client failed to prove itself too often; the right secret still passes."""

    def __init__(self, seconds: int, **facts: Any) -> None:
        super().__init__(
            "invalid_client",
            "This client failed to prove itself too often. Wait before the next attempt.",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            **facts,
        )
        self.seconds = seconds

    def response(self) -> JsonResponse:
        answered = super().response()
        answered["Retry-After"] = str(self.seconds)
        return answered
