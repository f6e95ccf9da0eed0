from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Detail, Details, Kind, Shown, Wish
from accounts.requests.models import AccessRequest
from accounts.requests.queries import approved_by
from accounts.requests.routing import deputy_of
from accounts.requests.states import ApprovalState, Rule
from accounts.roles.assigning import check_until
from accounts.vault import policies, queries, sharing
from accounts.vault.models import ShareRole, StoredAccount


class NotToBeShared(DomainError):
    """The stored account is gone, or not open to requests."""

    code = "not_to_be_shared"

    def __init__(self) -> None:
        super().__init__(_("Choose a stored account that can be asked for."), field="item")


class HasItAlready(DomainError):
    """Who asks has as much of the stored account, or more."""

    code = "has_it_already"

    def __init__(self) -> None:
        super().__init__(_("You have this share of the account already, or more."), field="item")


class BadRole(DomainError):
    """No part that somebody can have in a stored account."""

    code = "bad_role"

    def __init__(self) -> None:
        super().__init__(_("Choose owner or collaborator."), field="role")


class OwnerGone(DomainError):
    """Nobody who owns the account now has said yes."""

    code = "owner_gone"

    def __init__(self) -> None:
        super().__init__(_("Whoever approved it owns the account no more. Ask again."))


class OwnerIsDeputy(DomainError):
    """The one owner who could decide has the requests of who asks as their deputy."""

    code = "owner_is_deputy"

    def __init__(self, owner: Identity) -> None:
        message = _(
            "%(name)s owns this account and would decide, but is your deputy. End the delegation "
            "first, then ask."
        )
        super().__init__(message % {"name": owner.display_name}, field="item")


class VaultItem(Kind):
    """The manager of who asks decides, and an owner of the account; of one that nobody owns who
    can sign in, an administrator in the owner's place."""

    label: str | Promise = gettext_lazy("Access to a stored account")
    description: str | Promise = gettext_lazy(
        "A share of an account in the vault. Your manager and one of its owners decide."
    )
    takes = (
        Detail(
            "item", gettext_lazy("ID of a stored account that may be requested."), required=True
        ),
        Detail("role", gettext_lazy("Either collaborator or owner; empty: collaborator.")),
        Detail("until", gettext_lazy("Date and time of the end, with its zone; empty: for good.")),
    )

    def understand(self, by: Identity, details: Details) -> Wish:
        policies.check_may_own(by)
        item, role, now = _item(details), _role(details), timezone.now()
        until = reading.moment(details, "until")
        check_until(until, now)
        _check_is_more(by, item, role, now)
        deputy = deputy_of(by, now)
        but = {by.pk, *([deputy.pk] if deputy else [])}
        owner = queries.deciding_owner(item, but=but, now=now)
        # nobody shuts an owner out by naming them
        shut_out = None if owner else queries.deciding_owner(item, but={by.pk}, now=now)
        if shut_out is not None:
            raise OwnerIsDeputy(shut_out)
        return Wish(
            details={
                "item": str(item.pk),
                "role": str(role),
                "until": until.isoformat() if until else "",
            },
            requested_for=by,
            stands_in=owner,
            also=owner,
            rule=Rule.ALL,
            asks_administrators=owner is None,
        )

    def shown(self, details: Details) -> list[Shown]:
        item, until = _item(details), reading.moment(details, "until")
        role = _role(details)
        gives = _("Changes it, shares it, and has its password")
        if role == ShareRole.COLLABORATOR:
            gives = _("Sees its details, and not its password")
        return [
            Shown(_("Stored account"), item.label, ("stored_account", str(item.pk))),
            Shown(_("Application"), item.application),
            Shown(_("As"), str(role.label)),
            Shown(_("What that gives"), gives),
            Shown(_("Until"), until.isoformat() if until else _("For good"), at=until),
        ]

    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        details = request.details
        item, role = _item(details), _role(details)
        _check_is_more(request.requester, item, role, at)
        _check_owner_said_yes(request, item, at)
        sharing.share(
            by=by,
            item=item,
            holder=request.requester,
            role=role,
            until=reading.moment(details, "until"),
            at=at,
            detail=approved_by(request),
        )
        return {"item": str(item.pk), "label": item.label, "role": str(role)}

    def outcome(self, request: AccessRequest) -> list[Shown]:
        item = request.result.get("item")
        if not item:
            return []
        link = ("stored_account", str(item))
        return [Shown(_("Stored account"), request.result["label"], link)]


def _item(details: Details) -> StoredAccount:
    try:
        item_id = UUID(str(details.get("item")))
    except ValueError:
        raise NotToBeShared from None
    found = queries.requestable().filter(pk=item_id).first()
    if found is None:
        raise NotToBeShared
    return found


def _role(details: Details) -> ShareRole:
    text = str(details.get("role") or ShareRole.COLLABORATOR)
    if text not in ShareRole.values:
        raise BadRole
    return ShareRole(text)


def _check_is_more(person: Identity, item: StoredAccount, role: ShareRole, at: datetime) -> None:
    """What is granted must not take an ownership away, nor be nothing.

    Raises:
        HasItAlready
    """
    if policies.role_of(person, item, at) in (role, ShareRole.OWNER):
        raise HasItAlready


def _check_owner_said_yes(request: AccessRequest, item: StoredAccount, at: datetime) -> None:
    """Raises OwnerGone: an owner of before counts no more; an administrator decides in place of
    one, while there is none."""
    but = {request.requester.pk}
    is_orphaned = queries.deciding_owner(item, but=but, now=at) is None
    said_yes = request.approvals.filter(state=ApprovalState.APPROVED).select_related("approver")
    for approval in said_yes:
        approver = approval.approver
        if approver is None:
            if is_orphaned:
                return
        elif policies.role_of(approver, item, at) == ShareRole.OWNER:
            return
    raise OwnerGone
