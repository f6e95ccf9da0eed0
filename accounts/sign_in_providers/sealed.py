"""Where the sealed secrets of sign-in providers stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.sealing.places import Columns, places
from accounts.sign_in_providers.models import ProviderSecret
from accounts.sign_in_providers.secrets import context_of


def _context(row: ProviderSecret) -> str:
    return context_of(row.provider_id)


def register() -> None:
    label = gettext_lazy("Secrets of sign-in providers")
    place = Columns(label, ProviderSecret, _context)
    places.register(place.table, place)
