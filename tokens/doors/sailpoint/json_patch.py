"""JSON Patch (RFC 6902), of the few members that a document lets be changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from tokens.doors.sailpoint.errors import Refused

MOST: Final = 50
OPERATIONS: Final = frozenset({"add", "replace", "remove"})


@dataclass(frozen=True)
class Operation:
    op: str
    path: str
    value: Any = None


def operations(body: Any, paths: Collection[str], *, detail: str = "") -> list[Operation]:
    """The changes that were sent, in their order.

    Raises:
        Refused: it is no JSON Patch, or would change something else than `paths`; of the
            latter, with `detail`.
    """
    if not isinstance(body, list) or len(body) > MOST:
        raise Refused(f"Send a JSON Patch: a list of at most {MOST} operations.")
    return [_operation(item, paths, detail) for item in body]


def _operation(item: Any, paths: Collection[str], detail: str) -> Operation:
    op = item.get("op") if isinstance(item, dict) else None
    path = item.get("path") if isinstance(item, dict) else None
    if not isinstance(path, str) or not isinstance(op, str):
        raise Refused("Each operation of a JSON Patch has op and path.")
    if op not in OPERATIONS:
        raise Refused(f"There is no operation “{op[:20]}” here: use add, replace or remove.")
    if path not in paths:
        known = ", ".join(sorted(paths))
        raise Refused(f"“{path[:60]}” cannot be changed. Paths are: {known}.", detail=detail)
    if op != "remove" and "value" not in item:
        raise Refused(f"The operation on {path} has no value.")
    return Operation(op, path, item.get("value"))
