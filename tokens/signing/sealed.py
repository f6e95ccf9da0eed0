"""Where the private halves of signing keys stand."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

from accounts.sealing.places import Columns
from tokens.signing.keys import sealing_context
from tokens.signing.models import SigningKey


def _context(row: SigningKey) -> str:
    return sealing_context(row.key_id)


SIGNING_KEYS: Final = Columns(
    gettext_lazy("Signing keys of the token service"),
    SigningKey,
    _context,
    key="sealing_key_id",
    blob="sealed_private",
)
