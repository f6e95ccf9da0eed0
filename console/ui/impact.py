"""Who uses an account, as `components/impact.html` takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Integration
from tokens.usage.declared import last_seen, undeclared
from tokens.usage.queries import Consumer, Impact

SHOWN = 20
"""Clients listed at most, beside the integrations; the latest come first."""


class Use(TypedDict):
    label: str
    kind: str
    last_used_at: datetime | None
    never: str
    """What is said where it was not seen."""
    address: str
    client: str


def uses_of(impact: Impact, integrations: Iterable[Integration]) -> list[Use]:
    """Each integration that was declared, with whom to tell; then each client at each address
    that none is known by, with what it used."""
    declared = list(integrations)
    unknown = undeclared(impact.consumers, declared)
    return [
        *declared_uses(declared, impact),
        *(_use(consumer) for consumer in unknown[:SHOWN]),
    ]


def declared_uses(integrations: Iterable[Integration], impact: Impact) -> list[Use]:
    """Each integration, with whom to tell."""
    return [_declared(each, impact) for each in integrations]


def _declared(integration: Integration, impact: Impact) -> Use:
    owner = integration.owner
    parts = [_("Integration"), str(integration.get_environment_display()), integration.application]
    if owner is not None:
        left = _("owner %(name)s, who has left") if not owner.is_active else _("owner %(name)s")
        parts.append(left % {"name": owner.display_name})
    if integration.contact:
        parts.append(_("contact %(whom)s") % {"whom": integration.contact})
    is_known = bool(integration.client or integration.address)
    return {
        "label": integration.name,
        "kind": " · ".join(parts),
        "last_used_at": last_seen(integration, impact.consumers),
        "never": _("Not seen in this time") if is_known else _("Its use is not known"),
        "address": "",
        "client": "",
    }


def _use(consumer: Consumer) -> Use:
    times = ngettext("%(count)d use", "%(count)d uses", consumer.count) % {"count": consumer.count}
    parts = [times, ", ".join(sorted(consumer.scopes))]
    if consumer.key_ids:
        parts.append(_("key %(kids)s") % {"kids": ", ".join(sorted(consumer.key_ids))})
    if consumer.token_names:
        names = ", ".join(sorted(consumer.token_names))
        parts.append(_("personal access token %(names)s") % {"names": names})
    return {
        "label": consumer.address or _("Address not known"),
        "kind": " · ".join(part for part in parts if part),
        "last_used_at": consumer.last_at,
        "never": "",
        "address": "",
        "client": consumer.client,
    }


def uses_of_scopes(impact: Impact, used: Mapping[str, datetime]) -> list[Use]:
    """Each of the scopes with its last use and who that was, the latest first."""
    listed = []
    for scope, last_at in sorted(used.items(), key=lambda entry: entry[1], reverse=True):
        users = [consumer for consumer in impact.consumers if scope in consumer.scopes]
        latest = max(users, key=lambda consumer: consumer.last_at, default=None)
        more = len(users) - 1
        others = ngettext("and %(count)d other client", "and %(count)d other clients", more)
        listed.append(
            Use(
                label=scope,
                kind=others % {"count": more} if more > 0 else "",
                last_used_at=last_at,
                never="",
                address=latest.address if latest else "",
                client=latest.client if latest else "",
            )
        )
    return listed
