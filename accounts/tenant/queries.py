from __future__ import annotations

from accounts.tenant.catalogue import Number, Switch, numbers, switches
from accounts.tenant.models import TenantSetting


def is_on(switch: Switch) -> bool:
    stored = TenantSetting.objects.filter(name=switch.name).values_list("value", flat=True).first()
    return switch.default if stored is None else bool(stored)


def number(setting: Number) -> int:
    stored = TenantSetting.objects.filter(name=setting.name).values_list("value", flat=True).first()
    return setting.default if stored is None else int(stored)


def all_switches() -> dict[str, bool]:
    """The state of every switch, by name."""
    stored = dict(TenantSetting.objects.values_list("name", "value"))
    return {name: bool(stored.get(name, switch.default)) for name, switch in switches.items()}


def all_numbers() -> dict[str, int]:
    """The value of every number, by name."""
    stored = dict(TenantSetting.objects.values_list("name", "value"))
    return {name: int(stored.get(name, setting.default)) for name, setting in numbers.items()}
