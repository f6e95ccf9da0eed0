"""A call that works as it stands, for one account and its key."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import ServiceAccount
from tokens.access_tokens.claims import issuer
from tokens.credentials.types import key_pair
from tokens.models import Credential
from tokens.oauth.audiences import TOKEN_PATHS
from tokens.scopes import in_force
from tokens.scopes.coverage import covers
from tokens.scopes.effective import issuable, of_identity

GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS: Final = 180
"""How long the assertion of a sample is valid; what the vendor's own clients ask for."""
PLAIN_KID: Final = re.compile(r"[A-Za-z0-9._~-]+")
"""A key id that needs no quoting anywhere; the server does not insist on one."""

# R and S of an ECDSA signature, each padded to the width of the curve (RFC 7518 section 3.4)
_EC_SIGN: Final = """\
sign() {{
  hex=$(openssl dgst -{digest} -sign "$KEY" | openssl asn1parse -inform DER |
    awk -F: '/INTEGER/ {{printf "%{width}s", $NF}}' | tr ' ' 0)
  printf '%b' "$(printf '%s' "$hex" | sed 's/../\\\\x&/g')"
}}"""
_RSA_SIGN: Final = 'sign() { openssl dgst -sha256 -sign "$KEY"; }'
_ED25519_SIGN: Final = """\
sign() {
  input=$(mktemp) && cat > "$input"
  openssl pkeyutl -sign -inkey "$KEY" -rawin -in "$input"
  rm -f "$input"
}"""

_BASH: Final = """\
KEY={key_file}
TOKEN_URL={token_url}
encode() {{ openssl base64 -A | tr '+/' '-_' | tr -d '='; }}
{sign}
HEADER=$(printf '%s' '{header}' | encode)
CLAIMS=$(printf '{{"iss":"%s","sub":"%s","aud":"%s","exp":%d,"jti":"%s"}}' \\
  {account_id} {account_id} "$TOKEN_URL" \\
  $(($(date +%s) + {seconds})) "$(openssl rand -hex 16)" | encode)
SIGNATURE=$(printf '%s' "$HEADER.$CLAIMS" | sign | encode)
ANSWER=$(curl -sS "$TOKEN_URL" \\
  --data-urlencode 'client_id=service-account' \\
  --data-urlencode 'grant_type={grant}' \\
  --data-urlencode {scope} \\
  --data-urlencode "assertion=$HEADER.$CLAIMS.$SIGNATURE")
TOKEN=$(printf '%s' "$ANSWER" | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')
test -n "$TOKEN" || printf '%s\\n' "$ANSWER"
curl -sS -H "Authorization: Bearer $TOKEN" {api_url}
"""

_PYTHON: Final = """\
# pip install "pyjwt[crypto]"
import json, time, uuid
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt

ACCOUNT_ID = {account_id}
TOKEN_URL = {token_url}
{key_lines}
assertion = jwt.encode(
    {{
        "iss": ACCOUNT_ID,
        "sub": ACCOUNT_ID,
        "aud": TOKEN_URL,
        "exp": int(time.time()) + {seconds},
        "jti": str(uuid.uuid4()),
    }},
    key,
    algorithm={algorithm},
    headers={{"kid": {kid}}},
)
form = {{
    "client_id": "service-account",
    "grant_type": {grant},
    "scope": {scope},
    "assertion": assertion,
}}
with urlopen(TOKEN_URL, urlencode(form).encode()) as answer:
    token = json.load(answer)["access_token"]

call = Request({api_url}, headers={{"Authorization": f"Bearer {{token}}"}})
with urlopen(call) as answer:
    print(answer.read().decode())
"""
_JWK_LINES: Final = """\
jwk = json.loads(Path({key_file}).read_text())
key = jwt.PyJWK(jwk, algorithm={algorithm}).key
"""
_PEM_LINES: Final = "key = Path({key_file}).read_text()\n"


@dataclass(frozen=True)
class Sample:
    id: str
    """Of the text on its page."""
    title: str
    code: str
    needs: str = ""
    """What must be there before it runs, in words."""


