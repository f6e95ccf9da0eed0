from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from console.ui.access import ConsoleRequest


def tabs_of(request: ConsoleRequest, current: str) -> list[dict[str, Any]]:
    """The parts of the list of identities; what is wrong with profiles is for who may see them."""
    named = [("list", _("All"))]
    if may(request.user, Permission.PROFILE_VIEW):
        named.append(("errors", _("Errors")))
    named.append(("incomplete", _("Incomplete")))
    return [
        {"label": label, "url": reverse(f"identities:{view}"), "current": view == current}
        for view, label in named
    ]
