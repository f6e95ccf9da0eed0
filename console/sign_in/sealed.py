"""Sealed values that wait in the queue: what was typed by those who forgot their password."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.sealing.places import Found
from accounts.sealing.sealed import Sealed
from console.sign_in.jobs import CONTEXT, answer_reset


class TypedPlace:
    """Tasks that have ended are not read again, so nothing in them needs its key."""

    label: str | Promise = gettext_lazy("Forgotten passwords that wait for their mail")
    table: str = DBTaskResult._meta.db_table  # noqa: SLF001  public, whatever it is called

    def counts(self) -> dict[str, int]:
        states = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
        rows = self._rows().filter(status__in=states).values_list("args_kwargs", flat=True)
        return dict(Counter(_key_id(each) for each in rows))

    def find(self, key_id: str, *, after: Any, limit: int) -> Sequence[Found]:
        rows = self._rows().filter(status=TaskResultStatus.READY).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        found = [row for row in rows if _key_id(row.args_kwargs) == key_id]
        return [Found(row.pk, CONTEXT, _sealed(row.args_kwargs)) for row in found[:limit]]

    def swap(self, pairs: Iterable[tuple[Found, Sealed]]) -> int:
        return sum(self._swap(found, new) for found, new in pairs)

    @transaction.atomic
    def _swap(self, found: Found, new: Sealed) -> bool:
        waiting = self._rows().filter(pk=found.pk, status=TaskResultStatus.READY)
        row = waiting.select_for_update(of=("self",)).first()
        if row is None or _sealed(row.args_kwargs) != found.sealed:
            return False
        row.args_kwargs["args"][:2] = [new.key_id, b64encode(new.blob).decode()]
        row.save(update_fields=["args_kwargs"])
        return True

    @staticmethod
    def _rows() -> QuerySet[Any]:
        rows: QuerySet[Any] = DBTaskResult.objects.filter(task_path=answer_reset.module_path)
        return rows


def _key_id(args_kwargs: dict[str, Any]) -> str:
    return str(args_kwargs["args"][0])


def _sealed(args_kwargs: dict[str, Any]) -> Sealed:
    key_id, blob = args_kwargs["args"][:2]
    return Sealed(key_id, b64decode(blob))
