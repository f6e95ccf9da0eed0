"""Where a form may send somebody afterwards: to our own pages and nowhere else."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PATH = 2000
"""Characters; no page of ours has a longer address."""


def is_own_path(text: str) -> bool:
    """Whether this is a path on this host, in every reading that a browser may give it."""
    return (
        text.startswith("/")
        and len(text) <= LONGEST_PATH
        and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    )


def own_path(text: str, default: str = "/") -> str:
    """`text` if it is a path of ours, else `default`."""
    return text if is_own_path(text) else default
