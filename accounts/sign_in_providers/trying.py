"""Trying a provider out before anybody depends on it: all is judged, and nobody let in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities.models import Identity
from accounts.sign_in_providers import linking, policies
from accounts.sign_in_providers.kinds.base import Proof
from accounts.sign_in_providers.models import SignInProvider, SsoLink


@transaction.atomic
def worked(*, by: Actor, provider: SignInProvider, at: datetime) -> None:
    """Note that a provider was tried, with success.

    Raises:
        NotAllowed
    """
    check_may(by, Permission.TENANT_MANAGE)
    linking.worked(provider, at=at)
    record("sign_in_provider.tried", by=by, subject=provider, at=at)


def would_find(provider: SignInProvider, proof: Proof, *, at: datetime) -> Identity | None:
    """Whom this proof would let in, if the provider was enabled."""
    link = SsoLink.objects.filter(provider=provider, subject=proof.subject)
    found = link.select_related("identity").first()
    try:
        if found is not None:
            policies.check_may_come_in(found.identity, at=at)
            return found.identity
        if provider.links_by_email and proof.email_is_verified:
            return policies.found_by_email(proof.email, at=at)
    except policies.NobodyKnown:
        return None
    return None
