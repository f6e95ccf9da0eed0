"""What is counted while requests are answered; one registry, in each process."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY: Final = CollectorRegistry()
FAST_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds; a token takes some milliseconds."""
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; a page takes longer than a token, and an export longer than a page."""
UNKNOWN: Final = "unknown"

_token_requests = Counter(
    "steward_token_requests",
    "Requests at the token endpoint, by what came of them.",
    ["outcome", "grant", "account_class"],
    registry=REGISTRY,
)
_token_seconds = Histogram(
    "steward_token_request_seconds",
    "How long the token endpoint took to answer.",
    ["outcome"],
    buckets=FAST_BUCKETS,
    registry=REGISTRY,
)
_requests = Counter(
    "steward_requests",
    "Requests, by who asks and by the class of the status that they were answered with.",
    ["asked_by", "status"],
    registry=REGISTRY,
)
_seconds = Histogram(
    "steward_request_seconds",
    "How long requests took until their answer began.",
    ["asked_by"],
    buckets=BUCKETS,
    registry=REGISTRY,
)


def token_issued(*, grant: str, account_class: str, seconds: float) -> None:
    _token_requests.labels("issued", grant, account_class).inc()
    _token_seconds.labels("issued").observe(seconds)


def token_refused(*, code: str, grant: str, seconds: float) -> None:
    """`code` is the error of RFC 6749 section 5.2."""
    _token_requests.labels(code, grant, UNKNOWN).inc()
    _token_seconds.labels("refused").observe(seconds)


def answered(*, asked_by: str, status: int, seconds: float) -> None:
    """`asked_by` is "program" or "person"."""
    _requests.labels(asked_by, f"{status // 100}xx").inc()
    _seconds.labels(asked_by).observe(seconds)
