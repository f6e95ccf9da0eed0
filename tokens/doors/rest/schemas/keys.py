from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from tokens.credentials.actions import Issued, KeyChoice
from tokens.credentials.models import CredentialStatus, KeyOrigin
from tokens.credentials.types import key_pair
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Document, Flag, Id, Identified, Reference, words

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


class KeyDocument(Identified):
    """The public half of a key pair of an account."""

    account: Reference
    key_id: str = Field(description="`kid` of the assertions that it signs.")
    algorithm: str
    thumbprint: str
    public_jwk: dict[str, Any]
    origin: str
    status: Annotated[CredentialStatus, words(CredentialStatus)]
    created_at: datetime
    created_by: str
    ends_at: datetime | None
    last_used_at: datetime | None
    stored_at: datetime | None = Field(description="When its holder said that they have it.")


class NewKey(KeyBody):
    """A key in place of those that an account has."""

    account: Id
    keep_old_for_hours: Annotated[
        int, Field(strict=True, ge=0, le=720, description="How long the old keys go on.")
    ] = 0
    revoke_tokens: Flag = Field(False, description="Refuse the tokens that are out from now on.")


class MadeKey(Identified):
    """What came of a request for a key: the key, or an offer to the owner; `id` is its."""

    account: Reference
    offered: bool
    key: IssuedKey


class KeyListing(Listing):
    sort: Literal["created_at", "-created_at"] = "-created_at"
    account: Annotated[Id | None, Field(description="Only those of this account.")] = None
    usable: Annotated[Literal["true"] | None, Field(description="Only those that work.")] = None


class PickupDocument(Identified):
    """A key that waits for whom it was offered to."""

    account: Reference
    algorithm: str
    created_at: datetime
    expires_at: datetime


class Pickups(Document):
    """The keys that wait for the caller."""

    items: list[PickupDocument]


KeyPage = Page[KeyDocument]
