"""A stored account as somebody wants it, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text
from accounts.vault import catalogue
from accounts.vault.models import (
    NAME_MAX_LENGTH,
    USERNAME_MAX_LENGTH,
    Kind,
    Vault,
)
from accounts.vault.urls import clean_url

NOTES_MAX_LENGTH: Final = 10_000
PASSWORD_MAX_LENGTH: Final = 1_000
"""Characters; some applications take long ones."""
MOST_FIELDS: Final = 20
FIELD_LENGTHS: Final = {"url": 500, "short": 200, "long": 5_000}
"""Characters of a custom field, by its type."""
LONGEST_PERIOD_DAYS: Final = 365


class NoSaml(DomainError):
    """The identity provider cannot provision an account of an application without SAML."""

    code = "no_saml"


class BadPeriod(DomainError):
    """No number of days after which a password is to be replaced."""

    code = "bad_period"


class BadFields(DomainError):
    """Custom fields that cannot be kept so."""

    code = "bad_fields"


class BadPassword(DomainError):
    """Nothing that could be a password."""

    code = "bad_password"


@dataclass(frozen=True)
class ItemDraft:
    """What is said of a stored account; its password, and who shares it, are changed apart."""

    label: str
    application: str
    username: str = ""
    kind: Kind = Kind.INDIVIDUAL
    vault: Vault | None = None
    """None for the default one."""
    collection: str = ""
    notes: str = field(default="", repr=False)
    fields: Sequence[Mapping[str, str]] = field(default=(), repr=False)
    """Custom fields: `name`, `type` of `FIELD_LENGTHS`, and `value`."""
    may_be_requested: bool = False
    rotate_every_days: int | None = None

    def cleaned(self) -> dict[str, Any]:
        """The columns of the row.

        Raises:
            BadText, BadUrl, BadPeriod: `field` names what is wrong.
            NoSaml: see `check_saml`.
        """
        app = catalogue.meant(self.application)
        check_saml(self.kind, app)
        days = self.rotate_every_days
        if days is not None and not 1 <= days <= LONGEST_PERIOD_DAYS:
            message = _("Type a number of days from 1 to %(most)d.")
            raise BadPeriod(message % {"most": LONGEST_PERIOD_DAYS}, field="rotate_every_days")
        return {
            "label": clean_name(self.label, max_length=NAME_MAX_LENGTH, field="label"),
            "application": app.name,
            "url": app.url,
            "username": _line(self.username, USERNAME_MAX_LENGTH, "username"),
            "collection": _line(self.collection, NAME_MAX_LENGTH, "collection"),
            "may_be_requested": self.may_be_requested,
            "rotate_every_days": days,
        }

    def sealed(self) -> dict[str, str]:
        """The texts that are kept sealed, by name; raises as `cleaned`, and BadFields."""
        notes = clean_text(self.notes, max_length=NOTES_MAX_LENGTH, field="notes")
        fields = [_field(each) for each in self.fields]
        if len(fields) > MOST_FIELDS:
            message = _("There may be at most %(most)d custom fields.")
            raise BadFields(message % {"most": MOST_FIELDS}, field="fields")
        return {"notes": notes, "fields": json.dumps(fields) if fields else ""}


def check_saml(kind: Kind, app: catalogue.App) -> None:
    """Raises NoSaml."""
    if kind != Kind.IDP_PROVISIONED or app.has_saml:
        return
    if app.has_saml is None:
        message = _(
            "An IdP-provisioned account works only with an application that supports SAML, and "
            "nobody has said that %(name)s does. Choose another kind of account, or ask an "
            "administrator to add the application to the catalogue."
        )
    else:
        message = _(
            "An IdP-provisioned account works only with an application that supports SAML, and "
            "%(name)s does not. Choose another kind of account."
        )
    raise NoSaml(message % {"name": app.name}, field="application")


def check_password(plain: str) -> str:
    """A password as the application took it: nothing of it is changed.

    Raises:
        BadPassword
    """
    if not plain or len(plain) > PASSWORD_MAX_LENGTH:
        message = _("Type a password of at most %(most)d characters.")
        raise BadPassword(message % {"most": PASSWORD_MAX_LENGTH}, field="password")
    if any(ord(c) < 32 or ord(c) == 127 for c in plain):
        message = _("Leave line breaks and other control characters out of the password.")
        raise BadPassword(message, field="password")
    return plain


def _field(said: Mapping[str, str]) -> dict[str, str]:
    kind, value = said.get("type", ""), said.get("value", "")
    if kind not in FIELD_LENGTHS:
        raise BadFields(_("Choose what a custom field holds."), field="fields")
    name = clean_name(said.get("name", ""), max_length=NAME_MAX_LENGTH, field="fields")
    if kind == "url":
        value = clean_url(value, field="fields")
    else:
        most = FIELD_LENGTHS[kind]
        value = clean_text(value, max_length=most, multiline=kind == "long", field="fields")
    return {"name": name, "type": kind, "value": value}


def _line(text: str, most: int, name: str) -> str:
    return clean_text(text, max_length=most, multiline=False, field=name)
