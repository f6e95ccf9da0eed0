"""Secrets of sources: sealed when they are typed, opened for the connector alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.sealing import Sealed, open_sealed, seal
from accounts.sources.models import Source, SourceSecret

MAX_LENGTH = 4000
"""Characters; a PEM key fits."""


class BadSecret(DomainError):
    """A secret that the connector does not declare, or one that is too long."""

    code = "bad_secret"


def _context(source: Source, name: str) -> str:
    return f"accounts_sourcesecret:{source.pk}:{name}"


def put(source: Source, secrets: Mapping[str, str], *, at: datetime) -> list[str]:
    """Store what was typed; an empty text keeps what is stored. Answers the names that changed.

    Raises:
        BadSecret: the name is not declared, or the text is too long.
    """
    declared = {field.name for field in source.kind.secrets}
    changed = []
    for name, plain in secrets.items():
        if name not in declared or len(plain) > MAX_LENGTH:
            raise BadSecret(_("This secret cannot be taken."), field=name)
        if plain:
            sealed = seal(plain.encode(), context=_context(source, name))
            SourceSecret.objects.update_or_create(
                source=source,
                name=name,
                defaults={"key_id": sealed.key_id, "blob": sealed.blob, "changed_at": at},
            )
            changed.append(name)
    return changed


def names(source: Source) -> dict[str, datetime]:
    """Which secrets are set, and since when: all that is ever shown of them."""
    return dict(SourceSecret.objects.filter(source=source).values_list("name", "changed_at"))


def plain(source: Source, name: str) -> str:
    """The plain text, for the connector only; empty if none is set.

    Raises:
        SealBroken: it cannot be opened here.
    """
    row = SourceSecret.objects.filter(source=source, name=name).first()
    if row is None:
        return ""
    sealed = Sealed(row.key_id, bytes(row.blob))
    return open_sealed(sealed, context=_context(source, name)).decode()
