"""Who uses an account, as `components/impact.html` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tokens.usage.queries import Consumer, Impact

SHOWN = 20
"""Clients listed at most; the latest come first."""


class Use(TypedDict):
    label: str
    kind: str
    last_used_at: datetime
    address: str
    client: str


def uses_of(impact: Impact) -> list[Use]:
    """Each client at each address, with what it used."""
    return [_use(consumer) for consumer in impact.consumers[:SHOWN]]


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
                address=latest.address if latest else "",
                client=latest.client if latest else "",
            )
        )
    return listed
