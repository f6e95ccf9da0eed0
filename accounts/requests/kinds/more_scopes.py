from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Detail, Details, Kind, Shown, Wish
from accounts.requests.models import AccessRequest
from accounts.service_accounts import actions
from accounts.service_accounts.policies import check_scopes


class NothingNew(DomainError):
    """The account has all of these scopes."""

    code = "nothing_new"


class MoreScopes(Kind):
    label: str | Promise = gettext_lazy("More scopes")
    description: str | Promise = gettext_lazy("More that one of your service accounts may do.")
    takes = (
        reading.OWN_ACCOUNT,
        Detail("scopes", gettext_lazy("Names of the scopes to add."), required=True, is_list=True),
    )

    def understand(self, by: Identity, details: Details) -> Wish:
        account = reading.own_account(by, details)
        asked = reading.words(details, "scopes")
        wanted = check_scopes(by, [*account.scopes, *asked], had=account.scopes)
        more = [scope for scope in wanted if scope not in account.scopes]
        if not more:
            message = _("Choose a scope that the account does not have.")
            raise NothingNew(message, field="scopes")
        return Wish({"account": str(account.pk), "scopes": more}, account.identity)

    def shown(self, details: Details) -> list[Shown]:
        account = reading.account_now(details)
        return [
            reading.line_of(account, _("Service account")),
            Shown(_("Scopes to add"), ", ".join(details["scopes"])),
            Shown(_("Scopes it has"), ", ".join(account.scopes) or _("None")),
        ]

    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        account = actions.lock(reading.account_now(request.details))
        reading.check_still_theirs(request.requester, account)
        wanted = [*account.scopes, *request.details["scopes"]]
        # what has become restricted since is not for who asked to have
        check_scopes(request.requester, wanted, had=account.scopes)
        changed = actions.set_scopes(by=by, account=account, scopes=wanted, at=at)
        return {"account": str(changed.pk), "name": changed.name, "scopes": list(changed.scopes)}
