"""The call as a program makes it. The token is a variable of the environment, never written out."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from accounts.audit.plain import without_secrets
from accounts.bundles.guard import check
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import MASK
from tokens.access_tokens.claims import issuer
from tokens.explorer.dispatch import Sent
from tokens.explorer.operations import MULTIPART

VARIABLE: Final = "STEWARD_TOKEN"
IN_PATHS: Final = "/:@!$&'()*+,;=~"
"""What stands in the path of an address as it is (RFC 3986 section 3.3)."""
SECRET_NAME: Final = re.compile(
    "authorization|cookie|api-?key|token$|secret|password", re.IGNORECASE
)
"""Names of headers and parameters whose values no sample writes out."""


@dataclass(frozen=True)
class Sample:
    id: str
    title: str
    code: str
    needs: str


def samples(sent: Sent, *, needs: str) -> list[Sample]:
    """In cURL, Python and JavaScript. What looks like a secret is masked, wherever it was typed."""
    asked = [(name, MASK if SECRET_NAME.search(name) else v) for name, v in _pairs(sent.query)]
    query = f"?{urlencode(asked)}" if asked else ""
    url = issuer() + without_secrets(quote(sent.path, safe=IN_PATHS) + query)
    body = _masked(sent)
    headers = {
        name: MASK if SECRET_NAME.search(name) else without_secrets(value)
        for name, value in sent.headers.items()
        if not value.startswith(MULTIPART)
    }
    return [
        Sample("sample-curl", "cURL", _curl(sent.method, url, headers, body), needs),
        Sample("sample-python", "Python", _python(sent.method, url, headers, body), needs),
        Sample(
            "sample-javascript", "JavaScript", _javascript(sent.method, url, headers, body), needs
        ),
    ]


def _masked(sent: Sent) -> str:
    """The body as text; empty where a file is sent, which no sample writes out."""
    if any(value.startswith(MULTIPART) for value in sent.headers.values()):
        return ""
    text = sent.body.decode("utf-8", "replace")
    try:
        check(json.loads(text))
    except (RecursionError, DomainError):
        return MASK  # it holds a secret, or could not be looked through
    except ValueError:
        pass  # no JSON: shown as it was typed
    return without_secrets(text)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _curl(method: str, url: str, headers: dict[str, str], body: str) -> str:
    lines = [f"curl -sS -X {method} {shlex.quote(url)}", f'-H "Authorization: Bearer ${VARIABLE}"']
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    if body:
        lines.append(f"--data-raw {shlex.quote(body)}")
    return " \\\n  ".join(lines)


def _python(method: str, url: str, headers: dict[str, str], body: str) -> str:
    told = "".join(f"    {json.dumps(k)}: {json.dumps(v)},\n" for k, v in headers.items())
    data = f"    data={body!r}.encode(),\n" if body else ""
    return (
        "import os\n"
        "from urllib.request import Request, urlopen\n\n"
        "headers = {\n"
        f'    "Authorization": "Bearer " + os.environ["{VARIABLE}"],\n{told}}}\n'
        "request = Request(\n"
        f"    {json.dumps(url)},\n{data}"
        f"    headers=headers,\n    method={json.dumps(method)},\n)\n"
        "with urlopen(request) as answer:\n"
        "    print(answer.status, answer.read().decode())\n"
    )


def _javascript(method: str, url: str, headers: dict[str, str], body: str) -> str:
    told = "".join(f"    {json.dumps(k)}: {json.dumps(v)},\n" for k, v in headers.items())
    data = f"  body: {json.dumps(body)},\n" if body else ""
    return (
        f"const answer = await fetch({json.dumps(url)}, {{\n"
        f"  method: {json.dumps(method)},\n"
        "  headers: {\n"
        f"    Authorization: `Bearer ${{process.env.{VARIABLE}}}`,\n{told}  }},\n{data}"
        "});\n"
        "console.log(answer.status, await answer.text());\n"
    )
