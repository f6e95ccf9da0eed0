"""A checkpoint outside of the installation: what makes a log that was cut or rewritten show."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.audit.proof.models import AuditCheckpoint
from accounts.lib.errors import DomainError

FORMAT: Final = "steward-audit-checkpoint-1"
LONGEST: Final = 2000
"""Characters of an exported checkpoint."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class BadCheckpoint(DomainError):
    """This is no exported checkpoint."""


@dataclass(frozen=True)
class Exported:
    number: int
    digest: str
    mac: str
    made_at: str
    last_id: int
    installation: str
    format: str = FORMAT

    def as_text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def export(checkpoint: AuditCheckpoint) -> Exported:
    return Exported(
        number=checkpoint.number,
        digest=checkpoint.digest,
        mac=checkpoint.mac,
        made_at=checkpoint.made_at.isoformat(),
        last_id=checkpoint.last_id,
        installation=settings.STEWARD_PUBLIC_URL,
    )


def read(text: str) -> Exported:
    """An exported checkpoint.

    Raises:
        BadCheckpoint: it is none.
    """
    try:
        told: dict[str, Any] = json.loads(text[: LONGEST + 1])
        found = Exported(**told)
    except (ValueError, TypeError, RecursionError):
        raise _bad() from None
    if found.format != FORMAT or not _is_whole(found.number, found.digest):
        raise _bad()
    return found


def _is_whole(number: object, digest: object) -> bool:
    """Whether they are what they are declared as: whoever wrote the file may have written less."""
    if type(number) is not int or not isinstance(digest, str):
        return False
    return 0 < number < 2**63 and _DIGEST.fullmatch(digest) is not None


def _bad() -> BadCheckpoint:
    return BadCheckpoint(
        message=_("This is no checkpoint. Paste a whole file as it was downloaded here.")
    )
