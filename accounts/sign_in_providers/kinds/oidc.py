"""OpenID Connect: authorization code with PKCE, state and nonce; see `id_tokens` for the rest."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib import web
from accounts.sign_in_providers.kinds import id_tokens
from accounts.sign_in_providers.kinds.base import (
    Attempt,
    BadProvider,
    Facts,
    NotProved,
    Proof,
    Setting,
)
from accounts.tenant import outgoing

DISCOVERY: Final = "/.well-known/openid-configuration"
"""OpenID Connect Discovery 1.0 section 4."""
KEPT_SECONDS: Final = 600
"""How long metadata and keys of a provider are remembered."""
KEYS_AGAIN_SECONDS: Final = 60
"""How often an unknown key may have the keys fetched anew."""
TIMEOUT_SECONDS: Final = 8.0
MOST_BYTES: Final = 256 * 1024
MOST_CODE_LENGTH: Final = 8000
SCOPE: Final = "openid email profile"


class OpenIdConnect:
    label: str | Promise = gettext_lazy("OpenID Connect")
    answers_by_form = False
    issuer_label: str | Promise = gettext_lazy("Issuer")
    issuer_help: str | Promise = gettext_lazy(
        "The provider's address, such as https://login.example.com/tenant. Its metadata is read "
        "from there; it must name itself exactly so."
    )
    secret_label: str | Promise | None = gettext_lazy("Client secret")
    secret_help: str | Promise = gettext_lazy(
        "Sealed, and never shown again. Empty for a public client: PKCE is used either way."
    )
    settings: tuple[Setting, ...] = (
        Setting(
            "client_id",
            gettext_lazy("Client ID"),
            gettext_lazy("As the provider gave it to this application."),
        ),
        Setting(
            "email_claim",
            gettext_lazy("Claim of the e-mail address"),
            gettext_lazy("It counts only with email_verified."),
            default="email",
            max_length=100,
        ),
        Setting(
            "name_claim",
            gettext_lazy("Claim of the user name"),
            gettext_lazy("How an account there is called in lists here."),
            default="preferred_username",
            max_length=100,
        ),
    )

    def check(self, issuer: str, config: Mapping[str, Any]) -> None:
        del config
        parts = urlsplit(issuer)
        if parts.query or parts.fragment or parts.scheme not in ("https", "http"):
            raise BadProvider(
                _("Type an address such as https://login.example.com, without ? and #."),
                field="issuer",
            )
        try:
            web.check(issuer)
        except web.CannotReach as error:
            raise BadProvider(error.message, field="issuer") from error

    def look_at(self, facts: Facts) -> list[tuple[str, str]]:
        forget(facts)
        found = metadata(facts)
        keys = _keys(facts, found)
        return [
            (_("Authorization endpoint"), found["authorization_endpoint"]),
            (_("Token endpoint"), found["token_endpoint"]),
            (_("Keys"), str(len(keys))),
        ]

    def address(self, facts: Facts, attempt: Attempt) -> str:
        parts = urlsplit(metadata(facts)["authorization_endpoint"])
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": facts.config["client_id"],
            "redirect_uri": facts.redirect_uri,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if attempt.afresh:
            asked |= {"prompt": "login", "max_age": "0"}
        own = [pair for pair in parse_qsl(parts.query) if pair[0] not in asked]
        return urlunsplit(parts._replace(query=urlencode([*own, *asked.items()]), fragment=""))

    def prove(
        self, facts: Facts, attempt: Attempt, answer: Mapping[str, str], *, at: datetime
    ) -> Proof:
        found = metadata(facts)
        _check_sender(facts, found, answer)
        if answer.get("error"):
            raise NotProved(_("The provider refused: it answered with an error."))
        code = answer.get("code", "")
        if not code or len(code) > MOST_CODE_LENGTH:
            raise NotProved(_("The provider sent no code."))
        tokens = _exchange(facts, found, attempt, code)
        claims = id_tokens.verified(
            _text(tokens, "id_token"),
            access_token=str(tokens.get("access_token") or ""),
            keys=lambda again: _keys(facts, found, again=again),
            expected=id_tokens.Expected(
                facts.issuer, str(facts.config["client_id"]), attempt.nonce
            ),
            at=at,
        )
        claims = _with_user_info(facts, found, tokens, claims)
        return id_tokens.proof(
            claims,
            email_claim=facts.config["email_claim"],
            name_claim=facts.config["name_claim"],
        )


def metadata(facts: Facts) -> dict[str, str]:
    """What the provider says of itself.

    Raises:
        CannotReach, NotProved
    """
    key = _key(facts, "metadata")
    kept: dict[str, str] | None = cache.get(key)
    if kept is None:
        kept = _metadata(facts)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def forget(facts: Facts) -> None:
    cache.delete_many([_key(facts, what) for what in ("metadata", "keys", "keys_again")])


def _metadata(facts: Facts) -> dict[str, str]:
    told = _json("GET", facts.issuer.rstrip("/") + DISCOVERY)
    if told.get("issuer") != facts.issuer:
        raise NotProved(_("Its metadata names another issuer than the one that is set here."))
    found = {"with_iss": "1" if told.get("authorization_response_iss_parameter_supported") else ""}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        found[name] = _text(told, name)
    info = told.get("userinfo_endpoint")
    found["userinfo_endpoint"] = info if isinstance(info, str) else ""
    for address in (value for name, value in found.items() if name != "with_iss" and value):
        web.check(address)
        if urlsplit(address).scheme == "http" and urlsplit(facts.issuer).scheme != "http":
            raise NotProved(_("Its metadata names an address without https."))
    methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    by_post = isinstance(methods, list) and "client_secret_basic" not in methods
    return found | {"by_post": "1" if by_post else ""}


def _keys(facts: Facts, found: Mapping[str, str], *, again: bool = False) -> list[dict[str, Any]]:
    """The provider's public keys; with `again` anew, but not more often than once a minute."""
    key = _key(facts, "keys")
    kept: list[dict[str, Any]] | None = cache.get(key)
    if kept is not None and again and cache.add(_key(facts, "keys_again"), 1, KEYS_AGAIN_SECONDS):
        kept = None
    if kept is None:
        listed = _json("GET", found["jwks_uri"]).get("keys")
        if not isinstance(listed, list):
            raise NotProved(_("Its keys are no JWKS."))
        kept = [each for each in listed[:100] if isinstance(each, dict)]
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _check_sender(facts: Facts, found: Mapping[str, str], answer: Mapping[str, str]) -> None:
    """RFC 9207: an answer that says whose it is must be this provider's."""
    said = answer.get("iss", "")
    if (found["with_iss"] and not said) or (said and said != facts.issuer):
        raise NotProved(_("The answer came from another issuer."))


