from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.identities.models import Identity, Origin
from accounts.lib.errors import DomainError
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Detail, Details, Kind, Shown, Wish
from accounts.requests.models import AccessRequest
from accounts.service_accounts import actions, obligatory, queries
from accounts.service_accounts.actions import Details as Account
from accounts.service_accounts.actions import NameTaken


class PurposeMissing(DomainError):
    """An account of which nobody says what it is for."""

    code = "purpose_missing"


class NewServiceAccount(Kind):
    """Owner and manager are whoever asks. It gets no credential: its owner makes one, or asks."""

    label: str | Promise = gettext_lazy("New service account")
    description: str | Promise = gettext_lazy(
        "An account for a program, which you own and answer for."
    )
    takes = (
        Detail("name", gettext_lazy("How it is called."), required=True),
        Detail("purpose", gettext_lazy("What it is for."), required=True),
        Detail("scopes", gettext_lazy("Names of the scopes that it may use."), is_list=True),
        Detail(
            "ends_at",
            gettext_lazy(
                "Date and time of its end, with its zone; empty: none, unless the tenant wants one."
            ),
        ),
        Detail(
            "successor",
            gettext_lazy(
                "ID of the person who owns it when you leave; empty: none, unless the tenant "
                "wants one."
            ),
        ),
    )

    def understand(self, by: Identity, details: Details) -> Wish:
        wanted = _account(by, details)
        values = wanted.cleaned(by=by, account=None, at=timezone.now())
        if not values["description"]:
            message = _("Say what the account is for.")
            raise PurposeMissing(message, field="purpose")
        if taken := queries.spelling_of(values["name"]):
            raise NameTaken(taken)
        obligatory.check(values)
        return Wish(
            details={
                "name": values["name"],
                "purpose": values["description"],
                "scopes": values["scopes"],
                "ends_at": wanted.ends_at.isoformat() if wanted.ends_at else "",
                "successor": str(values["successor"].pk) if values["successor"] else "",
            },
            requested_for=None,
        )

    def shown(self, details: Details) -> list[Shown]:
        ends_at = reading.moment(details, "ends_at")
        successor = reading.person(details, "successor")
        return [
            Shown(_("Name"), details["name"]),
            Shown(_("Purpose"), details["purpose"]),
            Shown(_("Scopes"), ", ".join(details["scopes"]) or _("None")),
            Shown(_("End date"), ends_at.isoformat() if ends_at else _("None"), at=ends_at),
            Shown(_("Successor"), successor.display_name if successor else _("None named")),
        ]

    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        wanted = _account(request.requester, request.details)
        # what has become restricted since is not for who asked to have
        wanted.cleaned(by=request.requester, account=None, at=at)
        account = actions.create(by=by, details=wanted, at=at, origin=Origin.REQUEST)
        Identity.objects.filter(pk=account.pk).update(manager=request.requester)
        AccessRequest.objects.filter(pk=request.pk).update(requested_for=account.identity)
        request.requested_for = account.identity
        return {"name": account.name, "account": str(account.pk)}

    def outcome(self, request: AccessRequest) -> list[Shown]:
        account = request.result.get("account")
        if not account:
            return []
        link = ("service_account", str(account))
        return [Shown(_("Service account"), request.result["name"], link)]


def _account(owner: Identity, details: Details) -> Account:
    return Account(
        name=str(details.get("name") or ""),
        description=str(details.get("purpose") or ""),
        owner=owner,
        scopes=reading.words(details, "scopes"),
        ends_at=reading.moment(details, "ends_at"),
        successor=reading.person(details, "successor"),
    )
