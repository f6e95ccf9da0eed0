"""The secret by which Steward proves itself at a provider: sealed, opened for that call alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.sealing import Sealed, open_sealed, seal
from accounts.sign_in_providers.kinds.base import BadProvider
from accounts.sign_in_providers.models import ProviderSecret, SignInProvider

MAX_LENGTH: Final = 2000


def context_of(provider_id: UUID) -> str:
    return f"accounts_providersecret:{provider_id}:blob"


def store(provider: SignInProvider, plain: str, *, at: datetime) -> None:
    """
    Raises:
        BadProvider: it cannot be a secret that a provider gave.
    """
    if len(plain) > MAX_LENGTH or not plain.isprintable():
        raise BadProvider(_("This secret cannot be taken."), field="secret")
    sealed = seal(plain.encode(), context=context_of(provider.pk))
    ProviderSecret.objects.update_or_create(
        provider=provider,
        defaults={"key_id": sealed.key_id, "blob": sealed.blob, "changed_at": at},
    )


def forget(provider: SignInProvider) -> bool:
    return bool(ProviderSecret.objects.filter(provider=provider).delete()[0])


def is_set(provider: SignInProvider) -> bool:
    return ProviderSecret.objects.filter(provider=provider).exists()


def plain(provider: SignInProvider) -> str:
    """The plain text; empty where none is set.

    Raises:
        SealBroken: it cannot be opened here.
    """
    row = ProviderSecret.objects.filter(provider=provider).first()
    if row is None:
        return ""
    sealed = Sealed(row.key_id, bytes(row.blob))
    return open_sealed(sealed, context=context_of(provider.pk)).decode()
