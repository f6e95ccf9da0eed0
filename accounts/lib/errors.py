"""The one base class of everything that the domain refuses."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal, in words that a person can act on."""

    code: ClassVar[str] = "refused"
    """Stable name for programs and logs; it does not change with the language."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        """`message` is translated already; `field` names the form field that it belongs to."""
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return self.message
