"""Where an owner has a token made that they asked for; it is shown once."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.names import MAX_NAME, clean_name
from console.personal_access_tokens import once
from console.personal_access_tokens.views.new import list_url_of
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import cleaned_by, submitted
from tokens.models import TokenPickup
from tokens.personal_access_tokens import pickups


class ClaimForm(forms.Form):
    name = forms.CharField(
        label=_("What is this token for?"),
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Its name, which you may change. No two tokens of an account have the same."),
        error_messages={"required": _("Say what the token is for.")},
    )

    def clean_name(self) -> str:
        return cleaned_by(clean_name, self.cleaned_data["name"], max_length=MAX_NAME)


@requires(Permission.KEY_CLAIM)
@require_http_methods(["GET", "HEAD", "POST"])
def pickup(request: ConsoleRequest, token_pickup_id: UUID) -> HttpResponseBase:
    """The owner's own page. For anybody else it does not exist, whatever they may otherwise do."""
    mine = TokenPickup.objects.filter(owner=request.user).select_related("identity")
    found = get_object_or_404(mine, pk=token_pickup_id)
    if not _is_open(request, found, timezone.now()):
        return _over(request, found)
    return _claim(request, found)


@step_up
def _claim(request: ConsoleRequest, found: TokenPickup) -> HttpResponse:
    now = timezone.now()
    form = ClaimForm(request.POST or None, initial={"name": found.name})
    issued = submitted(
        form,
        lambda: pickups.claim(
            by=request.user,
            pickup=found,
            name=form.cleaned_data["name"],
            within=None,
            at=now,
        ),
    )
    if issued is not None:
        return once.show_once(request, issued, done_url=list_url_of(request, found.identity))
    if not _is_open(request, found, now):
        return _over(request, found)
    context = {"pickup": found, "form": form, "token_expires_at": now + found.lifetime}
    return render(request, "personal_access_tokens/pickup.html", context)


def _is_open(request: ConsoleRequest, found: TokenPickup, now: datetime) -> bool:
    return pickups.waiting_for(request.user, now).filter(pk=found.pk).exists()


def _over(request: ConsoleRequest, found: TokenPickup) -> HttpResponse:
    """It was used or withdrawn, or has lapsed; nothing can be got here any more."""
    found.refresh_from_db()
    context = {"pickup": found}
    status = HTTPStatus.GONE
    return render(request, "personal_access_tokens/pickup_over.html", context, status=status)
