"""Where sealed values of sources stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.sealing.places import Columns, places
from accounts.sources.models import SourceSecret
from accounts.sources.secrets import context_of


def _context(row: SourceSecret) -> str:
    return context_of(row.source_id, row.name)


def register() -> None:
    label = gettext_lazy("Passwords and keys of sources")
    place = Columns(label, SourceSecret, _context)
    places.register(place.table, place)
