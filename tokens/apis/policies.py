from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.lib.names import BadText
from accounts.models import ServiceAccount
from tokens.access_tokens.claims import issuer
from tokens.apis.models import AUDIENCE_MAX_LENGTH, SCOPE_MAX_LENGTH, Api
from tokens.oauth.audiences import accepted, canonical
from tokens.scopes.catalogue import SCOPE_NAME
from tokens.scopes.files import installed

ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21\x23-\x5b\x5d\x5f\x61-\x7a\x7e]+")
"""An absolute URI (RFC 3986 section 4.3) of the characters that may stand in one."""


class NameTaken(DomainError):
    """An API, an audience or a scope of this name is there already."""

    code = "name_taken"


def check_may_manage(by: Actor) -> None:
    """Whoever changes the tenant's settings says which APIs and scopes there are."""
    check_may(by, Permission.TENANT_MANAGE)


def check_audience(value: str) -> str:
    """The audience as it is kept: an absolute URI without fragment (RFC 8707 section 2).

    Raises:
        BadText, NameTaken: it is no such URI, or this server's own.
    """
    audience = value.strip()
    if not audience or len(audience) > AUDIENCE_MAX_LENGTH:
        raise BadText(
            _("Type an address of at most %(most)d characters.") % {"most": AUDIENCE_MAX_LENGTH},
            field="audience",
        )
    if not ABSOLUTE.fullmatch(audience) or "#" in audience:
        message = _("Type an absolute URI without “#”, such as https://payroll.example.com/api.")
        raise BadText(message, field="audience")
    try:
        parts = urlsplit(audience)
        named = parts.scheme not in ("http", "https") or bool(parts.hostname)
        secret = "@" in parts.netloc
        _port = parts.port
    except ValueError:
        named, secret = False, False
    if not named or secret:
        message = _("Type the address of a server, without user name and password.")
        raise BadText(message, field="audience")
    if canonical(audience) in accepted(issuer(), issuer(), False):
        message = _("This is the audience of Steward itself: its tokens would be taken here.")
        raise NameTaken(message, field="audience")
    return audience


def check_no_twin(audience: str, *, but: Api | None = None) -> None:
    """Programs write an address with and without a slash at its end, and would get the tokens of
    another API.

    Raises:
        NameTaken: another API has the address with the slash, or without it.
    """
    key = canonical(audience)
    other = key.removesuffix("/") if key.endswith("/") else f"{key}/"
    twin = Api.objects.filter(audience_key=other).first()
    if twin is not None and twin != but:
        message = _(
            "The API %(name)s has the audience %(audience)s, which differs by the slash at its "
            "end alone. Programs would take one for the other."
        )
        values = {"name": twin.name, "audience": twin.audience}
        raise NameTaken(message % values, field="audience")


def check_account(account: ServiceAccount | None) -> None:
    """Raises BadText: it was deleted; whatever else is wrong with it may be mended."""
    if account is None or ServiceAccount.objects.existing().filter(pk=account.pk).exists():
        return
    message = _("The service account %(name)s is deleted. Choose another one, or none.")
    raise BadText(message % {"name": account.name}, field="account")


def check_scope_name(value: str) -> str:
    """The name of a scope that no catalogue has, nor could have in a later version.

    Raises:
        BadText: it is no scope name (RFC 6749 section 3.3), or too long.
        NameTaken: it belongs to a catalogue.
    """
    name = value.strip()
    if not name or len(name) > SCOPE_MAX_LENGTH:
        raise BadText(
            _("Type a name of at most %(most)d characters.") % {"most": SCOPE_MAX_LENGTH},
            field="name",
        )
    if not SCOPE_NAME.fullmatch(name):
        message = _(
            "Use ASCII letters, digits and signs, such as payroll:read; no space, no quote, no "
            "backslash."
        )
        raise BadText(message, field="name")
    owner = _families().get(name.casefold().partition(":")[0])
    if owner is not None:
        message = _("Names that begin like this belong to %(title)s. Begin with another word.")
        raise NameTaken(message % {"title": owner}, field="name")
    return name


def _families() -> dict[str, str]:
    """The first words of all names in the catalogues, with whose they are."""
    catalogue = installed()
    found = {}
    for name in catalogue:
        publisher = catalogue.publisher_of(name)
        if publisher is not None:
            found[name.casefold().partition(":")[0]] = publisher.title
    return found
