"""What the bytes of a directory become, and which are left alone."""

from __future__ import annotations

from uuid import UUID

import pytest

from accounts.lib.csv_safety import plain_cell
from accounts.lib.errors import DomainError
from accounts.sources.connectors.base import AttributeDraft, Misfit, Type
from accounts.sources.directory import values
from accounts.sources.directory.connection import Entry
from accounts.sources.directory.reading import Column, DirectoryReading, columns_of
from accounts.sources.directory.values import NotText, text_of

GUID = UUID("04030201-0605-0807-090a-0b0c0d0e0f10")


@pytest.mark.parametrize(
    ("name", "value", "kind", "expected"),
    [
        ("objectguid", GUID.bytes_le, Type.STRING, str(GUID)),
        ("objectguid", b"short", Type.STRING, "short"),
        ("objectsid", bytes.fromhex("010100000000000512000000"), Type.STRING, "S-1-5-18"),
        ("usercertificate;binary", b"\x30\x00", Type.STRING, "MAA="),
        ("jpegphoto", b"\xff\xd8", Type.STRING, "/9g="),
        ("pwdlastset", b"133500000000000000", Type.DATE, "2024-01-17T21:20:00Z"),
        ("pwdlastset", b"133500000000000000", Type.LONG, "133500000000000000"),
        ("accountexpires", b"0", Type.DATE, ""),
        ("accountexpires", b"9223372036854775807", Type.DATE, ""),
        ("accountexpires", b"9223372036854775806", Type.DATE, "9223372036854775806"),
        ("accountexpires", b"soon", Type.DATE, "soon"),
        ("whencreated", b"20261122194501.0Z", Type.DATE, "2026-11-22T19:45:01Z"),
        ("whencreated", b"20261122194501Z", Type.STRING, "20261122194501Z"),
        ("createtimestamp", b"2026112219Z", Type.DATE, "2026-11-22T19:00:00Z"),
        ("createtimestamp", b"202611222045+0100", Type.DATE, "2026-11-22T19:45:00Z"),
        ("createtimestamp", b"20261399999999Z", Type.DATE, "20261399999999Z"),
        ("createtimestamp", b"2026-11-22", Type.DATE, "2026-11-22"),
        ("cn", "Zoë".encode(), Type.STRING, "Zoë"),
        ("cn", b"", Type.STRING, ""),
    ],
)
def test_values(name: str, value: bytes, kind: str, expected: str) -> None:
    assert text_of(name, value, kind) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cn", b"\xff\xfe"),
        ("objectsid", b""),
        ("objectsid", b"\x01\x05"),
        ("objectsid", bytes.fromhex("0105000000000005")),
    ],
)
def test_what_is_no_text_is_said_to_be_none(name: str, value: bytes) -> None:
    with pytest.raises(NotText):
        text_of(name, value, Type.STRING)


@pytest.mark.parametrize(
    ("control", "expected"), [("512", "false"), ("514", "true"), ("66050", "true"), ("x", "")]
)
def test_whether_an_account_is_disabled(control: str, expected: str) -> None:
    assert values.is_disabled(control) == expected


def rows_of(schema: list[AttributeDraft], **attributes: list[bytes]) -> list[list[str]]:
    columns: list[Column] = columns_of(schema, {"mapping": ""})
    entry = Entry("cn=x", {name.replace("__", ";"): found for name, found in attributes.items()})
    return [row for _number, row in DirectoryReading(iter([entry]), columns)]


SCHEMA = [
    AttributeDraft("id", is_account_id=True),
    AttributeDraft("uid", is_account_name=True),
    AttributeDraft("mail", is_multi_valued=True),
    AttributeDraft("memberOf", is_multi_valued=True),
]


def test_attributes_with_different_numbers_of_values_share_rows() -> None:
    rows = rows_of(SCHEMA, id=[b"1"], uid=[b"x"], mail=[b"b", b"a"], memberof=[b"3", b"1", b"2"])
    assert rows == [["1", "x", "a", "1"], ["1", "x", "b", "2"], ["1", "x", "", "3"]]


def test_an_entry_without_values_is_one_row() -> None:
    assert rows_of(SCHEMA) == [["", "", "", ""]]


def test_what_a_spreadsheet_would_run_is_kept_as_it_is() -> None:
    (row,) = rows_of(SCHEMA, id=[b"1"], uid=[b"'=1+1"], mail=[b"=cmd"])
    assert [plain_cell(cell) for cell in row] == ["1", "'=1+1", "=cmd", ""]


@pytest.mark.parametrize(
    "name",
    ["userPassword", "USERPASSWORD;lang-en", "msDS-ManagedPassword", "userPKCS12", "2.5.4.35"],
)
def test_no_password_is_read_by_whatever_name(name: str) -> None:
    schema = [*SCHEMA, AttributeDraft("extra")]
    with pytest.raises(DomainError):
        columns_of(schema, {"mapping": f"extra = {name}"})
    with pytest.raises(DomainError):
        columns_of([*SCHEMA, AttributeDraft(name)], {"mapping": ""})


def test_values_of_which_only_some_came_are_rejected_with_their_account() -> None:
    schema = [*SCHEMA[:3], AttributeDraft("memberOf", is_multi_valued=True)]
    entry = {"id": [b"1"], "uid": [b"x"], "memberof;range=0-1499": [b"g"], "memberof": []}
    columns = columns_of(schema, {"mapping": ""})
    ((_number, row),) = DirectoryReading(iter([Entry("cn=x", entry)]), columns)
    assert isinstance(row, Misfit)
    assert (row.reason, row.column, row[0]) == ("partial", "memberOf", "1")
