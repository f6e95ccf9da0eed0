"""A form of a token, as it is opened, searched in without a script, or sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from console.personal_access_tokens.forms import TokenForm
from console.ui.access import ConsoleRequest

F = TypeVar("F", bound=TokenForm)
BUTTON: Final = "scopes_search"
"""Shows the form again with the scopes that fit what was typed; nothing is judged or saved."""


def opened_or_sent(
    kind: type[F],
    request: ConsoleRequest,
    *,
    initial: Mapping[str, Any] | None = None,
    **options: Any,
) -> F:
    options["may_give_all"] = may(request.user, Permission.SCOPE_GIVE_RESTRICTED)
    if BUTTON in request.POST:
        typed = dict(initial or {}) | kind.typed(request.POST)
        return kind(initial=typed, search=request.POST.get("scopes_filter", ""), **options)
    return kind(request.POST or None, initial=initial, **options)
