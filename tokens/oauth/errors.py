from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import JsonResponse

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""RFC 6749 section 5.1: on every answer of the token endpoint."""
CONTENT_TYPE = "application/json;charset=UTF-8"


class OAuthError(Exception):
    """A refusal by RFC 6749 section 5.2.

    `code` and `description` go to the caller; `reason`, and the account where one is known, only
    to the audit log.
    """

    status = 400

    def __init__(
        self,
        code: str,
        description: str,
        *,
        reason: str = "",
        account_id: UUID | None = None,
        claimed: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.reason = reason or description
        self.account_id = account_id
        self.claimed = claimed
        """Who the caller said it is, where nothing proved it."""

    def response(self) -> JsonResponse:
        body: dict[str, Any] = {"error_description": self.description, "error": self.code}
        return JsonResponse(body, status=self.status, headers=NO_STORE, content_type=CONTENT_TYPE)


class InvalidRequest(OAuthError):
    """The request is malformed: something is missing, repeated or unreadable."""

    def __init__(self, description: str, **facts: Any) -> None:
        super().__init__("invalid_request", description, **facts)


class InvalidGrant(OAuthError):
    """The proof does not hold. All cases look alike to the caller."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__("invalid_grant", "The assertion is not valid.", reason=reason, **facts)


class UnsupportedScopes(OAuthError):
    """Scopes that the account may not have; the wording is what clients parse.

    They read the refused scopes from behind the colon and ask again without them.
    """

    def __init__(self, refused: list[str], **facts: Any) -> None:
        names = ",".join(refused)
        super().__init__(
            "invalid_scope", f"Unsupported scope for service account: {names}", **facts
        )


class NoScopes(OAuthError):
    """No scope was asked for; RFC 6749 section 3.3 lets a server insist on one."""

    def __init__(self, **facts: Any) -> None:
        super().__init__("invalid_scope", "No scope was requested.", **facts)
