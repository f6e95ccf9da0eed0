"""Small steps that many transforms share: one text out of a value, and never too much of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _

from accounts.profiles.transforms.base import (
    MAX_TEXT,
    Evaluate,
    Node,
    Run,
    TransformError,
    TransformTooCostly,
    Value,
)

MAX_SHOWN: Final = 60
"""Characters of a value in a message."""

LONG: Final = 1000
"""Characters from which on every operation looks at the time."""

MAX_RANDOM: Final = 450
"""Characters; SailPoint's identity attributes hold no more."""


def text_of(value: Value, path: str) -> str | None:
    """The one text of a value.

    Raises:
        TransformError: it holds several.
    """
    if value is None or isinstance(value, str):
        return value
    if len(value) > 1:
        raise TransformError(
            _(
                "The input holds %(count)d values, and this transform works on one: join them "
                "first, or choose one."
            )
            % {"count": len(value)},
            path=path,
        )
    return value[0] if value else None


def entering(value: object, path: str) -> Value:
    """A value from outside, made what transforms work on: numbers become texts.

    Raises:
        TransformTooCostly: it is too long.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > MAX_TEXT or not value.isascii():
            _check_storable(value, path)
        return value
    if isinstance(value, list | tuple | set | frozenset):
        texts = [text for text in (entering(item, path) for item in value) if isinstance(text, str)]
        check_length(sum(map(len, texts)), path)
        return texts
    return constant(value)


def _check_storable(text: str, path: str) -> None:
    check_length(len(text), path)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TransformError(_("The value holds half a character."), path=path) from None


def constant(value: object) -> str:
    """How a JSON number or boolean reads as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def bounded(text: str, path: str) -> str:
    check_length(len(text), path)
    return text


def check_length(length: int, path: str) -> None:
    if length > MAX_TEXT:
        raise TransformTooCostly(
            _("The value grows beyond %(most)d characters.") % {"most": MAX_TEXT}, path=path
        )


def shown(text: str) -> str:
    """A value for a message: short, on one line, with nothing invisible in it."""
    cut = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return "".join(c if c.isprintable() else "\ufffd" for c in cut)


def on_text(node: Node, operation: Callable[[str], Value]) -> Evaluate:
    """A closure for an operation on one text: nothing in, nothing out."""
    read, path = node.input, node.path

    def evaluate(run: Run, given: Value) -> Value:
        value = read(run, given)
        text = value if isinstance(value, str) else text_of(value, path)
        if text is None:
            return None
        if len(text) > LONG:
            run.check_time(path)
        return operation(text)

    return evaluate


def growing(node: Node, operation: Callable[[str], str]) -> Evaluate:
    """As `on_text`, for an operation that may make the text longer, by a small factor at most."""
    path = node.path
    return on_text(node, lambda text: bounded(operation(text), path))


def constantly(value: Value) -> Evaluate:
    def evaluate(_run: Run, _given: Value) -> Value:
        return value

    return evaluate


def random_text(node: Node, alphabet: str, length: int) -> Evaluate:
    """A closure for characters that nobody can guess."""
    node.uses.randomness = True

    def evaluate(run: Run, _given: Value) -> Value:
        below = run.subject.randbelow
        return "".join(alphabet[below(len(alphabet))] for _n in range(length))

    return evaluate
