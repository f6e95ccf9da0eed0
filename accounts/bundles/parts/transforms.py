from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.bundles.members import Flag, Free, Text, in_order
from accounts.bundles.parts.base import Part, Run, Thing
from accounts.profiles.import_plan import Fate, plan_transforms
from accounts.profiles.importing import import_transforms
from accounts.profiles.library import MOST_TRANSFORMS
from accounts.profiles.models import Transform
from accounts.profiles.transforms.export import Export


class Transforms(Part):
    """The library, without what is built in; they may name one another in any order."""

    label = _("Transforms")
    members = {
        "name": Text(_("Name")),
        "type": Text(_("Type")),
        "requiresPeriodicRefresh": Flag(_("Periodic refresh")),
        "attributes": Free(_("Attributes")),
    }
    most = MOST_TRANSFORMS

    def present(self) -> list[Thing]:
        return [
            {
                "name": row.name,
                "type": row.type,
                "requiresPeriodicRefresh": bool(row.definition.get("requiresPeriodicRefresh")),
                "attributes": in_order(row.definition.get("attributes") or {}),
            }
            for row in Transform.objects.filter(built_in=False).order_by("name")
        ]

    def take(self, things: Sequence[Thing], run: Run) -> None:
        if not things:
            return
        plan = plan_transforms(Export(tuple(things), ()))
        for thing, line in zip(things, plan.lines, strict=True):
            if line.fate == Fate.REFUSED:
                run.problems[thing["name"]] = " ".join(line.reasons)
        with run.taking(things[0]["name"]):
            import_transforms(by=run.by, export=plan.export, at=run.at, replace=True)
