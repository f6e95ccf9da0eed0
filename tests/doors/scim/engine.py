"""scim2-client over httpx, or handed to our application itself."""

from __future__ import annotations

import time
from typing import Any

from httpx import BaseTransport, Client, Request, Response
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from tests.doors.scim.caller import Caller
from tokens.doors.scim.calls import limit

TOO_MANY = 429
BAD = {Status.ERROR, Status.CRITICAL, Status.DEVIATION}


class Engine(BaseSyncSCIMClient):
    """What scim2-client asks of a library for HTTP."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client

    def _stays_under_base_url(self, endpoint: str) -> bool:
        url = self.client.build_request("GET", endpoint).url
        return str(url).startswith(str(self.client.base_url).rstrip("/"))

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **kwargs: Any) -> Any:
        """Sent again when the time is over that a 429 names, as a directory does."""
        answer = self.client.request(method, url, **kwargs)
        while answer.status_code == TOO_MANY:
            time.sleep(int(answer.headers["Retry-After"]))
            answer = self.client.request(method, url, **kwargs)
        return answer


class InProcess(BaseTransport):
    """Hands requests to the WSGI application, as the caller's own."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def handle_request(self, request: Request) -> Response:
        limit.forget()
        kept = {name: text for name, text in request.headers.items() if name.startswith("if-")}
        answer = self.caller.program.request(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=request.headers.get("content-type", ""),
            headers=kept | self.caller.headers(),
        )
        return Response(answer.status_code, headers=answer.headers, content=answer.content)


def complaints(client: Client) -> tuple[int, list[str]]:
    """How many checks there were, and what those say that found something."""
    results = check_server(Engine(client))
    bad = [each for each in results if each.status in BAD]
    return len(results), [f"{each.title}: {each.reason} {each.data!r:.600}" for each in bad]
