from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.bundles.members import Text
from accounts.bundles.parts.base import Part, Run, Thing
from accounts.profiles import custom_attributes
from accounts.profiles.models import IdentityAttribute


class IdentityAttributes(Part):
    label = _("Identity attributes")
    members = {"name": Text(_("Technical name")), "label": Text(_("Label"))}

    def present(self) -> list[Thing]:
        return [
            {"name": row.name, "label": row.label}
            for row in IdentityAttribute.objects.order_by("name")
        ]

    def take(self, things: Sequence[Thing], run: Run) -> None:
        for thing in things:
            with run.taking(thing["name"]):
                row = IdentityAttribute.objects.filter(name=thing["name"]).first()
                if row is None:
                    custom_attributes.add(by=run.by, at=run.at, **thing)
                else:
                    custom_attributes.rename(
                        by=run.by, attribute=row, label=thing["label"], at=run.at
                    )
