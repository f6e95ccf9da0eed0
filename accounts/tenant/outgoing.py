"""Which targets inside the company's network Steward may call, as the tenant lists them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.lib.web import Policy
from accounts.tenant.models import TenantSetting

NAME: Final = "outgoing_targets"
MOST: Final = 100
NUMERIC: Final = re.compile(r"[0-9.]+(/[0-9.]+)?\Z|[0-9a-f:.]*:[0-9a-f:.]*(/[0-9]+)?\Z")
HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_-]+)*\Z")


class BadTarget(DomainError):
    """Neither the name of a host nor an address nor a network."""

    code = "bad_target"


def targets() -> list[str]:
    """What is listed, in the order of the alphabet."""
    stored = TenantSetting.objects.filter(name=NAME).values_list("value", flat=True).first()
    return list(stored) if isinstance(stored, list) else []


def policy() -> Policy:
    """What may be called: public addresses, and what is listed."""
    listed = targets()
    networks = tuple(ip_network(each) for each in listed if NUMERIC.match(each))
    return Policy(frozenset(each for each in listed if not NUMERIC.match(each)), networks)


@transaction.atomic
def set_targets(*, by: Actor, lines: Sequence[str], at: datetime) -> bool:
    """List these targets and no others; they hold from the next call on. False if nothing changed.

    Raises:
        BadTarget: one is no target, or they are too many.
    """
    check_may(by, Permission.TENANT_MANAGE)
    wanted = sorted({_cleaned(line) for line in lines})
    if len(wanted) > MOST:
        raise BadTarget(_("List at most %(most)d targets.") % {"most": MOST}, field="targets")
    before = targets()
    if wanted == before:
        return False
    row, _created = TenantSetting.objects.update_or_create(
        name=NAME, defaults={"value": wanted, "changed_at": at, "changed_by": by.label[:200]}
    )
    record(
        "tenant_setting.targets_changed",
        by=by,
        subject=row,
        before={NAME: before},
        after={NAME: wanted},
        at=at,
    )
    return True


def _cleaned(line: str) -> str:
    text = line.strip().lower()
    try:
        if NUMERIC.match(text):
            return str(ip_network(text))
    except ValueError:
        text = ""
    if not HOST_NAME.match(text):
        message = _(
            "“%(line)s” is no target. Write a name such as scim.corp.example, an address such as "
            "10.0.0.5, or a network such as 10.0.0.0/8."
        )
        raise BadTarget(message % {"line": line.strip()[:80]}, field="targets")
    return text
