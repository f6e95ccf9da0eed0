"""By what we know the providers that bring messages: set by administrators, opened by the door."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.inbox.models import WebhookSecret
from accounts.inbox.providers import PROVIDERS
from accounts.lib.errors import DomainError
from accounts.sealing import Sealed, open_sealed, seal

SHORTEST: Final = 16
"""Characters; one that can be guessed is none."""
LONGEST: Final = 500


class BadSecret(DomainError):
    """Nothing that could keep strangers out; what was typed is not repeated."""

    code = "bad_secret"


def context_of(provider: str) -> str:
    return f"accounts_webhooksecret:{provider}:blob"


@transaction.atomic
def set_secret(*, by: Actor, provider: str, secret: str, at: datetime) -> None:
    """
    Raises:
        BadSecret: nobody of that name is known, or the secret is too short, too long or no ASCII.
    """
    check_may(by, Permission.TENANT_MANAGE)
    plain = secret.strip()
    if provider not in PROVIDERS:
        raise BadSecret(_("This provider is not known."), field="provider")
    if not (SHORTEST <= len(plain) <= LONGEST and plain.isascii() and plain.isprintable()):
        message = _("Paste a secret of %(least)d to %(most)d letters, digits and signs.")
        raise BadSecret(message % {"least": SHORTEST, "most": LONGEST}, field="secret")
    if provider == "postmark" and ":" not in plain.strip(":"):
        raise BadSecret(_("Type it as user:password."), field="secret")
    sealed = seal(plain.encode(), context=context_of(provider))
    row, _created = WebhookSecret.objects.update_or_create(
        provider=provider,
        defaults={
            "key_id": sealed.key_id,
            "blob": sealed.blob,
            "set_at": at,
            "set_by": by.label[:200],
        },
    )
    record("inbox.secret_set", by=by, subject=row, at=at)


@transaction.atomic
def remove_secret(*, by: Actor, provider: str, at: datetime) -> bool:
    """From now on nothing that this provider brings is taken; answers whether anything was."""
    check_may(by, Permission.TENANT_MANAGE)
    row = WebhookSecret.objects.filter(provider=provider).first()
    if row is None:
        return False
    record("inbox.secret_removed", by=by, subject=row, at=at)
    row.delete()
    return True


def secret_of(provider: str) -> str:
    """The secret, for the door alone; empty where none is set.

    Raises:
        SealBroken: it cannot be opened here.
    """
    row = WebhookSecret.objects.filter(provider=provider).first()
    if row is None:
        return ""
    sealed = Sealed(row.key_id, bytes(row.blob))
    return open_sealed(sealed, context=context_of(provider)).decode()
