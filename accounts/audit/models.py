from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models.functions import Now

from accounts.audit.actors import ActorKind


class AppendOnly(TypeError):
    """Somebody tried to change or delete an event."""


class Outcome(models.TextChoices):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


NOT_DONE = ~models.Q(outcome=Outcome.DONE)
"""Refused or failed. A query must hold the very same term to be answered by a partial index."""


ISSUED = "token.issued"
"""The one action of programs that is so frequent that it hides what people do."""

NOT_ISSUED = ~models.Q(action=ISSUED)
"""Everything else; a term for a partial index, as above."""


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject_type: str, subject_id: object) -> EventQuerySet:
        return self.filter(subject_type=subject_type, subject_id=str(subject_id))

    def ended_in(self, outcome: str) -> EventQuerySet:
        found = self.filter(outcome=outcome)
        return found if outcome == Outcome.DONE else found.filter(NOT_DONE)

    def without_issued(self) -> EventQuerySet:
        """Without the access tokens that were issued."""
        return self.filter(NOT_ISSUED)

    def newest_first(self) -> EventQuerySet:
        """By the time that they tell of; the order of writing decides between equal ones."""
        return self.order_by("-at", "-id")

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Events are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Events are never deleted.")


class Event(models.Model):
    """One line of the audit log.

    Without foreign keys: what it names may be gone by the time it is read. A trigger in the
    database refuses to change or delete rows, whoever asks.

    `credential_*` is what the actor used where a program acted for them: then a person may not
    even have known. An issued token has it among the details, as what it was issued for.
    """

    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.DONE)
    actor_kind = models.CharField(max_length=12, choices=[(k, k) for k in ActorKind])
    actor_id = models.CharField(max_length=36, blank=True)
    actor_label = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    # null, not empty: so they came to a table of millions without its being written anew
    credential_kind = models.CharField(max_length=40, null=True)
    credential_id = models.UUIDField(null=True)
    credential_label = models.CharField(max_length=200, null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        # each ends in the order of the lists, so that a page is read without sorting
        indexes = [
            models.Index(fields=["at", "id"], name="event_by_time"),
            models.Index(fields=["actor_id", "at", "id"], name="event_by_actor"),
            models.Index(fields=["action", "at", "id"], name="event_by_action"),
            models.Index(fields=["subject_id", "at", "id"], name="event_by_subject"),
            # what jobs do comes from no address and in no request
            models.Index(
                fields=["address", "at", "id"],
                condition=~models.Q(address=""),
                name="event_from_address",
            ),
            models.Index(
                fields=["request_id"], condition=~models.Q(request_id=""), name="event_in_request"
            ),
            models.Index(
                fields=["credential_id", "at", "id"],
                condition=models.Q(credential_id__isnull=False),
                name="event_by_credential",
            ),
            models.Index(fields=["at", "id"], condition=NOT_ISSUED, name="event_but_issued"),
            # refusals are rare among issued tokens, so they are found in indexes of their own
            *(
                models.Index(fields=[*fields, "at", "id"], condition=NOT_DONE, name=name)
                for name, fields in (
                    ("trouble_by_time", []),
                    ("trouble_by_actor", ["actor_id"]),
                    ("trouble_by_action", ["action"]),
                    ("trouble_by_subject", ["subject_id"]),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.subject_label}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Events are never deleted.")