def _exchange(
    facts: Facts, found: Mapping[str, str], attempt: Attempt, code: str
) -> dict[str, Any]:
    client_id = str(facts.config["client_id"])
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": facts.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    headers: dict[str, str] = {}
    if facts.secret and not found["by_post"]:
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined
        pair = f"{quote_plus(client_id)}:{quote_plus(facts.secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": client_id}
        form |= {"client_secret": facts.secret} if facts.secret else {}
    return _json("POST", found["token_endpoint"], headers, form)


def _with_user_info(
    facts: Facts, found: Mapping[str, str], tokens: Mapping[str, Any], claims: dict[str, Any]
) -> dict[str, Any]:
    """Many providers keep the ID token short, and tell the e-mail address only when asked."""
    access_token = tokens.get("access_token")
    wanted = facts.config["email_claim"]
    if wanted in claims or not found["userinfo_endpoint"] or not isinstance(access_token, str):
        return claims
    if not access_token.isascii() or not access_token.isprintable():
        raise NotProved(_("What the provider answered cannot be read."))
    told = _json("GET", found["userinfo_endpoint"], {"Authorization": f"Bearer {access_token}"})
    if told.get("sub") != claims["sub"]:
        raise NotProved(_("The provider told about somebody else."))
    added = (wanted, facts.config["name_claim"], "email_verified")
    return {name: told[name] for name in added if name in told} | claims


def _json(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    sent = {"Accept": "application/json", **(headers or {})}
    body = None
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form).encode()
    answer = web.call(
        method,
        url,
        sent,
        body,
        timeout=TIMEOUT_SECONDS,
        limit=MOST_BYTES,
        policy=outgoing.policy(),
    )
    if answer.status != 200:
        said = _("%(host)s answered with status %(status)d.")
        raise NotProved(said % {"host": urlsplit(url).hostname or "", "status": answer.status})
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise NotProved(_("What the provider answered cannot be read.")) from error
    if not isinstance(told, dict):
        raise NotProved(_("What the provider answered cannot be read."))
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise NotProved(_("The provider's answer lacks %(name)s.") % {"name": name})
    return value


def _key(facts: Facts, what: str) -> str:
    return f"sso:{facts.id}:{facts.revision}:{what}"
