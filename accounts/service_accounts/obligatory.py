"""What every service account has to have, where the tenant says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.lib.errors import DomainError
from accounts.tenant.catalogue import Switch, switches
from accounts.tenant.queries import all_switches

PURPOSE: Final = Switch(
    name="service_account_needs_purpose",
    label=_("A service account needs a description"),
    help_text=_(
        "Of what it is for. Held to whenever an account is made, edited or asked for, from now on; "
        "those that have none work on."
    ),
    default=False,
)
END: Final = Switch(
    name="service_account_needs_end",
    label=_("A service account needs an end date"),
    help_text=_("After which it stops working, unless somebody prolongs it. Held to likewise."),
    default=False,
)
SUCCESSOR: Final = Switch(
    name="service_account_needs_successor",
    label=_("A service account needs a successor"),
    help_text=_(
        "Who owns it once its owner has left. Held to likewise; but an account that changes hands "
        "has none until its new owner names one, which its page asks for."
    ),
    default=False,
)
BY_FIELD: Final[Mapping[str, Switch]] = {
    "description": PURPOSE,
    "successor": SUCCESSOR,
    "ends_at": END,
}
MISSING: Final[Mapping[str, str | Promise]] = {
    "description": _("Say what the account is for: this tenant wants it of every account."),
    "successor": _("Name a successor: this tenant wants one of every account."),
    "ends_at": _("Choose an end date: this tenant wants one of every account."),
}


class Missing(DomainError):
    """The tenant wants a value that is not there; `field` names it."""

    code = "obligatory"


def register() -> None:
    for switch in BY_FIELD.values():
        switches.register(switch.name, switch)


def fields() -> frozenset[str]:
    """The fields that may not stay empty now."""
    states = all_switches()
    return frozenset(field for field, switch in BY_FIELD.items() if states[switch.name])


def check(values: Mapping[str, Any], *, but: Collection[str] = ()) -> None:
    """Raises Missing: the tenant wants a value that an account does not have.

    What nobody can give here, as it comes from elsewhere, is let through.
    """
    needed = fields().difference(but)
    for field in BY_FIELD:
        if field in needed and not values[field]:
            raise Missing(str(MISSING[field]), field=field)


def why(field: str) -> str:
    """Why a form wants the field, for its help."""
    if field == "description":
        return gettext("This tenant wants every service account described.")
    if field == "successor":
        return gettext("This tenant wants a successor for every service account.")
    return gettext("This tenant wants an end date for every service account.")
