from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.identities.models import Identity
from accounts.requests import policies
from accounts.requests.kinds.base import Shown, kinds
from accounts.requests.models import AccessRequest, RequestQuerySet
from accounts.requests.states import ApprovalState


def approved_by(request: AccessRequest) -> dict[str, Any]:
    """Who asked and who said yes, for the events of what is done because of it."""
    said_yes = request.approvals.filter(state=ApprovalState.APPROVED).order_by("decided_at")
    names = said_yes.values_list("decided_by__user_name", flat=True)
    return request.facts | {"asked_by": request.requester.user_name, "approved_by": list(names)}


def found_by(person: Identity, now: datetime) -> RequestQuerySet:
    """Those that somebody may see, or decides about."""
    asked = policies.asked_of(person, now).values("request_id")
    visible = AccessRequest.objects.visible_to(person, now).values("pk")
    return AccessRequest.objects.filter(Q(pk__in=visible) | Q(pk__in=asked)).select_related(
        "requester", "requested_for"
    )


def seen(request: AccessRequest) -> tuple[list[Shown], str]:
    """What a request comes to now, and the digest by which a decision says that it was read."""
    lines = kinds.get(request.kind).shown(request.details)
    told = [[line.label, line.value] for line in lines]
    text = json.dumps([str(request.pk), request.reason, told], ensure_ascii=False)
    return lines, hashlib.sha256(text.encode()).hexdigest()
