"""The clock on the tenant's wall, for what happens at set times of the day."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.tenant.models import TenantSetting

NAME: Final = "time_zone"
DEFAULT: Final = "UTC"


class UnknownTimeZone(DomainError):
    """No time zone of the IANA database has that name."""

    code = "unknown_time_zone"


def time_zone() -> ZoneInfo:
    stored = TenantSetting.objects.filter(name=NAME).values_list("value", flat=True).first()
    return ZoneInfo(str(stored or DEFAULT))


@transaction.atomic
def set_time_zone(*, by: Actor, name: str, at: datetime) -> None:
    """Choose the zone by its IANA name; schedules follow within seconds.

    Raises:
        UnknownTimeZone: there is none of that name.
    """
    check_may(by, Permission.TENANT_MANAGE)
    if name not in available_timezones():
        message = _("There is no time zone “%(name)s”. Write one like Europe/Berlin.")
        raise UnknownTimeZone(message % {"name": name[:60]}, field="time_zone")
    before = time_zone().key
    if name == before:
        return
    row, _created = TenantSetting.objects.update_or_create(
        name=NAME, defaults={"value": name, "changed_at": at, "changed_by": by.label[:200]}
    )
    record(
        "tenant_setting.changed",
        by=by,
        subject=row,
        before={NAME: before},
        after={NAME: name},
        at=at,
    )
