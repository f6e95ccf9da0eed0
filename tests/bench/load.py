"""Sends prepared requests over kept connections, as fast as they are answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATH = "/am/oauth2/access_token"
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Result:
    """How it went; `waits` are the times of single answers in seconds."""

    seconds: float
    waits: list[float]
    connections: int

    def as_json(self) -> dict[str, Any]:
        waits = sorted(self.waits)
        return {
            "tokens": len(waits),
            "seconds": round(self.seconds, 3),
            "tokens_per_second": round(len(waits) / self.seconds, 1),
            "p50_ms": round(1000 * waits[len(waits) // 2], 2),
            "p99_ms": round(1000 * waits[min(len(waits) - 1, len(waits) * 99 // 100)], 2),
            "connections": self.connections,
        }


class BadAnswer(Exception):
    """Something else than a token was answered: then there is nothing to measure."""


def run(url: str, bodies: Sequence[bytes], connections: int) -> Result:
    """Send each body once.

    Raises:
        BadAnswer: an answer is not 200.
    """
    shares = [bodies[number::connections] for number in range(connections)]
    together = threading.Barrier(connections + 1)
    with ThreadPoolExecutor(max_workers=connections) as pool:
        running = [pool.submit(_send_all, url, share, together) for share in shares]
        together.wait(PATIENCE_SECONDS)
        started = time.perf_counter()
        waits = [wait for done in running for wait in done.result()]
        seconds = time.perf_counter() - started
    return Result(seconds, waits, connections)


def _send_all(url: str, bodies: Sequence[bytes], together: threading.Barrier) -> list[float]:
    place = urlsplit(url)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {place.netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
    )
    requests = [(head % len(body)).encode() + body for body in bodies]
    waits = []
    with socket.create_connection((place.hostname, place.port or 80), PATIENCE_SECONDS) as kept:
        kept.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        together.wait(PATIENCE_SECONDS)
        for request in requests:
            asked = time.perf_counter()
            kept.sendall(request)
            _read_answer(kept)
            waits.append(time.perf_counter() - asked)
    return waits


def _read_answer(kept: socket.socket) -> None:
    """Read one answer to its end; gunicorn says how long it is."""
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _more(kept)
    head = answer[:end].lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(answer) < end + 4 + length:
        answer += _more(kept)
    if not head.startswith(b"http/1.1 200"):
        raise BadAnswer(answer.decode("utf-8", "replace")[:500])


def _more(kept: socket.socket) -> bytes:
    part = kept.recv(65_536)
    if not part:
        raise BadAnswer("the connection was closed")
    return part
