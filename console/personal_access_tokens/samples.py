"""A call that works as it stands, for one personal access token."""

from __future__ import annotations

import json
import shlex
from typing import Final

from console.ui.samples import Sample, api_url
from tokens.access_tokens.claims import issuer
from tokens.models import Credential

PATH: Final = "/oauth/token"
"""Where SailPoint's clients ask, too."""

# by standard input, so that the secret is in no list of processes
_BASH: Final = """\
CLIENT_ID={client_id}
read -rsp 'Secret: ' CLIENT_SECRET; echo
ANSWER=$(printf 'grant_type=client_credentials&client_id=%s&client_secret=%s' \\
  "$CLIENT_ID" "$CLIENT_SECRET" | curl -sS --data @- {token_url})
TOKEN=$(printf '%s' "$ANSWER" | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')
test -n "$TOKEN" || printf '%s\\n' "$ANSWER"
curl -sS -H "Authorization: Bearer $TOKEN" {api_url}
"""

_PYTHON: Final = """\
import json
from getpass import getpass
from urllib.parse import urlencode
from urllib.request import Request, urlopen

form = {{
    "grant_type": "client_credentials",
    "client_id": {client_id},
    "client_secret": getpass("Secret: "),
}}
with urlopen({token_url}, urlencode(form).encode()) as answer:
    token = json.load(answer)["access_token"]

call = Request({api_url}, headers={{"Authorization": f"Bearer {{token}}"}})
with urlopen(call) as answer:
    print(answer.read().decode())
"""


def token_url() -> str:
    return issuer() + PATH


def for_token(token: Credential, *, carried: list[str]) -> list[Sample]:
    """`carried`: those of its scopes that its holder carries, so that the call is let through."""
    values = {
        "client_id": token.client_id,
        "token_url": token_url(),
        "api_url": api_url(carried),
    }
    quoted = {name: shlex.quote(text) for name, text in values.items()}
    literal = {name: json.dumps(text) for name, text in values.items()}
    return [
        Sample("example-curl", "curl (bash)", _BASH.format(**quoted)),
        Sample("example-python", "Python", _PYTHON.format(**literal)),
    ]
