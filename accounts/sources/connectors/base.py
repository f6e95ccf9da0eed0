"""What a connector says of itself, and how it hands out accounts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.imports.files.reader import Misfit as Misfit
from accounts.lib.errors import DomainError

Text = str | Promise


class BadConfig(DomainError):
    """A setting of a source that cannot be taken; `field` names it."""

    code = "bad_config"


class Type(StrEnum):
    """Types of an attribute, by SailPoint's names."""

    STRING = "STRING"
    LONG = "LONG"
    INT = "INT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"


@dataclass(frozen=True)
class AttributeDraft:
    """An attribute as a form, a template or a connector proposes it."""

    name: str
    description: str = ""
    type: str = Type.STRING
    is_entitlement: bool = False
    is_multi_valued: bool = False
    is_account_id: bool = False
    is_account_name: bool = False


@dataclass(frozen=True)
class ConfigField:
    """A setting of a source, from which its form field is made."""

    name: str
    label: Text
    help_text: Text = ""
    kind: type[str] | type[bool] | type[int] = str
    default: str | bool | int = ""
    choices: Sequence[tuple[str, Text]] = ()
    max_length: int = 200
    required: bool = False
    lines: int = 1

    def clean(self, value: Any) -> str | bool | int:
        """The value to store.

        Raises:
            BadConfig: it is of another type, too long, missing or none of the choices.
        """
        if self.kind is bool:
            if not isinstance(value, bool):
                self.refuse(_("Choose yes or no."))
            return bool(value)
        if self.kind is int:
            if not isinstance(value, int) or isinstance(value, bool):
                self.refuse(_("Type a whole number."))
            return int(value)
        if not isinstance(value, str) or len(value) > self.max_length or "\0" in value:
            self.refuse(
                _("Type a text of at most %(limit)d characters.") % {"limit": self.max_length}
            )
        if self.required and not value:
            self.refuse(_("Fill in this field."))
        if self.choices and value not in [choice for choice, _label in self.choices]:
            self.refuse(_("Choose one of the list."))
        return str(value)

    def refuse(self, message: str) -> None:
        raise BadConfig(message, field=self.name)


@dataclass(frozen=True)
class SecretField:
    """A secret of a source: typed, sealed, used, and never shown again."""

    name: str
    label: Text
    help_text: Text = ""
    required: bool = False


@dataclass(frozen=True)
class Intake:
    """What a connector reads: the account schema's columns, and the file if it takes files."""

    columns: Sequence[str]
    config: Mapping[str, Any]
    secret: Callable[[str], str] = field(repr=False)
    """The plain text of a declared secret; empty if none was set."""
    path: Path | None = None
    encoding: str = ""


class Reading(Protocol):
    """Rows of cells in the order of `Intake.columns`, each with its line (or number).

    An account with several values in an attribute comes as several rows, one after the other. A
    row with another number of cells than there are columns comes as `Misfit`.
    """

    header: Sequence[str]
    """All columns that are there, in their own order."""
    ignored: Sequence[str]
    """Those that were not asked for."""
    total: int | None
    """What `position` will be at the end, where that is known."""

    @property
    def position(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[int, list[str]]]: ...

    def as_read(self, cells: list[str]) -> list[str]:
        """Cells of a row in the order of `header`, for who mends it."""
        ...


class Connector(Protocol):
    """One kind of source."""

    label: ClassVar[Text]
    connection_type: ClassVar[Text]
    takes_files: ClassVar[bool]
    """Whether people upload what it reads; else it reads by itself."""
    fields: ClassVar[Sequence[ConfigField]]
    secrets: ClassVar[Sequence[SecretField]] = ()
    first_attributes: ClassVar[Sequence[AttributeDraft]]
    """The account schema of a new source."""

    @abstractmethod
    def open(self, intake: Intake) -> AbstractContextManager[Reading]:
        """Begin to read.

        Raises:
            DomainError: why it cannot be read; nothing is changed then.
        """
        ...

    def merges_rows(self, config: Mapping[str, Any]) -> bool:
        """Whether neighbouring rows of one account are one account with several values."""
        del config
        return True

    def clean(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The settings to store: each declared one, with its default where it is absent.

        Raises:
            BadConfig: a setting is unknown or wrong; `field` names it.
        """
        unknown = sorted(set(config) - {declared.name for declared in self.fields})
        if unknown:
            message = _("There is no setting “%(name)s”.") % {"name": unknown[0][:60]}
            raise BadConfig(message, field=unknown[0])
        cleaned = {f.name: f.clean(config.get(f.name, f.default)) for f in self.fields}
        self.check(cleaned)
        return cleaned

    def check(self, config: Mapping[str, Any]) -> None:
        """Whether the settings go together; for connectors that have more to say.

        Raises:
            BadConfig: they do not.
        """
        return


def connector_choices() -> list[tuple[str, Text]]:
    from accounts.sources.connectors import connectors

    return [(key, connector.label) for key, connector in connectors.items()]
