"""Accounts from a delimited text file that somebody uploads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.imports.files.dialect import Dialect
from accounts.imports.files.reader import Records, match_header
from accounts.sources.connectors.base import (
    AttributeDraft,
    BadConfig,
    ConfigField,
    Connector,
    Intake,
    Misfit,
    Reading,
    Start,
    Text,
)

DETECT, TAB = "", "\\t"
"""How the settings write what no form field can hold."""


ID = AttributeDraft("id", _("The unique ID for the account"), is_account_id=True)
NAME = AttributeDraft(
    "name", _("The name of the account, typically the user name"), is_account_name=True
)
EMAIL = AttributeDraft("e-mail", _("The primary e-mail address of the user"))


class DelimitedFile(Connector):
    label: ClassVar[Text] = gettext_lazy("Delimited File")
    connection_type: ClassVar[Text] = gettext_lazy("Flat File")
    takes_files: ClassVar[bool] = True
    fields: ClassVar[Sequence[ConfigField]] = (
        ConfigField(
            "delimiter",
            gettext_lazy("Delimiter"),
            gettext_lazy("One character, or \\t for a tab. Empty: found by the header's columns."),
            max_length=2,
        ),
        ConfigField(
            "quote",
            gettext_lazy("Quote character"),
            gettext_lazy("Encloses cells that hold the delimiter or a line break. Empty: none."),
            default='"',
            max_length=1,
        ),
        ConfigField(
            "comment",
            gettext_lazy("Comment character"),
            gettext_lazy("Rows that begin with it are skipped. Empty: none are."),
            default="#",
            max_length=1,
        ),
        ConfigField(
            "merge_rows",
            gettext_lazy("Merge rows"),
            gettext_lazy(
                "Neighbouring rows with the same Account ID are one account; values of "
                "Multi-Valued attributes are collected, all others must repeat."
            ),
            kind=bool,
            default=True,
        ),
        ConfigField(
            "ignore_extra_columns",
            gettext_lazy("Ignore extra columns"),
            gettext_lazy("Otherwise a file with columns outside of the schema is refused."),
            kind=bool,
            default=False,
        ),
    )
    first_attributes: ClassVar[Sequence[AttributeDraft]] = (
        ID,
        NAME,
        AttributeDraft("givenName", _("The first name of the user")),
        AttributeDraft("familyName", _("The last name of the user")),
        EMAIL,
        AttributeDraft("location", _("Where the user works")),
        AttributeDraft("manager", _("The Account ID of the user's manager")),
        AttributeDraft(
            "groups",
            _("The groups that the account is in"),
            is_entitlement=True,
            is_multi_valued=True,
        ),
        AttributeDraft("startDate", _("When the user starts")),
        AttributeDraft("endDate", _("When the user leaves")),
    )
    starts: ClassVar[Mapping[str, Start]] = {
        "service_accounts": Start(
            gettext_lazy("Service accounts: id, name, e-mail, purpose"),
            (
                ID,
                NAME,
                EMAIL,
                AttributeDraft(
                    "purpose", _("A brief description of the purpose of this service account")
                ),
            ),
        ),
        "people": Start(
            gettext_lazy("People: names, location, manager, groups and dates besides"),
            first_attributes,
        ),
    }

    def open(self, intake: Intake) -> AbstractContextManager[Reading]:
        return _open(intake)

    def merges_rows(self, config: Mapping[str, Any]) -> bool:
        return bool(config["merge_rows"])

    def check(self, config: Mapping[str, Any]) -> None:
        dialect = dialect_of(config)
        if config["delimiter"] not in (DETECT, TAB) and len(dialect.delimiter) != 1:
            raise BadConfig(_("Type one character, or \\t for a tab."), field="delimiter")
        for name in ("delimiter", "quote", "comment"):
            sign = getattr(dialect, name)
            if sign and (sign in "\r\n\0'" or (sign.isspace() and sign not in " \t")):
                raise BadConfig(_("This character cannot be used here."), field=name)
            if sign and sign.isalnum():
                raise BadConfig(_("Choose a sign, not a letter or digit."), field=name)
        signs = [s for s in (dialect.delimiter, dialect.quote, dialect.comment) if s]
        if len(set(signs)) < len(signs):
            message = _("Delimiter, quote and comment character must differ.")
            raise BadConfig(message, field="delimiter")


def dialect_of(config: Mapping[str, Any]) -> Dialect:
    delimiter = str(config["delimiter"])
    return Dialect(
        delimiter="\t" if delimiter == TAB else delimiter,
        quote=str(config["quote"]),
        comment=str(config["comment"]),
    )


class FileReading:
    """The rows of a file, cells in the order of the account schema."""

    def __init__(self, records: Records, places: list[int], ignored: list[str]) -> None:
        self.header: Sequence[str] = records.header
        self.ignored: Sequence[str] = ignored
        self.total: int | None = records.total
        self._records = records
        self._places = places
        records.arrange(places)

    @property
    def position(self) -> int:
        return self._records.position

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return iter(self._records)

    def as_read(self, cells: list[str]) -> list[str]:
        if isinstance(cells, Misfit):
            return list(cells)
        found = [""] * len(self.header)
        for place, cell in zip(self._places, cells, strict=True):
            found[place] = cell
        return found


@contextmanager
def _open(intake: Intake) -> Iterator[Reading]:
    assert intake.path is not None
    dialect = dialect_of(intake.config)
    with Records(intake.path, intake.encoding, dialect, intake.columns) as records:
        places, ignored = match_header(
            records, intake.columns, ignore_extra=bool(intake.config["ignore_extra_columns"])
        )
        yield FileReading(records, places, ignored)
