from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.tenant import queries
from accounts.tenant.catalogue import Number, numbers, switches
from accounts.tenant.models import TenantSetting


class BadNumber(DomainError):
    """A number outside its bounds; `field` is the name of the setting."""

    code = "bad_number"


@transaction.atomic
def set_switches(*, by: Actor, states: Mapping[str, bool], at: datetime) -> list[str]:
    """Turn settings on or off; answers the names of those that changed.

    Raises:
        UnknownPart: there is no such setting.
    """
    check_may(by, Permission.TENANT_MANAGE)
    for name in states:
        switches.get(name)
    return _set(by=by, before=queries.all_switches(), after=states, at=at)


@transaction.atomic
def set_numbers(*, by: Actor, values: Mapping[str, int], at: datetime) -> list[str]:
    """Set numbers; answers the names of those that changed.

    Raises:
        UnknownPart: there is no such setting.
        BadNumber: one is outside its bounds, or above one that it may not be above.
    """
    check_may(by, Permission.TENANT_MANAGE)
    before = queries.all_numbers()
    after = before | {numbers.get(name).name: value for name, value in values.items()}
    for name, setting in numbers.items():
        _check(setting, after[name], after)
    return _set(by=by, before=before, after=values, at=at)


@transaction.atomic
def save(
    *, by: Actor, states: Mapping[str, bool], values: Mapping[str, int], at: datetime
) -> list[str]:
    """Set switches and numbers together, or none of them.

    Raises:
        UnknownPart, BadNumber
    """
    changed = set_numbers(by=by, values=values, at=at)
    return changed + set_switches(by=by, states=states, at=at)


def _check(setting: Number, value: int, values: Mapping[str, int]) -> None:
    if not setting.lowest <= value <= setting.highest:
        message = _("Type a whole number from %(lowest)d to %(highest)d.")
        raise BadNumber(
            message % {"lowest": setting.lowest, "highest": setting.highest}, field=setting.name
        )
    bound = setting.at_most
    if bound is not None and value > values[bound.name]:
        message = _("This may be at most %(most)d, which is set as “%(other)s”.")
        said = {"most": values[bound.name], "other": bound.label}
        raise BadNumber(message % said, field=setting.name)


def _set(
    *, by: Actor, before: Mapping[str, Any], after: Mapping[str, Any], at: datetime
) -> list[str]:
    changed = [name for name, value in after.items() if before[name] != value]
    for name in changed:
        row, _created = TenantSetting.objects.update_or_create(
            name=name,
            defaults={"value": after[name], "changed_at": at, "changed_by": by.label[:200]},
        )
        record(
            "tenant_setting.changed",
            by=by,
            subject=row,
            before={name: before[name]},
            after={name: after[name]},
            at=at,
        )
    return changed
