from __future__ import annotations

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, SignInProvider, SsoLink
from accounts.sign_in_providers import actions
from accounts.sign_in_providers.actions import Draft

CONFIG = {"client_id": "steward", "email_claim": "email", "name_claim": "preferred_username"}


def make_provider(name: str = "Company account") -> SignInProvider:
    """An enabled provider that nobody answers for."""
    now = timezone.now()
    made = actions.add(
        by=SYSTEM,
        kind="oidc",
        issuer="https://login.example.com",
        draft=Draft(name, CONFIG, secret="of-no-use"),
        at=now,
    )
    actions.enable(by=SYSTEM, provider=made, at=now)
    made.refresh_from_db()
    return made


def make_link(identity: Identity, provider: SignInProvider | None = None) -> SsoLink:
    return SsoLink.objects.create(
        provider=provider or make_provider(),
        identity=identity,
        subject=f"subject of {identity.user_name}",
        label=f"{identity.user_name}@company.example",
        linked_at=timezone.now(),
    )
