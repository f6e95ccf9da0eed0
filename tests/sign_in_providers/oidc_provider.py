"""An OpenID provider on this machine that speaks HTTP, and lies as a test asks it to.

What it signs with is not what Steward verifies with: another library, made by others.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "steward", "s3cret: of steward&co"

TOKEN_LIES = (
    *("unsigned", "alg_none", "shared_secret", "wrong_key", "unknown_key"),
    *("wrong_audience", "other_party", "many_audiences", "wrong_issuer", "expired", "not_yet"),
    *("wrong_nonce", "no_nonce", "wrong_at_hash", "no_subject", "tampered", "not_a_token"),
    *("for_ever", "of_yesterday", "no_expiry"),
)
"""What may be wrong with an ID token."""


@cache
def rsa(which: str, bits: int = 2048) -> RSAKey:
    """A key that says that it is the first, whichever it is; made once."""
    return RSAKey.generate_key(bits, {"kid": "first", "use": "sig"})


@dataclass
class OidcProvider:
    port: int = 0
    host: str = "127.0.0.1"
    """What it calls itself; to a browser another name is another site."""
    lie: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Beside the usual ones, or in place of them."""
    user_info: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """In the metadata."""
    asked: list[str] = field(default_factory=list)
    """The paths that were called, but for the browser's."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: rsa("the right one"))
    other: RSAKey = field(default_factory=lambda: rsa("another"))
    secret: str = CLIENT_SECRET

    @property
    def issuer(self) -> str:
        return f"http://{self.host}:{self.port}"

    def metadata(self) -> dict[str, Any]:
        base = self.issuer
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize?tenant=1",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
            "userinfo_endpoint": f"{base}/me",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        } | self.told

    def authorize(self, asked: dict[str, str]) -> str:
        """Somebody has signed in: where their browser is sent."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        if [unquote_plus(part) for part in pair] != [CLIENT_ID, self.secret]:
            return 401, {"error": "invalid_client"}
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["code_challenge_method"] != "S256"
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        return 200, {
            "token_type": "Bearer",
            "access_token": access_token,
            "id_token": self.id_token(asked, access_token),
        }

    def id_token(self, asked: dict[str, str], access_token: str) -> str:
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
            "preferred_username": "otto@company.example",
        } | self.claims
        return self._signed(_lied(claims, self.lie, now))

    def _signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "kid": "first"}
        if self.lie in ("wrong_key", "unknown_key"):
            named = {"kid": "second"} if self.lie == "unknown_key" else {}
            return jwt.encode(header | named, claims, self.other)
        if self.lie == "shared_secret":
            return _by_secret(claims, self.key.as_pem(private=False))
        head, body, mark = jwt.encode(header, claims, self.key).split(".")
        return {
            "unsigned": f"{head}.{body}.",
            "alg_none": f"{_encoded({'alg': 'none', 'kid': 'first'})}.{body}.",
            "tampered": f"{head}.{_encoded(claims | {'sub': 'admin'})}.{mark}",
            "not_a_token": "a.b",
        }.get(self.lie, f"{head}.{body}.{mark}")

    def keys(self) -> dict[str, Any]:
        listed: list[Any] = [self.key, ECKey.generate_key("P-256", {"kid": "of-another-type"})]
        return dict(KeySet(listed).as_dict(private=False))


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _by_secret(claims: dict[str, Any], secret: bytes) -> str:
    """Signed with the public key as if it was a secret, which everybody knows."""
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(secret))


def _lied(claims: dict[str, Any], lie: str, now: int) -> dict[str, Any]:
    changed: dict[str, dict[str, Any]] = {
        "wrong_audience": {"aud": "another"},
        "other_party": {"azp": "another"},
        "many_audiences": {"aud": [CLIENT_ID, "another"]},
        "wrong_issuer": {"iss": "https://elsewhere.example"},
        "expired": {"exp": now - 120, "iat": now - 400},
        "not_yet": {"iat": now + 600, "exp": now + 900},
        "wrong_nonce": {"nonce": "of-another-attempt"},
        "wrong_at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        "for_ever": {"exp": now + 10**9},
        "of_yesterday": {"iat": now - 2 * 86400, "exp": now + 100},
    }
    gone = {"no_nonce": "nonce", "no_subject": "sub", "no_expiry": "exp"}.get(lie)
    return {k: v for k, v in (claims | changed.get(lie, {})).items() if k != gone}


@contextmanager
def running(provider: OidcProvider | None = None) -> Iterator[OidcProvider]:
    made = provider or OidcProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", made.authorize(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            made.asked.append(parts.path)
            answers: dict[str, Callable[[], dict[str, Any]]] = {
                "/.well-known/openid-configuration": made.metadata,
                "/keys": made.keys,
                "/me": lambda: {"sub": "subject-1"} | made.user_info,
            }
            found = answers.get(parts.path)
            self._answer(200 if found else 404, found() if found else {})

        def do_POST(self) -> None:
            made.asked.append(self.path)
            size = int(self.headers["Content-Length"])
            read = parse_qs(self.rfile.read(size).decode())
            form = {name: values[0] for name, values in read.items()}
            status, told = made.token(form, self.headers.get("Authorization", ""))
            self._answer(status, told)

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests say what they want to know."""

    with ThreadingHTTPServer(("127.0.0.1", made.port), Handler) as server:
        made.port = server.server_address[1]
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
