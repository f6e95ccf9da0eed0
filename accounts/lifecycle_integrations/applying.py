"""One step of a synchronization: the call to the application, and the note of what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.identities.models import Identity
from accounts.jobs.run import Run
from accounts.lifecycle_integrations import members
from accounts.lifecycle_integrations.connectors.base import (
    Access,
    Connector,
    NotThere,
    Person,
    Refused,
    Taken,
)
from accounts.lifecycle_integrations.models import (
    OUTSIDE_ID_MAX_LENGTH,
    LifecycleIntegration,
    LifecycleLink,
    LifecycleStep,
)
from accounts.lifecycle_integrations.states import LEAVING, Act, StepState


@dataclass(frozen=True)
class Doing:
    """What the steps of one synchronization have in common."""

    connector: Connector
    access: Access
    lifecycle: LifecycleIntegration
    job: Run
    hold: Callable[[], LifecycleIntegration]

    def do(self, step: LifecycleStep) -> None:
        """Do one step and note it; what the application refuses is noted at the step.

        Raises:
            Stopped: the application is no use, and the step is as it was.
            Overtaken, LostJob, IntegrationGone
        """
        now = self.job.clock()
        with transaction.atomic():
            self.hold()  # nothing more is sent once it is paused, changed or another's
        identity = Identity.objects.existing().filter(pk=step.identity_id).first()
        entitled = members.entitled(self.lifecycle, now).filter(pk=step.identity_id).exists()
        if entitled == (step.act in LEAVING):
            self._note(step, state=StepState.SKIPPED)
            return
        try:
            if step.act in LEAVING:
                self._leave(step)
            else:
                assert identity is not None
                person = members.person(identity)
                self._note_linked(step, person, self._join(step, person))
        except Refused as error:
            self._note(step, state=StepState.FAILED, error=error.message)

    def _join(self, step: LifecycleStep, person: Person) -> str:
        """The id of the account, which is as it should be from now on."""
        outside_id = self._linked_id(step) or self._found_id(person)
        if outside_id:
            try:
                self.connector.update(self.access, outside_id, person)
            except NotThere:
                LifecycleLink.objects.filter(
                    integration=self.lifecycle, outside_id=outside_id
                ).delete()
                raise
            return outside_id
        return self.connector.invite(self.access, person)

    def _linked_id(self, step: LifecycleStep) -> str:
        """Where the plan knew that the account is there."""
        if step.act != Act.UPDATE:
            return ""
        links = LifecycleLink.objects.filter(integration=self.lifecycle, identity=step.identity_id)
        return links.values_list("outside_id", flat=True).first() or ""

    def _found_id(self, person: Person) -> str:
        """Looked for before it is made: an earlier attempt may have died after making it."""
        found = self.connector.find(self.access, person)
        if found is None:
            return ""
        if found.key != person.key and not self.lifecycle.adopt:
            raise Taken(_("The application has an account of this name already, not linked."))
        return found.id

    def _leave(self, step: LifecycleStep) -> None:
        links = LifecycleLink.objects.filter(integration=self.lifecycle, identity=step.identity_id)
        outside_id = links.values_list("outside_id", flat=True).first()
        try:
            if outside_id and step.act == Act.REMOVE:
                self.connector.remove(self.access, outside_id)
            elif outside_id:
                self.connector.deactivate(self.access, outside_id)
        except NotThere:
            pass  # as it should be
        self._note_left(step)

    def _note_left(self, step: LifecycleStep) -> None:
        at = self.job.clock()
        with transaction.atomic():
            self.hold()
            links = LifecycleLink.objects.filter(
                integration=self.lifecycle, identity=step.identity_id
            )
            if step.act == Act.REMOVE:
                links.delete()
            else:
                links.update(is_active=False, changed_at=at)
            self._write(step, state=StepState.DONE, at=at)
            _record(step, self.lifecycle, by=self.job.actor, at=at)

    def _note_linked(self, step: LifecycleStep, person: Person, outside_id: str) -> None:
        at = self.job.clock()
        with transaction.atomic():
            self.hold()
            links = LifecycleLink.objects.filter(integration=self.lifecycle)
            others = links.filter(outside_id=outside_id).exclude(identity=step.identity_id)
            if len(outside_id) > OUTSIDE_ID_MAX_LENGTH or others.exists():
                raise Refused(_("The application answered with the account of somebody else."))
            links.update_or_create(
                identity_id=step.identity_id,
                integration=self.lifecycle,
                defaults={
                    "outside_id": outside_id,
                    "is_active": True,
                    "sent": person.attributes,
                    "changed_at": at,
                },
                create_defaults={
                    "outside_id": outside_id,
                    "sent": person.attributes,
                    "linked_at": at,
                    "changed_at": at,
                },
            )
            self._write(step, state=StepState.DONE, at=at)
            _record(step, self.lifecycle, by=self.job.actor, at=at)

    def _note(self, step: LifecycleStep, *, state: StepState, error: str = "") -> None:
        at = self.job.clock()
        with transaction.atomic():
            self.hold()
            self._write(step, state=state, at=at, error=error)
            if state == StepState.FAILED:
                record(
                    "lifecycle_integration.account_failed",
                    by=self.job.actor,
                    subject=self.lifecycle,
                    outcome=Outcome.FAILED,
                    reason=error,
                    detail=_detail(step),
                    at=at,
                )

    def _write(
        self, step: LifecycleStep, *, state: StepState, at: datetime, error: str = ""
    ) -> None:
        step.state, step.error, step.done_at = state, error[:300], at
        step.save(update_fields=["state", "error", "done_at"])


def _detail(step: LifecycleStep) -> dict[str, str]:
    return {"name": step.label, "identity": str(step.identity_id), "act": str(step.act)}


def _record(
    step: LifecycleStep, lifecycle: LifecycleIntegration, *, by: Actor, at: datetime
) -> None:
    detail = _detail(step)
    match step.act:
        case Act.INVITE:
            record("lifecycle_integration.invited", by=by, subject=lifecycle, detail=detail, at=at)
        case Act.UPDATE:
            record("lifecycle_integration.updated", by=by, subject=lifecycle, detail=detail, at=at)
        case Act.DEACTIVATE:
            record(
                "lifecycle_integration.deactivated", by=by, subject=lifecycle, detail=detail, at=at
            )
        case Act.REMOVE:
            record("lifecycle_integration.removed", by=by, subject=lifecycle, detail=detail, at=at)
