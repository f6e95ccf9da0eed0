"""What the operations of the type `rule` share: they belong to one rule, which every tenant has.

Other rules are programs, and no program of a tenant runs here.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Attribute, Kind

UTILITY: Final = "Cloud Services Deployment Utility"


def rule_attributes(operation: str) -> tuple[Attribute, ...]:
    return (
        Attribute(
            "name", Kind.TEXT, _lazy("The name of the rule."), required=True, choices=(UTILITY,)
        ),
        Attribute(
            "operation",
            Kind.TEXT,
            _lazy("What it shall do."),
            required=True,
            choices=(operation,),
        ),
    )
