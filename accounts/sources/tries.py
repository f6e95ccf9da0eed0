"""How often somebody may have Steward connect to a source that they describe."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.sources.models import Source


class TooManyTries(DomainError):
    """The limits stand in `ACCOUNT_RATE_LIMITS`."""

    code = "too_many_tries"


def count(request: HttpRequest, person: Identity, source: Source | None) -> None:
    """Count one more of somebody, by whichever door; `source` is None while it is only being made.

    Raises:
        TooManyTries: the next has to wait.
    """
    key = f"{person.pk}:{source.pk if source else 'new'}"
    if not ratelimit.consume(request, action="try_source", key=key, user=person):
        raise TooManyTries(
            _("That was tried many times in a short while. Wait a minute, then try again.")
        )
