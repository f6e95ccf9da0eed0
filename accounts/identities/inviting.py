"""Inviting many identities at once: a job, so that whoever asks for it can follow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.identities import selection
from accounts.identities.models import Identity
from accounts.jobs import actions as jobs
from accounts.jobs.kinds import JobKind
from accounts.jobs.models import Job
from accounts.jobs.run import Run

KIND: Final = "identity.invite"
MOST: Final = 1000
"""Identities of one job."""
PROBLEMS_KEPT: Final = 50


class InviteIdentities(JobKind):
    label: str | Promise = gettext_lazy("Invitation of identities")
    permission: Permission | None = Permission.IDENTITY_INVITE

    def run(self, run: Run) -> Mapping[str, Any]:
        """Each that can be is invited, all in one step with the end of the job."""
        with transaction.atomic():
            chosen = Identity.objects.existing().filter(pk__in=run.payload["identities"])
            lines = selection.invite(by=run.actor, identities=chosen, at=run.clock())
            refused = [line for line in lines if line.problem]
            result = {
                "invited": len(lines) - len(refused),
                "not_invited": len(refused),
                "problems": [
                    f"{line.identity.user_name}: {line.problem}" for line in refused[:PROBLEMS_KEPT]
                ],
            }
            run.hold()
            run.finish(result)
        return result


def start(*, by: Actor, identities: Iterable[Identity], at: datetime) -> Job:
    """Have these identities invited, `MOST` at most; who cannot be is told in the result.

    Raises:
        NotAllowed.
    """
    ids = [str(identity.pk) for identity in identities]
    assert len(ids) <= MOST
    return jobs.start(by=by, kind=KIND, payload={"identities": ids}, at=at)
