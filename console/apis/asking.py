"""The service account as which an API asks about the tokens that it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import queries
from accounts.service_accounts.states import Status
from tokens.access_tokens.claims import issuer
from tokens.models import Api
from tokens.oauth.endpoints import introspect

NAMES_OFFERED: Final = 50
"""Any other can be typed."""


def names_offered(person: Identity) -> list[str]:
    """Names of service accounts to choose from, as the browser completes them."""
    rows = queries.visible_to(person).order_by("name", "pk")
    return list(rows.values_list("name", flat=True)[:NAMES_OFFERED])


def facts(person: Identity, api: Api) -> list[dict[str, Any]]:
    account, label = api.account, _("Service account")
    if account is None:
        return [{"label": label, "value": _("None: it cannot ask whether a token still holds")}]
    said: dict[str, Any] = {"label": label, "value": account.name}
    if queries.visible_to(person).filter(pk=account.pk).exists():
        said["url"] = reverse("service_accounts:detail", args=[account.pk])
    how = _(
        "It sends the token to %(url)s, with a personal access token of this account or an "
        "assertion that its key signed."
    )
    return [
        said,
        {
            "label": _("How it asks whether a token still holds"),
            "value": how % {"url": issuer() + introspect.PATHS[0]},
        },
    ]


def why_stopped(account: ServiceAccount | None, now: datetime) -> str:
    """Why the API cannot ask as its account now; empty if it can, or has none."""
    if account is None:
        return ""
    match account.status_at(now):
        case Status.DELETED:
            said = _("Its service account %(name)s is deleted. Choose another one.")
        case Status.DISABLED:
            said = _("Its service account %(name)s is disabled. Enable it, or choose another one.")
        case Status.ENDED:
            said = _(
                "Its service account %(name)s has ended. Change its end date, or choose another "
                "one."
            )
        case _active:
            return ""
    return said % {"name": account.name}
