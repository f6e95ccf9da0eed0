"""The settings that exist, each with its default and the words of its form field."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lib.registry import Registry


@dataclass(frozen=True)
class Switch:
    """A setting that is on or off."""

    name: str
    label: str | Promise
    help_text: str | Promise
    default: bool


@dataclass(frozen=True)
class Number:
    """A setting that is a whole number from `lowest` to `highest`."""

    name: str
    label: str | Promise
    help_text: str | Promise
    default: int
    lowest: int
    highest: int
    at_most: Number | None = None
    """Another number that this one may not be above."""


switches: Registry[Switch] = Registry("tenant setting")
numbers: Registry[Number] = Registry("tenant setting")

IDM_REACHES_ESV = Switch(
    name="idm_reaches_esv",
    label=_("fr:idm:* also reaches fr:idc:esv:* endpoints"),
    help_text=_(
        "Deprecated. Tokens with fr:idm:* may call the endpoints of environment secrets and "
        "variables. Turn it off once no account relies on it."
    ),
    default=True,
)
switches.register(IDM_REACHES_ESV.name, IDM_REACHES_ESV)
