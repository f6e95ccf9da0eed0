"""All addresses that there are, with the view behind each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

View = Callable[..., Any]

NOWHERE: dict[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid4()),
    "int": lambda: "987654321",
    "slug": lambda: "nothing-of-this-name",
    "str": lambda: "nothing-of-this-name",
}
"""What a part of an address is when nothing that exists is meant."""


def views(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, View]]:
    """Each address with its view."""
    for pattern in resolver.url_patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from views(pattern, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.callback


def is_for_machines(view: View) -> bool:
    return view.__module__.startswith("tokens.")


def pages() -> list[tuple[str, View]]:
    return [found for found in views(get_resolver()) if not is_for_machines(found[1])]


def machines() -> list[tuple[str, View]]:
    return [found for found in views(get_resolver()) if is_for_machines(found[1])]


def filled(address: str, examples: Mapping[tuple[str, str], object] | None = None) -> str:
    """An address to ask for: with what there are examples of, by converter and name."""

    def part(found: re.Match[str]) -> str:
        converter, name = found["converter"], found["name"]
        example = (examples or {}).get((converter, name))
        return str(example) if example is not None else NOWHERE[converter]()

    return re.sub(r"<(?P<converter>\w+):(?P<name>\w+)>", part, address)
