"""All-Access Mode in a session: the key that it leaves there, looked at with every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AllAccess, Identity
from accounts.sessions.store import ABOUT
from accounts.vault.all_access import policies
from console.ui.fields import LONGEST_NAME

KEY: Final = "steward_all_access"
"""Session key: the period that was started in this session."""


class AllAccessForm(forms.Form):
    """Why, and for how long."""

    reason = forms.CharField(
        label=_("Reason"),
        strip=False,
        max_length=LONGEST_NAME,
        help_text=_("At least 10 characters. The Owner of the tenant reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why you need it.")},
    )
    lasting = forms.ChoiceField(
        label=_("For"),
        choices=[
            ("15", _("15 minutes")),
            ("30", _("30 minutes")),
            ("60", _("1 hour")),
            ("120", _("2 hours")),
            ("240", _("4 hours")),
        ],
        initial="30",
    )


class AllAccessMiddleware:
    """Lets a request know that it is of a session in All-Access Mode; forgets what is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if KEY in request.session and request.user.is_authenticated:
            assert isinstance(request.user, Identity)
            period = AllAccess.objects.filter(
                pk=UUID(request.session[KEY]),
                person=request.user,
                session=session_id(request),
                ended_at=None,
                ends_at__gt=timezone.now(),
            ).first()
            if period is None:
                del request.session[KEY]
            else:
                policies.enter(request.user, period)
        return self.get_response(request)


def session_id(request: HttpRequest) -> UUID:
    """By which others name the session; it is kept beside the key, which nobody sees."""
    return UUID(request.session[ABOUT]["id"])
