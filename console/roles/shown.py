"""Roles as the pages show them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Role
from accounts.roles.reach import Carried
from console.ui.access import ConsoleRequest
from console.ui.levels import may_do
from tokens.scopes.picker import in_plain_words


def in_words(carried: Carried) -> list[str]:
    """What rights allow, a line each."""
    return [*in_plain_words(carried.scopes), *may_do(carried.permissions)]


def frame(request: ConsoleRequest, role: Role, current: str) -> dict[str, Any]:
    """What stands on each page of one role."""
    named = [("detail", _("Overview")), ("holders", _("Given directly to"))]
    if may(request.user, Permission.AUDIT_VIEW):
        named.append(("activity", _("Activity")))
    return {
        "role": role,
        "may_manage": may(request.user, Permission.ROLE_MANAGE),
        "tabs": [
            {
                "label": label,
                "url": reverse(f"roles:{view}", args=[role.pk]),
                "current": view == current,
            }
            for view, label in named
        ],
    }
