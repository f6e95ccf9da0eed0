"""The log is append-only for our own code; what the database itself refuses is tested apart."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.audit.models import AppendOnly, Event

pytestmark = pytest.mark.django_db


def test_an_event_is_saved_once() -> None:
    event = record("setup.link_made", by=SYSTEM)
    event.reason = "rewritten"
    with pytest.raises(AppendOnly):
        event.save()
    assert Event.objects.get(pk=event.pk).reason == ""


def test_an_event_is_not_deleted() -> None:
    event = record("setup.link_made", by=SYSTEM)
    with pytest.raises(AppendOnly):
        event.delete()
    with pytest.raises(AppendOnly):
        Event.objects.filter(pk=event.pk).delete()
    assert Event.objects.filter(pk=event.pk).exists()


def test_many_events_are_not_changed_at_once() -> None:
    event = record("setup.link_made", by=SYSTEM)
    with pytest.raises(AppendOnly), transaction.atomic():
        Event.objects.update(reason="rewritten")
    with pytest.raises(AppendOnly), transaction.atomic():
        Event.objects.bulk_update([event], ["reason"])
    with pytest.raises(AppendOnly), transaction.atomic():
        Event.objects.update_or_create(pk=event.pk, defaults={"reason": "rewritten"})
    assert Event.objects.get(pk=event.pk).reason == ""
