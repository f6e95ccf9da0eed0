"""Plain text of a secret on its way from the action to the one answer that shows it."""

from typing import Final, NoReturn

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

MASK: Final = "[secret]"


class AlreadyTaken(DomainError):
    """The secret was shown; nobody can have it a second time."""

    code = "secret_already_taken"


class OneTimeSecret:
    """Holds a text that can be read once and is shown nowhere else.

    Whatever prints, formats or logs it gets a mask. It cannot be copied, pickled or
    serialised, and two of them are equal only when they are the same object, so comparing
    tells nothing about the text.
    """

    __slots__ = ("_plain",)

    def __init__(self, plain: str) -> None:
        self._plain = [plain]

    def take(self) -> str:
        """The plain text, once.

        Raises:
            AlreadyTaken: it was taken before, also by another thread.
        """
        try:
            return self._plain.pop()  # one step, so two threads cannot both have it
        except IndexError:
            message = _("This secret was shown already and cannot be shown again.")
            raise AlreadyTaken(message) from None

    def __repr__(self) -> str:
        return f"OneTimeSecret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A OneTimeSecret cannot be copied or pickled.")
