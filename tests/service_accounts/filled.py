"""The forms of service accounts, filled in as a browser would."""

from __future__ import annotations

import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import ServiceAccount

LIST = "/service-accounts/"
NEW = "/service-accounts/new/"


def new_form(**changes: Any) -> dict[str, Any]:
    """A form that makes an account; a field set to None is left out."""
    filled: dict[str, Any] = {
        "name": "audit01",
        "description": "Nightly export",
        "owner": "",
        "scopes": ["fr:idm:*"],
        "ends_at": "",
        "key_origin": "steward",
        "algorithm": "P-256",
        "public_key_text": "",
        "public_key": "",
        "key_expiry": "365",
        "submission": str(uuid.uuid4()),
    }
    return {name: value for name, value in (filled | changes).items() if value is not None}


def page(name: str, account: ServiceAccount) -> str:
    return reverse(f"service_accounts:{name}", args=[account.pk])


def edit_form(client: Client, account: ServiceAccount, **changes: Any) -> dict[str, Any]:
    """The edit form as `client` gets it now, with some fields changed."""
    form = client.get(page("edit", account)).context["form"]
    filled = {name: form[name].value() for name in form.fields}
    filled["confirmed"], filled["revoke_tokens"] = "", None
    changed = filled | changes
    return {name: value for name, value in changed.items() if value is not None}
