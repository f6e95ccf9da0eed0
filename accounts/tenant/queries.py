from __future__ import annotations

from accounts.tenant.catalogue import Switch, switches
from accounts.tenant.models import TenantSetting


def is_on(switch: Switch) -> bool:
    stored = TenantSetting.objects.filter(name=switch.name).values_list("value", flat=True).first()
    return switch.default if stored is None else bool(stored)


def all_switches() -> dict[str, bool]:
    """The state of every switch, by name."""
    stored = dict(TenantSetting.objects.values_list("name", "value"))
    return {name: bool(stored.get(name, switch.default)) for name, switch in switches.items()}
