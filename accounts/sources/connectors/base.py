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

from accounts.imports.files.errors import FileRefused
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
    least: int | None = None
    most: int | None = None
    first: bool = False
    """Asked for when the source is made, not only under Edit Configuration."""

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
            return self._within(int(value))
        if not isinstance(value, str) or len(value) > self.max_length or "\0" in value:
            self.refuse(
                _("Type a text of at most %(limit)d characters.") % {"limit": self.max_length}
            )
        if self.required and not value:
            self.refuse(_("Fill in this field."))
        if self.choices and value not in [choice for choice, _label in self.choices]:
            self.refuse(_("Choose one of the list."))
        return str(value)

    def _within(self, number: int) -> int:
        if self.least is not None and number < self.least:
            self.refuse(_("Type a number of at least %(limit)d.") % {"limit": self.least})
        if self.most is not None and number > self.most:
            self.refuse(_("Type a number of at most %(limit)d.") % {"limit": self.most})
        return number

    def refuse(self, message: str) -> None:
        raise BadConfig(message, field=self.name)


@dataclass(frozen=True)
class SecretField:
    """A secret of a source: typed, sealed, used, and never shown again."""

    name: str
    label: Text
    help_text: Text = ""
    after: str = ""
    """The setting that it belongs to; its field stands below it."""
    bound_to: Sequence[str] = ()
    """Settings that say who gets it: if one changes, it must be typed again. Otherwise whoever may
    change the source could have it sent to a server of theirs."""


@dataclass(frozen=True)
class Intake:
    """What a connector reads: the account schema, and the file if it takes files."""

    schema: Sequence[AttributeDraft]
    config: Mapping[str, Any]
    secret: Callable[[str], str] = field(repr=False)
    """The plain text of a declared secret; empty if none was set."""
    path: Path | None = None
    encoding: str = ""

    @property
    def columns(self) -> list[str]:
        return [attribute.name for attribute in self.schema]


@dataclass(frozen=True)
class Trial:
    """What a connector saw when it was tried out: the first few accounts."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    name_place: int = 0
    """The column of the Account Name."""
    left_out: int = 0
    """Parts of the source that are elsewhere, where the connector does not go."""


class Reading(Protocol):
    """Rows of cells in the order of `Intake.columns`, each with its line (or number).

    An account with several values in an attribute comes as several rows, one after the other. A
    row that cannot be taken for a reason of the connector's own comes as `Misfit`.
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


@dataclass(frozen=True)
class Start:
    """An account schema to begin with."""

    label: Text
    attributes: Sequence[AttributeDraft]


class Connector(Protocol):
    """One kind of source."""

    label: ClassVar[Text]
    connection_type: ClassVar[Text]
    takes_files: ClassVar[bool]
    """Whether people upload what it reads; else it reads by itself."""
    fields: ClassVar[Sequence[ConfigField]]
    secrets: ClassVar[Sequence[SecretField]] = ()
    first_attributes: ClassVar[Sequence[AttributeDraft]]
    discovers: ClassVar[bool] = False
    """Whether it can tell which attributes there are."""
    starts: ClassVar[Mapping[str, Start]] = {}
    """Account schemas to choose from for a new source, the usual one first."""

    @abstractmethod
    def open(self, intake: Intake) -> AbstractContextManager[Reading]:
        """Begin to read.

        Raises:
            DomainError: why it cannot be read; nothing is changed then.
        """
        ...

    def first_schema(self, start: str = "") -> Sequence[AttributeDraft]:
        """The account schema of a new source; `start` is one of `starts`."""
        return self.starts[start].attributes if start in self.starts else self.first_attributes

    def wants_secret(self, name: str, config: Mapping[str, Any]) -> bool | None:
        """Whether these settings need the secret (True), have no use for it (False: then it is
        not kept), or use it if there is one (None)."""
        return None

    def nothing_read(self) -> DomainError:
        """What is said of a reading without a single account."""
        return FileRefused("no_rows")

    def try_out(self, intake: Intake) -> Trial:
        """Read a few accounts, quickly; for connectors that take no files.

        Raises:
            DomainError: what is wrong, and with which setting.
        """
        raise BadConfig(_("This source needs a file."))

    def discover(self, intake: Intake) -> list[AttributeDraft]:
        """Attributes that could be in the account schema and are not.

        Raises:
            DomainError: what is wrong, and with which setting.
        """
        del intake
        return []

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
