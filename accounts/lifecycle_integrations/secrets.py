"""What an application is shown as proof: sealed when it is typed, or taken from the vault."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.lifecycle_integrations.connectors.base import Access
from accounts.lifecycle_integrations.models import LifecycleIntegration, LifecycleSecret
from accounts.sealing import SealBroken, Sealed, open_sealed, seal
from accounts.tenant import outgoing
from accounts.vault.secrets import opened_password

MAX_LENGTH: Final = 4000
"""Characters."""


class BadSecret(DomainError):
    """A secret that cannot be used, or none where one is needed."""

    code = "bad_secret"


def context_of(integration_id: UUID) -> str:
    return f"accounts_lifecyclesecret:{integration_id}:blob"


def _can_be_sent(plain: str) -> bool:
    return 0 < len(plain) <= MAX_LENGTH and plain.isascii() and plain.isprintable()


def put(integration: LifecycleIntegration, plain: str, *, at: datetime) -> None:
    """Keep a typed secret sealed.

    Raises:
        BadSecret: it cannot stand in a header.
    """
    if not _can_be_sent(plain):
        raise BadSecret(_("This secret cannot be sent. Copy it again."), field="secret")
    sealed = seal(plain.encode(), context=context_of(integration.pk))
    LifecycleSecret.objects.update_or_create(
        integration=integration,
        defaults={"key_id": sealed.key_id, "blob": sealed.blob, "changed_at": at},
    )


def forget(integration: LifecycleIntegration) -> None:
    LifecycleSecret.objects.filter(integration=integration).delete()


def access(integration: LifecycleIntegration) -> Access:
    """How the application is reached, with the secret; for the connector alone.

    Raises:
        BadSecret: there is none any more.
    """
    try:
        return _opened(integration)
    except SealBroken as error:
        message = _("The secret cannot be opened here. Type it again.")
        raise BadSecret(message, field="secret") from error


def _opened(integration: LifecycleIntegration) -> Access:
    username, plain = integration.username, ""
    if integration.item is not None:
        item = integration.item
        stored = item.passwords.filter(replaced_at=None).first()
        if item.deleted_at is None and stored is not None:
            username, plain = item.username, opened_password(stored).take()
    elif row := LifecycleSecret.objects.filter(integration=integration).first():
        sealed = Sealed(row.key_id, bytes(row.blob))
        plain = open_sealed(sealed, context=context_of(integration.pk)).decode()
    if not _can_be_sent(plain):
        message = _("There is no secret any more that could be sent. Choose it anew.")
        raise BadSecret(message, field="item")
    return Access(integration.url, integration.auth, username, plain, outgoing.policy())
