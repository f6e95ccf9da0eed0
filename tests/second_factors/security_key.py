"""A security key in software, which also does what no honest one does (WebAuthn level 2)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

HERE = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class SecurityKey:
    """Holds one passkey."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.handle = b""

    def create(self, options: dict[str, Any], origin: str = HERE, **wrong: Any) -> dict[str, Any]:
        """The answer to the question for a new passkey."""
        asked = options["publicKey"]
        self.handle = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        number = self.private.public_key().public_numbers()
        key = {
            1: 2,
            3: -7,
            -1: 1,
            -2: number.x.to_bytes(32, "big"),
            -3: number.y.to_bytes(32, "big"),
        }
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor.encode(key)
        data = self._data(asked["rp"]["id"], ATTESTED, wrong) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        client = self._client("webauthn.create", asked["challenge"], origin)
        return self._credential(clientDataJSON=client, attestationObject=cbor.encode(statement))

    def get(self, options: dict[str, Any], origin: str = HERE, **wrong: Any) -> dict[str, Any]:
        """The answer to the question for this passkey."""
        asked = options["publicKey"]
        data = self._data(asked["rpId"], 0, wrong)
        client = self._client("webauthn.get", asked["challenge"], origin)
        signed = self.private.sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._credential(
            clientDataJSON=client,
            authenticatorData=data,
            signature=wrong.get("signature", signed),
            userHandle=wrong.get("handle", self.handle),
        )

    @staticmethod
    def _data(rp_id: str, flags: int, wrong: dict[str, Any]) -> bytes:
        flags |= PRESENT | (0 if wrong.get("unverified") else VERIFIED)
        named = wrong.get("rp_id", rp_id)
        return hashlib.sha256(named.encode()).digest() + bytes([flags]) + struct.pack(">I", 0)

    @staticmethod
    def _client(kind: str, challenge: str, origin: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _credential(self, **response: bytes) -> dict[str, Any]:
        return {
            "id": text(self.id),
            "rawId": text(self.id),
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {name: text(part) for name, part in response.items()},
        }
