"""What the tenant decides: the domain of its mailboxes, and how long messages are kept."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.tenant.catalogue import Number, numbers
from accounts.tenant.models import TenantSetting

NAME: Final = "mail_domain"
LONGEST: Final = 200
"""Characters; the part before the @ has up to 53 more."""
LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN: Final = re.compile(rf"{LABEL}(?:\.{LABEL})+")

KEPT_DAYS = Number(
    name="message_days",
    label=gettext_lazy("Messages of the inbox are kept for"),
    help_text=gettext_lazy(
        "Days, 2 to 365. Then what arrived in a managed mailbox or at a managed phone number is "
        "forgotten."
    ),
    default=30,
    lowest=2,
    highest=365,
)


def register() -> None:
    numbers.register(KEPT_DAYS.name, KEPT_DAYS)


class BadDomain(DomainError):
    """No name of a domain."""

    code = "bad_domain"


def mail_domain() -> str:
    """The domain of new mailboxes; empty until an administrator has set one."""
    stored = TenantSetting.objects.filter(name=NAME).values_list("value", flat=True).first()
    return str(stored or "")


@transaction.atomic
def set_mail_domain(*, by: Actor, domain: str, at: datetime) -> None:
    """Choose the domain of new mailboxes; those that there are keep their addresses.

    Raises:
        BadDomain: it is no name of a domain.
    """
    check_may(by, Permission.TENANT_MANAGE)
    wanted = domain.strip().rstrip(".").lower()
    if wanted and (len(wanted) > LONGEST or not DOMAIN.fullmatch(wanted)):
        message = _("Type a domain such as inbox.example.com, in letters, digits and dashes.")
        raise BadDomain(message, field="domain")
    before = mail_domain()
    if wanted == before:
        return
    row, _created = TenantSetting.objects.update_or_create(
        name=NAME, defaults={"value": wanted, "changed_at": at, "changed_by": by.label[:200]}
    )
    record(
        "tenant_setting.changed",
        by=by,
        subject=row,
        before={NAME: before},
        after={NAME: wanted},
        at=at,
    )
