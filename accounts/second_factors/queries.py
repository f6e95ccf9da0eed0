from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from accounts.identities.models import Identity

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What is a second factor by itself; recovery codes only stand in for one."""


@dataclass(frozen=True)
class Factors:
    """What somebody has set up."""

    app: Authenticator | None
    passkeys: list[Authenticator]
    codes: Authenticator | None

    @property
    def any(self) -> bool:
        return self.app is not None or bool(self.passkeys)

    @property
    def count(self) -> int:
        return len(self.passkeys) + (self.app is not None)


def of(identity: Identity) -> Factors:
    rows = list(Authenticator.objects.filter(user=identity).order_by("created_at", "pk"))
    return Factors(
        app=next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
        passkeys=[row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        codes=next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None),
    )


def has_one(identity: Identity) -> bool:
    return bool(Authenticator.objects.filter(user=identity, type__in=FACTORS).exists())


def passkey(identity: Identity, passkey_id: int) -> Authenticator | None:
    mine: QuerySet[Authenticator] = Authenticator.objects.filter(
        user=identity, type=Authenticator.Type.WEBAUTHN
    )
    return mine.filter(pk=passkey_id).first()
