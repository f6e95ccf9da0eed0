"""What the bytes of a directory mean as text."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.sources.connectors.base import Type

GUIDS: Final = frozenset({"objectguid", "msexchmailboxguid", "ms-ds-consistencyguid"})
SIDS: Final = frozenset({"objectsid", "sidhistory"})
FILE_TIMES: Final = frozenset(
    {
        "accountexpires",
        "badpasswordtime",
        "lastlogoff",
        "lastlogon",
        "lastlogontimestamp",
        "lockouttime",
        "ms-ds-lastsuccessfulinteractivelogontime",
        "msds-userpasswordexpirytimecomputed",
        "pwdlastset",
    }
)
"""Counts of 100 nanoseconds since 1601, [MS-DTYP] section 2.3.3."""
BINARY: Final = frozenset(
    {"audio", "cacertificate", "jpegphoto", "photo", "thumbnaillogo", "thumbnailphoto"}
    | {"usercertificate", "usersmimecertificate"}
)
SECRET: Final = frozenset(
    {
        "authpassword",
        "dbcspwd",
        "ipanthash",
        "krbprincipalkey",
        "lmpwdhistory",
        "ms-mcs-admpwd",
        "msds-managedpassword",
        "mslaps-encrypteddsrmpassword",
        "mslaps-encrypteddsrmpasswordhistory",
        "mslaps-encryptedpassword",
        "mslaps-encryptedpasswordhistory",
        "mslaps-password",
    }
    | {"ntpwdhistory", "pwdhistory", "sambalmpassword", "sambantpassword", "sambapasswordhistory"}
    | {"supplementalcredentials", "unicodepwd", "unixuserpassword", "userpassword"}
    | {"userpkcs12"}
)
"""Passwords, private keys and what they can be worked out from: none of our business, so no
reading asks for them."""

NEVER: Final = frozenset({0, 2**63 - 1})
EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
GENERALIZED: Final = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,]\d+)?(Z|[+-]\d\d(?:\d\d)?)", re.ASCII
)
"""RFC 4517 section 3.3.13."""
DISABLED: Final = 0x2
"""ACCOUNTDISABLE of userAccountControl, [MS-ADTS] section 2.2.16."""


class NotText(Exception):
    """The value is neither text nor of a kind that can be written as such."""


def text_of(name: str, value: bytes, kind: str) -> str:
    """A value of the attribute `name` (in lower case) for one of type `kind`; empty means none.

    Raises:
        NotText: it cannot be written as text.
    """
    bare = name.partition(";")[0]
    if bare in GUIDS and len(value) == 16:
        return str(UUID(bytes_le=value))
    if bare in SIDS:
        return sid(value)
    if bare in BINARY or name.endswith(";binary"):
        return base64.b64encode(value).decode()
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise NotText from error
    if bare in FILE_TIMES and kind in (Type.STRING, Type.DATE):
        return file_time(text)
    if kind == Type.DATE:
        return generalized_time(text)
    return text


def sid(value: bytes) -> str:
    """A security identifier as `S-1-5-21-…`, [MS-DTYP] section 2.4.2.

    Raises:
        NotText: it is none.
    """
    if len(value) < 8 or len(value) != 8 + 4 * value[1]:
        raise NotText
    authority = int.from_bytes(value[2:8], "big")
    parts = [int.from_bytes(value[i : i + 4], "little") for i in range(8, len(value), 4)]
    return "-".join(["S", str(value[0]), str(authority), *map(str, parts)])


def file_time(text: str) -> str:
    """As ISO 8601 in UTC; empty for "never"."""
    try:
        ticks = int(text)
        return "" if ticks in NEVER else _iso(EPOCH + timedelta(microseconds=ticks // 10))
    except (ValueError, OverflowError):
        return text  # the schema says what is wrong with it


def generalized_time(text: str) -> str:
    """As ISO 8601 in UTC; a text of another form as it is."""
    found = GENERALIZED.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, second, zone = found.groups()
    offset = "+0000" if zone == "Z" else f"{zone:0<5}"
    clock = f"{hour}{minute or '00'}{second or '00'}"
    try:
        moment = datetime.strptime(f"{year}{month}{day}{clock}{offset}", "%Y%m%d%H%M%S%z")
    except ValueError:
        return text
    return _iso(moment.astimezone(UTC))


def is_disabled(control: str) -> str:
    """What userAccountControl says of the account being disabled; empty if it says nothing."""
    try:
        return "true" if int(control) & DISABLED else "false"
    except ValueError:
        return ""


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
