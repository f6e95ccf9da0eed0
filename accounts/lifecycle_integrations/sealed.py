"""Where the sealed secrets of life-cycle integrations stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.lifecycle_integrations.models import LifecycleSecret
from accounts.lifecycle_integrations.secrets import context_of
from accounts.sealing.places import Columns, places


def _context(row: LifecycleSecret) -> str:
    return context_of(row.integration_id)


def register() -> None:
    label = gettext_lazy("Secrets of life-cycle integrations")
    place = Columns(label, LifecycleSecret, _context)
    places.register(place.table, place)
