"""The mails whose text can be changed: whoever sends one registers it, with its default text."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.lib.registry import Registry


@dataclass(frozen=True)
class Placeholder:
    """A value that stands in the text as `{{ name }}`."""

    name: str
    meaning: str | Promise
    sample: str
    is_required: bool = False
    """Without it, the mail would be of no use."""
    is_secret: bool = False
    """It has no place in the subject, which is shown on locked screens and kept in logs."""


@dataclass(frozen=True)
class Kind:
    """One mail: what it is called, when it goes out, and what it says by default."""

    label: str | Promise
    occasion: str | Promise
    subject: str | Promise
    body: str | Promise
    placeholders: tuple[Placeholder, ...]

    def samples(self) -> dict[str, str]:
        return {placeholder.name: placeholder.sample for placeholder in self.placeholders}


kinds: Registry[Kind] = Registry("mail template")
