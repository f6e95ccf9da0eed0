"""Where sealed values of second factors stand: in JSON, as the library keeps them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.sealing.places import Found, places
from accounts.sealing.sealed import Sealed
from accounts.second_factors import adapter

NAMES: Final = ("secret", "seed")
"""Where an authenticator app and recovery codes keep theirs."""
KEY_ID_CHARACTERS: Final = 8


class FactorsPlace:
    label: str | Promise = gettext_lazy("Authenticator apps and recovery codes of people")
    table: str = Authenticator._meta.db_table  # noqa: SLF001  public, whatever it is called

    def counts(self) -> dict[str, int]:
        rows = self._rows().values_list("wrapped_by").annotate(n=Count("pk")).order_by()
        return dict(rows)

    def find(self, key_id: str, *, after: Any, limit: int) -> Sequence[Found]:
        rows = self._rows().filter(wrapped_by=key_id).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        return [
            Found(row.pk, adapter.context_of(row.user_id), _sealed(row.data[_name(row.data)]))
            for row in rows[:limit]
        ]

    def swap(self, pairs: Iterable[tuple[Found, Sealed]]) -> int:
        return sum(self._swap(found, new) for found, new in pairs)

    @staticmethod
    @transaction.atomic
    def _swap(found: Found, new: Sealed) -> bool:
        row = Authenticator.objects.select_for_update().filter(pk=found.pk).first()
        name = _name(row.data) if row else ""
        if row is None or not name or row.data[name] != adapter.as_text(found.sealed):
            return False
        row.data[name] = adapter.as_text(new)
        row.save(update_fields=["data"])
        return True

    @staticmethod
    def _rows() -> QuerySet[Any]:
        texts = [KeyTextTransform(name, "data") for name in NAMES]
        rows = Authenticator.objects.annotate(sealed=Coalesce(*texts))
        rows = rows.filter(sealed__isnull=False)
        found: QuerySet[Any] = rows.annotate(wrapped_by=Left(F("sealed"), KEY_ID_CHARACTERS))
        return found


def _name(data: dict[str, Any]) -> str:
    return next((name for name in NAMES if name in data), "")


def _sealed(text: str) -> Sealed:
    key_id, _dot, blob = text.partition(".")
    return Sealed(key_id, base64.b64decode(blob))


def register() -> None:
    places.register(adapter.PLACE, FactorsPlace())
