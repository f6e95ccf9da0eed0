"""Secrets of sources: sealed when they are typed, opened for the connector alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.sealing import Sealed, open_sealed, seal
from accounts.sources.connectors.base import SecretField
from accounts.sources.models import Source, SourceSecret

MAX_LENGTH = 4000
"""Characters; a PEM key fits."""


class BadSecret(DomainError):
    """A secret that the connector does not declare, or one that is too long."""

    code = "bad_secret"


def context_of(source_id: UUID, name: str) -> str:
    return f"accounts_sourcesecret:{source_id}:{name}"


def replace(
    source: Source,
    typed: Mapping[str, str],
    *,
    before: Mapping[str, Any] | None,
    follow: bool = False,
    at: datetime,
) -> list[str]:
    """Store what was typed for the settings that `source` has now; answers the names that changed.

    An empty text keeps what is stored, as long as it goes where it went by the settings `before`;
    what the settings need no more is forgotten. With `follow`, one that must be typed may be typed
    later: what is stored and would go elsewhere is forgotten.

    Raises:
        BadSecret: the name is not declared, the text is too long, or it must be typed.
    """
    kind, changed = source.kind, []
    unknown = sorted(set(typed) - {field.name for field in kind.secrets})
    if unknown:
        raise BadSecret(_("This secret cannot be taken."), field=unknown[0])
    stored = names(source)
    for field in kind.secrets:
        plain = typed.get(field.name, "")
        if len(plain) > MAX_LENGTH or "\0" in plain:
            raise BadSecret(_("This secret cannot be taken."), field=field.name)
        wanted = kind.wants_secret(field.name, source.config)
        if wanted is False:
            if SourceSecret.objects.filter(source=source, name=field.name).delete()[0]:
                changed.append(field.name)
        elif plain:
            _store(source, field.name, plain, at)
            changed.append(field.name)
        elif wanted or field.name in stored:
            try:
                _check_kept(source, field, before=before, is_stored=field.name in stored)
            except BadSecret:
                if not follow:
                    raise
                if SourceSecret.objects.filter(source=source, name=field.name).delete()[0]:
                    changed.append(field.name)
    return changed


def proposed(
    source: Source, typed: Mapping[str, str], *, before: Mapping[str, Any] | None
) -> dict[str, str]:
    """The plain texts by which settings are tried out that are not saved yet: those of `source`.

    Raises:
        BadSecret: one must be typed.
    """
    stored, opened = names(source) if before is not None else {}, {}
    for field in source.kind.secrets:
        wanted = source.kind.wants_secret(field.name, source.config)
        if wanted is False:
            continue
        if typed.get(field.name):
            opened[field.name] = typed[field.name]
        elif wanted or field.name in stored:
            _check_kept(source, field, before=before, is_stored=field.name in stored)
            opened[field.name] = plain(source, field.name)
    return opened


def _check_kept(
    source: Source, field: SecretField, *, before: Mapping[str, Any] | None, is_stored: bool
) -> None:
    """Whether a secret that was not typed may be used with the settings that `source` has now.

    Raises:
        BadSecret: there is none, or it would go elsewhere than it did with the settings `before`.
    """
    if not is_stored or before is None:
        raise BadSecret(_("Fill in this field."), field=field.name)
    moved = [name for name in field.bound_to if before.get(name) != source.config.get(name)]
    if moved:
        message = _("Type it again, because it would now be sent elsewhere than before.")
        raise BadSecret(message, field=field.name)


def _store(source: Source, name: str, plain: str, at: datetime) -> None:
    sealed = seal(plain.encode(), context=context_of(source.pk, name))
    SourceSecret.objects.update_or_create(
        source=source,
        name=name,
        defaults={"key_id": sealed.key_id, "blob": sealed.blob, "changed_at": at},
    )


def names(source: Source) -> dict[str, datetime]:
    """Which secrets are set, and since when: all that is ever shown of them."""
    return dict(SourceSecret.objects.filter(source=source).values_list("name", "changed_at"))


def names_of(sources: Sequence[Source]) -> dict[UUID, list[str]]:
    """Which secrets are set, of many sources; one statement."""
    found: dict[UUID, list[str]] = {source.pk: [] for source in sources}
    rows = SourceSecret.objects.filter(source__in=found).order_by("name")
    for source_id, name in rows.values_list("source", "name"):
        found[source_id].append(name)
    return found


def plain(source: Source, name: str) -> str:
    """The plain text, for the connector only; empty if none is set.

    Raises:
        SealBroken: it cannot be opened here.
    """
    row = SourceSecret.objects.filter(source=source, name=name).first()
    if row is None:
        return ""
    sealed = Sealed(row.key_id, bytes(row.blob))
    return open_sealed(sealed, context=context_of(source.pk, name)).decode()
