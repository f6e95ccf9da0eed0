"""A field into which one types whom one means: a name, a user name, a mail address or an ID."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.lib.names import skeleton
from accounts.models import Identity
from accounts.service_accounts.queries import choosable_by

OFFERED: Final = 20
"""Identities that the browser completes at a time; any other can be typed."""
NAMED: Final = 3
LONGEST_INPUT: Final = 300


def offered(person: Identity, text: str) -> list[Identity]:
    """Those to complete what is typed so far."""
    text = text.replace("\0", "").strip()[:LONGEST_INPUT]
    found = choosable_by(person).filter(_like(text)) if text else choosable_by(person)
    return list(found.order_by("display_name", "pk")[:OFFERED])


def _like(text: str) -> Q:
    return Q(display_name__icontains=text) | Q(user_name__icontains=text)


class IdentityField(forms.CharField):
    """One identity, in whatever way it is named; give the field its `person` before it is used."""

    person: Identity

    def __init__(self, *, options_id: str) -> None:
        """`options_id` is that of the datalist which the page fills."""
        super().__init__(
            label=_("Identity or service account"),
            max_length=LONGEST_INPUT,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "off",
                    "spellcheck": "false",
                    "autocapitalize": "none",
                    "class": "wide",
                    "list": options_id,
                    "placeholder": _("Name, user name, e-mail or ID"),
                }
            ),
            error_messages={"required": _("Say whom you mean.")},
        )

    def clean(self, value: object) -> Identity | None:
        """None where nobody is named, and nobody has to be."""
        text = str(super().clean(value))
        if not text:
            return None
        rows = choosable_by(self.person)
        exact = rows.filter(_is_called(text)).first()
        if exact is not None:
            return exact
        named = Q(display_name__iexact=text) | Q(email__iexact=text)
        found = list(rows.filter(named).order_by("user_name", "pk")[: NAMED + 1])
        if len(found) == 1:
            return found[0]
        like = found or list(rows.filter(_like(text)).order_by("user_name", "pk")[: NAMED + 1])
        raise ValidationError(_unclear(text, like))


def _is_called(text: str) -> Q:
    try:
        return Q(pk=UUID(text))
    except ValueError:
        return Q(user_name_key=skeleton(text))


def _unclear(text: str, like: list[Identity]) -> str:
    if not like:
        return gettext("There is nobody called “%(text)s” whom you may see.") % {"text": text[:200]}
    names = ", ".join(identity.user_name for identity in like[:NAMED])
    said = gettext("“%(text)s” is not exact. Type the user name of one, such as %(names)s.")
    return said % {"text": text[:200], "names": names}
