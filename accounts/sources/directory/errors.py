"""What can go wrong with a directory: each has a name, and says what to do."""

from __future__ import annotations

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib.errors import DomainError

Text = str | Promise

REASONS: Final[dict[str, tuple[str, Text]]] = {
    "host_unknown": ("host", gettext_lazy("The name “%(host)s” has no address. Check Host.")),
    "address_refused": (
        "host",
        gettext_lazy(
            "“%(host)s” is at %(address)s, and Steward does not connect to such addresses: "
            "link-local ones, metadata services and, unless it is allowed, this machine itself."
        ),
    ),
    "no_answer": (
        "port",
        gettext_lazy("Nothing answers at port %(port)d of “%(host)s”. Check Host and Port."),
    ),
    "timed_out": (
        "host",
        gettext_lazy(
            "“%(host)s” did not answer within %(seconds)d seconds. Check Host, Port and any "
            "firewall between, or raise Time-out."
        ),
    ),
    "untrusted": (
        "ca",
        gettext_lazy(
            "The certificate of “%(host)s” is not signed by an authority that is trusted here. "
            "Paste the certificate of that authority into CA certificate."
        ),
    ),
    "wrong_name": (
        "host",
        gettext_lazy(
            "The certificate of “%(host)s” is for another name. As Host, type a name that stands "
            "in the certificate."
        ),
    ),
    "certificate_expired": (
        "host",
        gettext_lazy("The certificate of “%(host)s” is not valid now. Have it renewed."),
    ),
    "tls_failed": (
        "security",
        gettext_lazy(
            "TLS with port %(port)d of “%(host)s” failed (%(detail)s). LDAPS usually is at port "
            "636, STARTTLS at 389."
        ),
    ),
    "no_starttls": (
        "security",
        gettext_lazy("The directory does not offer STARTTLS (%(detail)s). Choose LDAPS."),
    ),
    "wants_tls": (
        "security",
        gettext_lazy("The directory asks for TLS (%(detail)s). Choose LDAPS or STARTTLS."),
    ),
    "no_password": (
        "password",
        gettext_lazy("There is a bind DN without a password. Type the password."),
    ),
    "bad_credentials": (
        "password",
        gettext_lazy("The directory refuses this bind DN with this password.%(hint)s"),
    ),
    "wants_bind": (
        "bind_dn",
        gettext_lazy("The directory answers nobody unknown. Fill in bind DN and password."),
    ),
    "not_permitted": (
        "bind_dn",
        gettext_lazy("The bind DN may not read there (%(detail)s). Have it permitted."),
    ),
    "bad_dn": ("bind_dn", gettext_lazy("The bind DN is not written as a DN (%(detail)s).")),
    "no_base": (
        "base_dn",
        gettext_lazy(
            "The directory has no entry “%(base)s”, or does not show it to the bind DN. Check "
            "Base DN.%(hint)s"
        ),
    ),
    "bad_base": ("base_dn", gettext_lazy("The Base DN is not written as a DN (%(detail)s).")),
    "elsewhere": (
        "base_dn",
        gettext_lazy(
            "The Base DN belongs to another server, to which the directory refers. Steward does "
            "not follow that; type the name of that server as Host."
        ),
    ),
    "bad_filter": (
        "filter",
        gettext_lazy("The filter cannot be read: %(detail)s."),
    ),
    "size_limit": (
        "bind_dn",
        gettext_lazy(
            "The directory stopped after %(count)d entries, at its size limit. Nothing was "
            "changed. Have the limit raised for the bind DN, or narrow the filter."
        ),
    ),
    "time_limit": (
        "filter",
        gettext_lazy(
            "The directory stopped after %(count)d entries, at its time limit. Nothing was "
            "changed. Narrow the filter, or have the limit raised for the bind DN."
        ),
    ),
    "no_paging": (
        "page_size",
        gettext_lazy("The directory cannot hand out entries in pages, which is needed."),
    ),
    "hung_up": (
        "host",
        gettext_lazy(
            "The directory closed the connection after %(count)d entries. Nothing was changed."
        ),
    ),
    "not_ldap": (
        "port",
        gettext_lazy(
            "What answers at port %(port)d of “%(host)s” does not speak LDAP. Check Port, and "
            "whether it expects LDAPS."
        ),
    ),
    "too_large": (
        "filter",
        gettext_lazy("An entry is larger than %(limit)s. Leave such entries or attributes out."),
    ),
    "too_many": (
        "filter",
        gettext_lazy("There are more than %(limit)s entries. Narrow the filter."),
    ),
    "too_long": (
        "filter",
        gettext_lazy(
            "Reading took longer than %(minutes)d minutes. Nothing was changed. Narrow the filter."
        ),
    ),
    "no_entries": (
        "filter",
        gettext_lazy(
            "The directory answered without a single entry. It would remove every account, so "
            "nothing was changed. Check Base DN, filter and what the bind DN may read; if it is "
            "meant, remove all accounts on the Overview tab."
        ),
    ),
    "unknown_attribute": (
        "mapping",
        gettext_lazy(
            "The attribute mapping names “%(name)s”, which is not in the account schema. Correct "
            "the mapping or the schema."
        ),
    ),
    "unmapped": (
        "mapping",
        gettext_lazy(
            "“%(name)s” of the account schema cannot be the name of an attribute in a directory. "
            "Say in the attribute mapping where it comes from."
        ),
    ),
    "secret_attribute": (
        "mapping",
        gettext_lazy(
            "“%(name)s” holds passwords, which Steward does not read. Take it out of the account "
            "schema or map another attribute."
        ),
    ),
    "refused": (
        "host",
        gettext_lazy("The directory refused: %(detail)s."),
    ),
}
"""By reason: the setting that is the likeliest to be mended, and what is said."""

WHY_NOT: Final[dict[str, Text]] = {
    "525": gettext_lazy(" There is no such user."),
    "530": gettext_lazy(" It may not sign in at this time of the day."),
    "531": gettext_lazy(" It may not sign in from this machine."),
    "532": gettext_lazy(" Its password has expired."),
    "533": gettext_lazy(" The user is disabled."),
    "701": gettext_lazy(" The user has expired."),
    "773": gettext_lazy(" Its password must be changed first."),
    "775": gettext_lazy(" The user is locked out."),
}
"""What Active Directory means by the `data` in its answer to a bind that it refuses."""

_DATA: Final = re.compile(r"\bdata ([0-9a-f]{3,4})\b")


class DirectoryRefused(DomainError):
    """Nothing is taken from the directory, and nothing is changed."""

    code = "directory_refused"

    def __init__(self, reason: str, **details: object) -> None:
        """`reason` is one of `REASONS`."""
        field, said = REASONS[reason]
        super().__init__(message=str(said) % {"hint": "", "detail": "", **details}, field=field)
        self.reason = reason


def hint_of(diagnostics: str) -> str:
    """Why Active Directory refused a bind, if that can be told."""
    found = _DATA.search(diagnostics)
    return str(WHY_NOT.get(found.group(1), "")) if found else ""


def readable(text: str) -> str:
    """What a server wrote, fit to be shown: printable, on one line, and not long."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:200] or _(
        "without a reason"
    )
