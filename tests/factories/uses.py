from __future__ import annotations

from django.utils import timezone

from accounts.models import Identity
from tests.factories.people import PASSWORD
from tokens.usage.buffer import buffer
from tokens.usage.models import Use


def call(identity: Identity) -> None:
    """A program has made an API call with it."""
    credential = identity.credentials.first()
    buffer.add(
        identity_id=identity.pk,
        use=Use.CALL,
        credential_id=credential.pk if credential else None,
        scopes=["fr:am:*"],
        address="192.0.2.7",
        client="x",
        at=timezone.now(),
    )
    buffer.flush()


def make_ready(identity: Identity) -> Identity:
    """Somebody has registered to sign in as it, and a program has called with it."""
    identity.set_password(PASSWORD)
    identity.save(update_fields=["password"])
    call(identity)
    return identity
