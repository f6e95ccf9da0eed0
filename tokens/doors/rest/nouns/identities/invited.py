from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.identities import invitations
from accounts.models import Invitation
from tokens.doors.rest.answers import done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.nouns.identities.base import IDENTITY, INVITE, VIEW, load, noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.schemas.identities import (
    InvitationDocument,
    InvitationListing,
    InvitationPage,
)

INVITATION: Final = IDENTITY + "/invitations/{uuid:invitation_id}"
ORDERS: Final = orders({"created_at": "created_at"})


@noun.read(IDENTITY + "/invitations", InvitationPage, needs=VIEW)
def list_invitations(
    request: Request, identity_id: UUID, asked: Query[InvitationListing]
) -> HttpResponse:
    """The links to set a password that were made for somebody, and what became of their mail."""
    rows = Invitation.objects.filter(identity=load(request, identity_id))
    return listed(
        request,
        rows,
        asked,
        orders=ORDERS,
        kind=InvitationDocument,
        documents=lambda found: _documents(found, request.now),
    )


@noun.act(INVITATION + "/retry", needs=INVITE)
def retry_invitation(request: Request, identity_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Try once more to mail what did not go out; the link stays the same."""
    its = Invitation.objects.select_related("identity").filter(identity=load(request, identity_id))
    invitation = one_of(its, invitation_id, "invitation")
    invitations.retry(by=request.by, invitation=invitation, at=request.now)
    return done()


def _documents(rows: Sequence[Invitation], now: datetime) -> list[InvitationDocument]:
    waiting = Invitation.objects.filter(pk__in=[row.pk for row in rows]).open_at(now)
    still = set(waiting.values_list("pk", flat=True))
    return [
        InvitationDocument(
            id=row.pk,
            email=row.email,
            open=row.pk in still,
            created_at=row.created_at,
            expires_at=row.expires_at,
            sent_at=row.sent_at,
            used_at=row.used_at,
            tries=row.tries,
            next_try_at=row.next_try_at,
            failure=row.failure,
        )
        for row in rows
    ]
