"""Who can decide about what was asked of somebody, now that it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.authorization.permissions import Permission
from accounts.identities import queries as identities
from accounts.identities.models import Identity
from accounts.requests.models import AccessRequest, Approval
from accounts.requests.routing import deputy_of
from accounts.requests.states import ApprovalState, Rule, State

MOST_ADMINISTRATORS: Final = 20
"""Who are told of what waits for any of them."""


@dataclass(frozen=True)
class Decider:
    person: Identity
    in_place_of: Identity | None = None
    """Who is away; nothing for whoever was asked themselves."""


@dataclass(frozen=True)
class Part:
    """What was asked of one approver, or of any administrator."""

    approval: Approval
    deciders: tuple[Decider, ...]
    """Those who can decide it now; nobody, once it is decided."""
    is_stale: bool = False
    """Whether it was approved as something else than what it comes to now."""

    @property
    def waits(self) -> bool:
        return self.approval.state == ApprovalState.REQUESTED

    @property
    def deputies(self) -> list[Decider]:
        return [each for each in self.deciders if each.in_place_of is not None]


def parts_of(request: AccessRequest, *, at: datetime, shown: str = "") -> list[Part]:
    """All that was asked about a request, and who can still decide it: never the requester, nor
    who stands in for them. `shown`: the digest of what it comes to now, where it is known."""
    stands_in = deputy_of(request.requester, at)
    shut_out = {request.requester_id, stands_in.pk if stands_in else None}
    found = []
    for approval in request.approvals.select_related("approver", "decided_by").order_by("pk"):
        waits = request.state == State.WAITING and approval.state == ApprovalState.REQUESTED
        able = _asked(approval, at) if waits else []
        able = [each for each in able if each.person.is_active and each.person.pk not in shut_out]
        said_yes = request.state == State.WAITING and approval.state == ApprovalState.APPROVED
        is_stale = said_yes and bool(shown) and approval.digest != shown
        found.append(Part(approval, tuple(able), is_stale))
    return found


def is_stuck(request: AccessRequest, parts: Sequence[Part]) -> bool:
    """Whether nobody is there who could bring a request that waits to its approval."""
    if request.state != State.WAITING:
        return False
    answered = [bool(part.deciders) for part in parts if part.waits]
    return not (any(answered) if request.rule == Rule.ANYONE else all(answered))


def administrators_but(person: Identity) -> list[Identity]:
    """Who decide where there is nobody else, of whom `person` is not one."""
    able = identities.who_may(Permission.REQUEST_DECIDE, limit=MOST_ADMINISTRATORS + 1)
    return [each for each in able if each.pk != person.pk][:MOST_ADMINISTRATORS]


def _asked(approval: Approval, at: datetime) -> list[Decider]:
    if approval.approver is None:
        return [Decider(each) for each in administrators_but(approval.request.requester)]
    deputy = deputy_of(approval.approver, at)
    asked = [Decider(approval.approver)]
    return [*asked, Decider(deputy, approval.approver)] if deputy else asked
