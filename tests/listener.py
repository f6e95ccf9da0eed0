"""A server on this machine that answers with exactly the bytes that a test wants, and counts."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HERE = "127.0.0.1"
HEAD = b"HTTP/1.1 200 OK\r\n"

Send = Callable[[bytes], None]


@dataclass
class Listener:
    port: int
    heard: list[bytes] = field(default_factory=list)
    """The head of each request, as it came."""

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"


def ok(body: bytes, *headers: bytes) -> bytes:
    length = b"Content-Length: %d" % len(body)
    return HEAD + b"\r\n".join([length, *headers, b"", b""]) + body


def done(head: bytes) -> bool:
    """Whether all was heard; who speaks TLS says no more before they are answered."""
    return b"\r\n\r\n" in head or head.startswith(b"\x16")


@contextmanager
def listener(answer: bytes | Callable[[Send], None]) -> Iterator[Listener]:
    """Answer everybody with these bytes, or with what is sent bit by bit."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while not done(head) and (piece := self.request.recv(65_536)):
                head += piece
            here.heard.append(head)
            with suppress(OSError):
                if callable(answer):
                    answer(self.request.sendall)
                else:
                    self.request.sendall(answer)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server((HERE, 0), Handler) as server:
        here = Listener(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield here
        finally:
            server.shutdown()
