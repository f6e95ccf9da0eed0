"""Where an identity and each of its values came from, for its page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import AttributeMapping, Identity
from accounts.profiles import queries
from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.lifecycle_states.queries import StateOf
from accounts.profiles.queries import LinkedAccount, ValueWithOrigin


def accounts_of(identity: Identity, *, person: Identity) -> list[dict[str, Any]]:
    """Its accounts on sources; each links to its page for who may see sources."""
    may_open = may(person, Permission.SOURCE_VIEW_ALL)
    return [
        {
            "source": linked.source.name,
            "source_url": reverse("sources:detail", args=[linked.source.pk]) if may_open else "",
            "name": linked.account.name if linked.account else linked.link.native_identity,
            "native_identity": linked.link.native_identity,
            "url": _account_url(linked) if may_open else "",
            "leads": linked.link.leads,
            "is_gone": linked.account is None,
            "profile": linked.profile.name if linked.profile else "",
            "linked_at": linked.link.linked_at,
        }
        for linked in queries.accounts_of(identity)
    ]


def _account_url(linked: LinkedAccount) -> str:
    if linked.account is None:
        return ""
    return reverse("sources:account", args=[linked.source.pk, linked.account.pk])


def values_of(
    identity: Identity, state: StateOf | None, *, person: Identity
) -> list[dict[str, Any]]:
    """Its attributes, each with the way that its value took; nobody types over a mapped one.

    Of a life-cycle state that somebody set, no mapping is named: what it gives does not count.
    """
    by_hand = {LIFECYCLE_STATE} if state is not None and state.is_manual else set()
    may_open = may(person, Permission.PROFILE_VIEW)
    account = next((a for a in queries.accounts_of(identity) if a.link.leads), None)
    return [
        {
            "label": str(value.info.label),
            "name": value.info.name,
            "value": _shown(value.value),
            "steps": [_("Set by hand")] if value.info.name in by_hand else _steps(value, account),
            "url": _mapping_url(value) if may_open and value.info.name not in by_hand else "",
        }
        for value in queries.values_with_origin(identity)
    ]


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _mapping_url(value: ValueWithOrigin) -> str:
    if value.profile is None:
        return ""
    page = reverse("profiles:mappings", args=[value.profile.pk])
    return f"{page}#row-{value.info.name}"


def _steps(value: ValueWithOrigin, account: LinkedAccount | None) -> list[str]:
    """Profile, source, account, source attribute, transform; nothing where no mapping made it."""
    if value.profile is None or value.mapping is None:
        return []
    mapping = value.mapping
    source = mapping.source or value.profile.source
    steps = [value.profile.name, source.name]
    if account is not None and mapping.source is None:
        steps.append(account.link.native_identity)
    if mapping.source_attribute:
        steps.append(mapping.source_attribute)
    if transform := _transform(mapping):
        steps.append(transform)
    return steps


def _transform(mapping: AttributeMapping) -> str:
    if mapping.transform is not None:
        return mapping.transform.name
    if mapping.definition:
        return _("transform “%(type)s”") % {"type": mapping.definition.get("type", "")}
    return ""
