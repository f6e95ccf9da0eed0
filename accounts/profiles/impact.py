"""What deleting a profile would do, told before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.profiles.models import IdentityAccount, IdentityProfile


@dataclass(frozen=True)
class Deletion:
    """How many identities a deleted profile leaves."""

    on_their_own: int
    """They stay as they are, with keys and tokens, and no source changes or ends them any more."""
    to_other_profiles: int
    """They have an account of another profile, and follow that one from then on."""

    @property
    def total(self) -> int:
        return self.on_their_own + self.to_other_profiles


def of_deleting(profile: IdentityProfile) -> Deletion:
    led = IdentityAccount.objects.filter(
        source=profile.source_id, leads=True, identity__deleted_at=None
    )
    others = IdentityAccount.objects.filter(
        identity=OuterRef("identity"), vanished_at=None
    ).exclude(source=profile.source_id)
    moving = led.filter(Exists(others)).count()
    return Deletion(on_their_own=led.count() - moving, to_other_profiles=moving)
