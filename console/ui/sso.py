"""On the way to a sign-in provider and back: what somebody wants there is kept in their session."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import SignInProvider
from accounts.sign_in_providers import secrets as provider_secrets
from accounts.sign_in_providers.kinds.base import Attempt, Facts
from console.ui.once import never_stored

KEPT_IN: Final = "steward_sso"
"""Session key: the attempts that are under way, by their state."""
MOST_ATTEMPTS: Final = 5
"""In one browser at a time; the oldest goes."""
LASTS: Final = timedelta(minutes=10)
SIGN_IN, LINK, CONFIRM, TRY = "sign_in", "link", "confirm", "try"


@dataclass(frozen=True)
class Kept:
    """An attempt, what it is for, and where to go then."""

    attempt: Attempt
    purpose: str
    identity_id: str
    """Of who was signed in when it began; empty for nobody."""
    path: str


def facts_of(provider: SignInProvider) -> Facts:
    """What its kind may know of a provider.

    Raises:
        SealBroken: its secret cannot be opened here.
    """
    return Facts(
        id=str(provider.pk),
        revision=provider.revision,
        issuer=provider.issuer,
        config=provider.config,
        secret=provider_secrets.plain(provider),
        redirect_uri=back_to(provider),
        metadata_uri=entity_id(provider),
    )


def told_to_provider(provider: SignInProvider) -> list[dict[str, Any]]:
    """What has to be entered at the provider."""
    if not provider.part.answers_by_form:
        return [{"label": _("Redirect URI"), "value": back_to(provider), "copy": True}]
    entity, address = entity_id(provider), back_to(provider)
    return [
        {"label": _("Entity ID, and address of the metadata"), "value": entity, "copy": True},
        {"label": _("Assertion consumer service"), "value": address, "copy": True},
    ]


def back_to(provider: SignInProvider) -> str:
    name = "sso_acs" if provider.part.answers_by_form else "sso_callback"
    return f"{settings.STEWARD_PUBLIC_URL}{reverse(name, args=[provider.pk])}"


def entity_id(provider: SignInProvider) -> str:
    """How Steward is called at a provider; its metadata stand there."""
    return f"{settings.STEWARD_PUBLIC_URL}{reverse('sso_metadata', args=[provider.pk])}"


def begin(
    request: HttpRequest, provider: SignInProvider, *, purpose: str, path: str, at: datetime
) -> str:
    """Keep a new attempt in the session; answers where to send the person.

    Raises:
        NotProved, CannotReach: the provider cannot be used now.
    """
    attempt = Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        started_at=at,
        afresh=purpose == CONFIRM,
    )
    address = provider.part.address(facts_of(provider), attempt)
    kept = dict(request.session.get(KEPT_IN, {}))
    kept[attempt.state] = {
        "provider": str(provider.pk),
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "at": at.timestamp(),
        "purpose": purpose,
        "identity": str(request.user.pk) if request.user.is_authenticated else "",
        "path": path,
    }
    newest = sorted(kept.items(), key=lambda pair: float(pair[1]["at"]))[-MOST_ATTEMPTS:]
    request.session[KEPT_IN] = dict(newest)
    return address


def take(
    request: HttpRequest, provider: SignInProvider, state: str, *, at: datetime
) -> Kept | None:
    """The attempt that this state belongs to, which is over with this; None if there is none."""
    kept: Mapping[str, Any] = request.session.get(KEPT_IN, {})
    found = kept.get(state) if state else None
    if found is None or found["provider"] != str(provider.pk):
        return None
    request.session[KEPT_IN] = {each: kept[each] for each in kept if each != state}
    started_at = datetime.fromtimestamp(found["at"], UTC)
    identity_id = str(request.user.pk) if request.user.is_authenticated else ""
    if not timedelta() <= at - started_at <= LASTS or found["identity"] != identity_id:
        return None
    attempt = Attempt(
        state=state,
        nonce=found["nonce"],
        verifier=found["verifier"],
        started_at=started_at,
        afresh=found["purpose"] == CONFIRM,
    )
    return Kept(attempt, found["purpose"], identity_id, found["path"])


def onward(request: HttpRequest, provider: SignInProvider, address: str) -> HttpResponse:
    """Answer a form with a page that goes on to the provider.

    A redirect would not do: the content security policy lets forms lead to our own pages alone,
    and browsers hold redirects to it.
    """
    context = {"provider": provider, "address": address}
    return never_stored(render(request, "sign_in/onward.html", context))
