"""One-time codes by time (RFC 6238), as an application's authenticator key says."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

ALGORITHMS: Final = ("SHA1", "SHA256", "SHA512")
DIGITS: Final = (6, 7, 8)
PERIODS: Final = range(15, 121)
"""Seconds."""
SECRET_BYTES: Final = range(8, 129)
LONGEST_INPUT: Final = 2_000


class BadKey(DomainError):
    """Neither an authenticator key nor an address of one; what was typed is not repeated."""

    code = "bad_authenticator_key"


@dataclass(frozen=True)
class OneTimeCodes:
    """What codes are computed from."""

    secret: bytes = field(repr=False)
    digits: int = 6
    period: int = 30
    """Seconds."""
    algorithm: str = "SHA1"

    def step_at(self, at: datetime) -> int:
        return int(at.timestamp()) // self.period

    def seconds_left(self, at: datetime) -> int:
        """For which the code of this moment can still be typed."""
        return self.period - int(at.timestamp()) % self.period

    def code_of(self, step: int) -> str:
        """RFC 4226 section 5.3."""
        digest = hmac.digest(self.secret, step.to_bytes(8, "big"), self.algorithm.lower())
        offset = digest[-1] & 15
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        return str(number % 10**self.digits).zfill(self.digits)

    def packed(self) -> str:
        """As it is sealed."""
        said = {"digits": self.digits, "period": self.period, "algorithm": self.algorithm}
        return json.dumps(said | {"secret": base64.b32encode(self.secret).decode()})


def unpacked(text: str) -> OneTimeCodes:
    said = json.loads(text)
    secret = base64.b32decode(said.pop("secret"))
    return OneTimeCodes(secret, **said)


def read(text: str) -> OneTimeCodes:
    """The codes of a secret key in base32, or of an `otpauth://totp/…` address.

    Raises:
        BadKey
    """
    text = text.strip()
    if len(text) > LONGEST_INPUT:
        raise BadKey(_("This is too long to be an authenticator key."), field="key")
    if not text.lower().startswith("otpauth:"):
        return OneTimeCodes(_secret(text))
    try:
        parts = urlsplit(text)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        digits, period = int(query.get("digits", 6)), int(query.get("period", 30))
    except ValueError:
        raise BadKey(_("This address of an authenticator cannot be read."), field="key") from None
    algorithm = query.get("algorithm", "SHA1").upper()
    if parts.netloc.lower() != "totp":
        message = _("Only codes that change with the time (totp) can be kept.")
        raise BadKey(message, field="key")
    if digits not in DIGITS or period not in PERIODS or algorithm not in ALGORITHMS:
        message = _("Codes of this length, period or algorithm cannot be computed.")
        raise BadKey(message, field="key")
    return OneTimeCodes(_secret(query.get("secret", "")), digits, period, algorithm)


def _secret(text: str) -> bytes:
    plain = "".join(text.split()).replace("-", "").upper().rstrip("=")
    try:
        found = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        found = b""
    if len(found) not in SECRET_BYTES:
        message = _(
            "Paste the secret key that the application shows (letters and the digits 2 to 7), or "
            "the address that starts with otpauth://."
        )
        raise BadKey(message, field="key")
    return found
