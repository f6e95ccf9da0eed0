from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.tenant import actions, queries
from accounts.tenant.time_zone import time_zone
from console.tenant.forms import GlobalForm
from console.ui import times
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import submitted
from tokens.access_tokens.claims import LIFETIME, issuer
from tokens.access_tokens.lifetimes import seconds_by_key
from tokens.models import SigningKey
from tokens.oauth.audiences import TOKEN_PATHS
from tokens.oauth.endpoints import jwks, metadata
from tokens.signing import actions as signing

KEYS_SHOWN: Final = 20
"""Signing keys listed, the newest; the older ones sign and verify nothing any more."""


@requires(Permission.TENANT_VIEW)
@require_safe
def settings_(request: ConsoleRequest) -> HttpResponse:
    context = {
        "facts": _environment_facts(),
        "may_change": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "tenant/settings.html", context)


@requires(Permission.TENANT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def global_settings(request: ConsoleRequest) -> HttpResponse:
    may_change = may(request.user, Permission.TENANT_MANAGE)
    if request.method == "POST" and not may_change:
        refuse(request, Permission.TENANT_MANAGE)
    now = timezone.now()
    form = GlobalForm(
        request.POST or None,
        states=queries.all_switches(),
        values=queries.all_numbers(),
        may_change=may_change,
    )
    changed = submitted(form, lambda: actions.save(by=request.user, at=now, **form.changes()))
    if changed is not None:
        if changed:
            messages.success(request, _("The settings are saved."))
        else:
            messages.info(request, _("Nothing was changed."))
        return redirect("tenant:global_settings")
    context = {
        "form": form,
        "may_change": may_change,
        "token_facts": _token_facts(),
        "keys": _signing_keys(now),
    }
    return render(request, "tenant/global_settings.html", context)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def rotate(request: ConsoleRequest) -> HttpResponse:
    """Make a new signing key, after saying what that does."""
    now = timezone.now()
    if request.method == "POST":
        made = signing.rotate(by=request.user, at=now)
        text = _("The new signing key %(kid)s is published. It signs from %(at)s on.")
        messages.success(
            request, text % {"kid": made.key_id[:8], "at": times.exact(made.active_from)}
        )
        return redirect("tenant:global_settings")
    starts_at = now + signing.PUBLISHED_BEFORE_USE
    ends_at = starts_at + signing.PUBLISHED_AFTER_USE
    return render(request, "tenant/rotate.html", {"starts_at": starts_at, "ends_at": ends_at})


def _environment_facts() -> list[dict[str, Any]]:
    return [
        {"label": _("Environment"), "value": settings.STEWARD_ENVIRONMENT},
        {"label": _("Address"), "value": settings.STEWARD_PUBLIC_URL, "copy": True},
        {"label": _("Time zone"), "value": time_zone().key},
    ]


def _token_facts() -> list[dict[str, Any]]:
    base = issuer()
    addresses = (
        (_("Issuer"), ""),
        (_("Token endpoint"), TOKEN_PATHS[0]),
        (_("The same token endpoint by a shorter address"), TOKEN_PATHS[1]),
        (_("The same as clients of ServiceNow know it"), TOKEN_PATHS[2]),
        (_("Public keys (JWKS)"), jwks.PATH),
        (_("Metadata of the authorization server"), metadata.SERVER_PATH),
    )
    return [
        *({"label": label, "value": base + path, "copy": True} for label, path in addresses),
        {"label": _("Lifetime of an access token by a key"), "value": _lasting()},
    ]


def _lasting() -> str:
    seconds = seconds_by_key()
    if seconds < int(LIFETIME.total_seconds()):
        return _("%(seconds)d seconds, the maximum of this tenant") % {"seconds": seconds}
    said = _("%(seconds)d seconds, a second short of %(minutes)d minutes")
    return said % {"seconds": seconds, "minutes": round(seconds / 60)}


def _signing_keys(now: datetime) -> list[dict[str, Any]]:
    """The signing keys with what each one does now, the newest first."""
    newest = SigningKey.objects.order_by("-active_from", "key_id")
    rows = list(newest.defer("public", "sealed_private")[:KEYS_SHOWN])
    live = [row for row in rows if row.retired_at is None or row.retired_at > now]
    signer = next((row for row in live if row.active_from <= now), None)
    return [_shown(row, row is signer, now) for row in rows]


def _shown(row: SigningKey, is_signer: bool, now: datetime) -> dict[str, Any]:
    if is_signer:
        state, label = "active", _("Signs tokens")
    elif row.active_from > now:
        state, label = "pending", _("Published, signs later")
    elif row.retired_at is None or row.retired_at > now:
        state, label = "retiring", _("Verifies only")
    else:
        state, label = "retired", _("Retired")
    return {"key": row, "state": state, "label": label}
