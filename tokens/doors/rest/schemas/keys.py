from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from tokens.credentials.actions import Issued, KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types import key_pair
from tokens.doors.rest.schemas.base import Body, Document

Algorithm = Literal["RSA-4096", "RSA-3072", "P-256", "Ed25519"]


class KeyBody(Body):
    """Where the key of an account comes from."""

    origin: Annotated[
        Literal["steward", "uploaded", "owner"],
        Field(
            description="`steward`: we make it, and the answer shows its private half once. "
            "`uploaded`: `public_key` is yours. `owner`: it is offered to the owner of the account."
        ),
    ]
    algorithm: Algorithm = "RSA-4096"
    public_key: Annotated[
        str,
        Field(
            max_length=key_pair.PUBLIC_TEXT_MAX_LENGTH,
            description="A JWK, a JWK set of one key, or PEM; never the private half.",
        ),
    ] = ""
    expires_in_days: Annotated[
        int | None,
        Field(strict=True, ge=1, le=3650, description="null: it does not expire."),
    ] = None

    def choice(self) -> KeyChoice:
        days = self.expires_in_days
        return KeyChoice(
            origin=KeyOrigin(self.origin),
            algorithm=self.algorithm,
            public_key=self.public_key,
            lifetime=None if days is None else timedelta(days=days),
        )


class IssuedKey(Document):
    """What is shown once: nobody, and no one of us, can read it a second time."""

    key_id: str | None = Field(description="`kid`; null where the key is offered to the owner.")
    private_jwk: dict[str, Any] | None = Field(
        description="The private half; null unless we made the key."
    )

    @classmethod
    def of(cls, issued: Issued) -> Self:
        return cls(
            key_id=issued.credential.key_id if issued.credential else None,
            private_jwk=json.loads(issued.private.take()) if issued.private else None,
        )
