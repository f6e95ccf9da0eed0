"""How often somebody may have Steward connect to a source that they describe."""

from __future__ import annotations

from allauth.core import ratelimit
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.models import Source
from console.ui.access import ConsoleRequest


class TooManyTries(DomainError):
    """The limits stand in `ACCOUNT_RATE_LIMITS`."""

    code = "too_many_tries"


def count(request: ConsoleRequest, source: Source | None) -> None:
    """Count one more; `source` is None while it is only being made.

    Raises:
        TooManyTries: the next has to wait.
    """
    key = f"{request.user.pk}:{source.pk if source else 'new'}"
    if not ratelimit.consume(request, action="try_source", key=key, user=request.user):
        raise TooManyTries(
            _("That was tried many times in a short while. Wait a minute, then try again.")
        )
