"""Browsers with keys of their own, as the server sees them: real public keys and signatures, and
envelopes of the right form that hold nothing."""

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.utils import timezone

from accounts.models import Identity, StoredAccount, TrustedSession, Vault
from accounts.trusted_sessions import actions
from accounts.vault.local import actions as local
from accounts.vault.local import keys
from accounts.vault.local.envelopes import NewKey, Wrap
from accounts.vault.models import SecretName
from tests.factories.vault import draft

CHALLENGE = "of-a-test"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def point(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PublicFormat.UncompressedPoint
    return text(key.public_key().public_bytes(serialization.Encoding.X962, form))


def public_key() -> str:
    return point(ec.generate_private_key(ec.SECP256R1()))


@dataclass
class Device:
    """A browser: what it sends, and the key that it signs with."""

    id: uuid.UUID
    agreement_key: str
    signing: ec.EllipticCurvePrivateKey

    def sign(self, challenge: str) -> str:
        said = f"steward-trusted-session:1:{self.id}:{challenge}".encode()
        r, s = decode_dss_signature(self.signing.sign(said, ec.ECDSA(hashes.SHA256())))
        return text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def asking(self, challenge: str = CHALLENGE, **values: Any) -> actions.Asking:
        said: dict[str, Any] = {
            "device": "Laptop",
            "platform": "Linux/Chrome",
            "agreement_key": self.agreement_key,
            "signing_key": point(self.signing),
            "signature": self.sign(challenge),
        }
        return actions.Asking(**said | values)


def device() -> Device:
    return Device(uuid.uuid4(), public_key(), ec.generate_private_key(ec.SECP256R1()))


def ask(
    person: Identity, browser: Device | None = None, at: datetime | None = None
) -> TrustedSession:
    """A session that waits for approval."""
    browser = browser or device()
    return actions.ask(
        by=person,
        session_id=browser.id,
        asking=browser.asking(),
        challenge=CHALLENGE,
        at=at or timezone.now(),
    )


def trust(person: Identity, browser: Device | None = None) -> TrustedSession:
    """A trusted session: the first by a code, others by the first."""
    session, now = ask(person, browser), timezone.now()
    first = TrustedSession.objects.trusted().filter(identity=person).first()
    if first is not None:
        return actions.approve(by=person, session=session, from_session=first, at=now)
    code = actions.make_code(by=person, session=session, at=now)
    return actions.confirm_code(by=person, session=session, code=code.take(), at=now)


def ciphertext(version: int = 1, *, blocks: int = 1) -> str:
    nonce, body = text(secrets.token_bytes(12)), text(secrets.token_bytes(64 * blocks + 16))
    return f"stw-lv1.{version}.{nonce}.{body}"


def wrap(recipient: uuid.UUID, *, is_recovery: bool = False) -> Wrap:
    parts = [public_key(), text(secrets.token_bytes(12)), text(secrets.token_bytes(48))]
    envelope = ".".join(["stw-lk1", *parts])
    return Wrap(recipient, is_recovery, envelope, text(secrets.token_bytes(32)))


def new_key(version: int, *recipients: uuid.UUID) -> NewKey:
    link = f"stw-ll1.{text(secrets.token_bytes(12))}.{text(secrets.token_bytes(48))}"
    return NewKey(version, [wrap(each) for each in recipients], link)


def wrapped_private() -> str:
    return f"stw-lr1.{text(secrets.token_bytes(12))}.{text(secrets.token_bytes(154))}"


def make_local_vault(owner: Identity, session: TrustedSession, name: str = "At home") -> Vault:
    """Whoever makes one may manage vaults."""
    return keys.create_vault(
        by=owner,
        from_session=session,
        vault_id=uuid.uuid4(),
        name=name,
        description="",
        wraps=[wrap(session.pk)],
        at=timezone.now(),
    )


def make_local_item(
    owner: Identity, session: TrustedSession, vault: Vault, **values: Any
) -> StoredAccount:
    return local.add(
        by=owner,
        from_session=session,
        vault=vault,
        item_id=uuid.uuid4(),
        draft=draft(**values),
        sealed={SecretName.PASSWORD: ciphertext(vault.key_version)},
        at=timezone.now(),
    )
