"""What a button of a page asks for, done and said."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages

from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from console.ui.access import ConsoleRequest, refuse


def pressed(request: ConsoleRequest, act: Callable[[], object], *, said: str) -> bool:
    """Do it, and say that it is done, or why not; answers whether it is.

    Who lacks the permission gets 403, and an event says so.
    """
    try:
        act()
    except NotAllowed as error:
        refuse(request, error.permission)
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, said)
        return True
    return False
