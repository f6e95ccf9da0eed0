from __future__ import annotations

from tests.oauth.program import Answer, Program


def ask(path: str, method: str = "GET", **headers: str) -> Answer:
    """What a probe is answered, by the WSGI application itself."""
    return Program().request(method, path, headers=headers)
