"""What a browser sends with the forms around keys."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse

from accounts.models import ServiceAccount


def key_form(**changed: Any) -> dict[str, Any]:
    """The part that every form which issues a key has; P-256, as RSA takes seconds."""
    return {
        "key_origin": "steward",
        "algorithm": "P-256",
        "key_expiry": "365",
        "public_key": "",
        "public_key_text": "",
        "submission": str(uuid.uuid4()),
    } | changed


def regenerate_form(**changed: Any) -> dict[str, Any]:
    return key_form(keep_old="0") | changed


def regenerate_url(account: ServiceAccount) -> str:
    return reverse("credentials:regenerate", args=[account.pk])


def new_account_form(name: str = "audit01", **changed: Any) -> dict[str, Any]:
    return key_form(name=name, description="", owner="", scopes=["fr:am:*", "fr:idm:*"]) | changed
