"""What all documents of this API are made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Self, TypeVar
from uuid import UUID

from django.db.models import TextChoices
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    WithJsonSchema,
)

B = TypeVar("B", bound=BaseModel)

UUID_TEXT: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
"""RFC 3339 section 5.6."""


def _uuid(value: object) -> object:
    if isinstance(value, UUID) or (isinstance(value, str) and UUID_TEXT.fullmatch(value)):
        return value
    raise ValueError("This is no UUID.")


def _instant(value: object) -> object:
    """Pydantic alone would take numbers as well."""
    if isinstance(value, datetime) or (isinstance(value, str) and INSTANT.fullmatch(value)):
        return value
    raise ValueError("This is no time such as 2027-01-31T12:00:00Z.")


def _in_utc(value: datetime) -> datetime:
    """By the clock of the database, which has no year 0 and no year 10000."""
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Choose a time between the years 1 and 9999.") from error


Id = Annotated[UUID, BeforeValidator(_uuid)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc)]
Flag = StrictBool
"""True or false, and no word for it."""
Name = Annotated[str, Field(min_length=1, max_length=100)]
Description = Annotated[str, Field(max_length=1000)]


def words(kind: type[StrEnum | TextChoices]) -> WithJsonSchema:
    """One of the words of an enumeration, written out where it stands: in the document two of one
    name would be one."""
    return WithJsonSchema({"type": "string", "enum": [each.value for each in kind]})


class Document(BaseModel):
    """What is answered."""


class Body(BaseModel):
    """What is sent; a member that is not known is refused: it could be a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class Change(Body):
    """A merge patch (RFC 7396) of a body: what is not sent stays as it is.

    Inherit from it and from the body that it changes, in this order.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for info in cls.model_fields.values():
            info.default, info.default_factory = None, None
            info.json_schema_extra = _without_default
        cls.model_rebuild(force=True)

    def over(self, current: B) -> B:
        """The body with what was sent in place of what it holds."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return current.model_copy(update=sent)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Reference(Document):
    """Another object, by its id and what it is called."""

    id: UUID
    name: str

    @classmethod
    def to(cls, row: Any) -> Self | None:
        """To a row of ours, whatever it is called by; None where there is none."""
        if row is None:
            return None
        return cls(id=row.pk, name=getattr(row, "name", "") or row.display_name)


class Identified(Document):
    """What has an address of its own."""

    id: UUID


class Stamped(Identified):
    """What most objects tell of themselves."""

    revision: int
    created_at: datetime
    created_by: str
    changed_at: datetime
