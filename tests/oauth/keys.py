"""Key pairs that a holder made with another tool, and accounts that have their public half."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.utils import timezone
from joserfc.jwk import ECKey, OKPKey, RSAKey

from accounts.audit.actors import SYSTEM
from accounts.service_accounts.actions import Details
from tests.factories.accounts import Made
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.service_accounts import actions

Jwk = dict[str, Any]


@cache
def rsa_key(bits: int = 2048) -> Jwk:
    """The same key for the whole run: making one takes time, and no test changes it."""
    return dict(RSAKey.generate_key(bits, private=True).as_dict(private=True))


def curve_key(curve: str) -> Jwk:
    if curve == "Ed25519":
        return dict(OKPKey.generate_key("Ed25519", private=True).as_dict(private=True))
    return dict(ECKey.generate_key(curve, private=True).as_dict(private=True))


def public(jwk: Jwk) -> Jwk:
    return {k: v for k, v in jwk.items() if k in {"kty", "crv", "x", "y", "n", "e", "kid"}}


def account_with(
    jwk: Jwk, name: str = "uploaded", *, scopes: tuple[str, ...] = ("fr:am:*",)
) -> Made:
    """An account whose holder uploaded the public half of `jwk`."""
    issued = actions.create(
        by=SYSTEM,
        details=Details(name=name, description="", owner=None, scopes=scopes),
        key=KeyChoice(KeyOrigin.UPLOADED, public_key=json.dumps(public(jwk))),
        within=None,
        at=timezone.now(),
    )
    assert issued.credential is not None
    return Made(issued.account, issued.credential, jwk)