@dataclass(frozen=True)
class Call:
    """What is asked for, and what is called with the token."""

    scopes: list[str]
    api_url: str


def token_url() -> str:
    return issuer() + TOKEN_PATHS[0]


def asked_together(account: ServiceAccount) -> tuple[str, list[str]]:
    """The audience and the scopes of one request that a key of the account is granted whole.

    Those of this server go before those of an API of the tenant; none where nothing is issued.
    """
    found: dict[str, list[str]] = {}
    names = issuable(of_identity(account.identity))
    catalogue = in_force.for_names(names)
    for name in dict.fromkeys(names):
        publisher = catalogue.publisher_of(name)
        found.setdefault((publisher and publisher.audience) or issuer(), []).append(name)
    audience = issuer() if issuer() in found else next(iter(found), issuer())
    return audience, found.get(audience, [])


def api_url(scopes: list[str], audience: str = "") -> str:
    """An address that a token with these scopes, for this audience, may read."""
    if audience not in ("", issuer()):
        return audience
    if covers(scopes, "fr:idm:*", imply_esv=False):
        return f"{issuer()}/openidm/managed/alpha_user?_queryFilter=true&_pageSize=10"
    return f"{issuer()}/environment/info"


def for_key(account: ServiceAccount, credential: Credential, *, file_stem: str) -> list[Sample]:
    """The calls for one key; `file_stem` is that of the downloads, empty for an uploaded key.

    None for an account that gets no token, as it has no scopes or none that is carried.
    """
    audience, scopes = asked_together(account)
    if not scopes:
        return []
    call = Call(scopes, api_url(scopes, audience))
    return [
        Sample(
            "example-curl",
            "curl (bash)",
            _bash(account, credential, call, f"{file_stem or 'private-key'}.pem"),
            needs=_("Needs the PEM file: download it above.") if file_stem else "",
        ),
        Sample("example-python", "Python", _python(account, credential, call, file_stem)),
    ]


def _bash(account: ServiceAccount, credential: Credential, call: Call, key_file: str) -> str:
    return _BASH.format(
        key_file=shlex.quote(key_file),
        token_url=shlex.quote(token_url()),
        sign=_sign(credential.algorithm),
        header=_header(credential),
        account_id=account.pk,
        seconds=ASSERTION_SECONDS,
        grant=GRANT,
        scope=shlex.quote(f"scope={' '.join(call.scopes)}"),
        api_url=shlex.quote(call.api_url),
    )


def _sign(algorithm: str) -> str:
    """A shell function that signs its input and writes the raw signature."""
    if algorithm == "Ed25519":
        return _ED25519_SIGN
    if algorithm.startswith("P-"):
        bits = algorithm.removeprefix("P-")
        return _EC_SIGN.format(digest=f"sha{bits}", width=int(bits) // 4)
    return _RSA_SIGN


def _header(credential: Credential) -> str:
    header = {"alg": _jws(credential)}
    if PLAIN_KID.fullmatch(credential.key_id):
        header["kid"] = credential.key_id
    return json.dumps(header, separators=(",", ":"))


def _jws(credential: Credential) -> str:
    return key_pair.jws_algorithms(credential.algorithm)[0]


def _python(account: ServiceAccount, credential: Credential, call: Call, file_stem: str) -> str:
    algorithm = json.dumps(_jws(credential))
    lines = _JWK_LINES if file_stem else _PEM_LINES
    key_file = f"{file_stem}.jwk" if file_stem else "private-key.pem"
    return _PYTHON.format(
        account_id=json.dumps(str(account.pk)),
        token_url=json.dumps(token_url()),
        key_lines=lines.format(
            key_file=json.dumps(key_file, ensure_ascii=False), algorithm=algorithm
        ),
        seconds=ASSERTION_SECONDS,
        algorithm=algorithm,
        kid=json.dumps(credential.key_id),
        grant=json.dumps(GRANT),
        scope=json.dumps(" ".join(call.scopes)),
        api_url=json.dumps(call.api_url),
    )
