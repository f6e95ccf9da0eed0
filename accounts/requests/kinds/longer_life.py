from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Detail, Details, Kind, Shown, Wish
from accounts.requests.models import AccessRequest
from accounts.service_accounts import actions


class LongerLife(Kind):
    """Keeps beside the details `ended_at`, the end when it was asked."""

    label: str | Promise = gettext_lazy("Later end date")
    description: str | Promise = gettext_lazy("More time for one of your service accounts.")
    takes = (
        reading.OWN_ACCOUNT,
        Detail(
            "ends_at", gettext_lazy("Date and time of the new end, with its zone."), required=True
        ),
    )

    def understand(self, by: Identity, details: Details) -> Wish:
        account = reading.own_account(by, details)
        ends_at = reading.moment(details, "ends_at")
        if account.ends_at is None:
            raise reading.BadDate(_("This account has no end date."), field="account")
        if ends_at is None or ends_at <= max(account.ends_at, timezone.now()):
            message = _("Choose a date that is later than the one it has.")
            raise reading.BadDate(message, field="ends_at")
        kept = {
            "account": str(account.pk),
            "ends_at": ends_at.isoformat(),
            "ended_at": account.ends_at.isoformat(),
        }
        return Wish(kept, account.identity, alone=True)

    def shown(self, details: Details) -> list[Shown]:
        account = reading.account_now(details)
        now = account.ends_at.isoformat() if account.ends_at else _("None")
        return [
            reading.line_of(account, _("Service account")),
            Shown(_("New end date"), details["ends_at"], at=reading.moment(details, "ends_at")),
            *_before(details),
            Shown(_("End date now"), now, at=account.ends_at),
        ]

    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        account = actions.lock(reading.account_now(request.details))
        reading.check_still_theirs(request.requester, account)
        ends_at = reading.moment(request.details, "ends_at")
        if account.ends_at is None or ends_at is None or ends_at <= account.ends_at:
            raise reading.BadDate(_("The account ends later than that already, or not at all."))
        changed = actions.set_end(by=by, account=account, ends_at=ends_at, at=at)
        assert changed.ends_at is not None
        return {
            "account": str(changed.pk),
            "name": changed.name,
            "ends_at": changed.ends_at.isoformat(),
        }


def _before(details: Details) -> list[Shown]:
    """The end that the account had when it was asked; requests of before did not keep it."""
    at = reading.moment(details, "ended_at")
    return [Shown(_("End date when it was asked"), at.isoformat(), at=at)] if at else []
