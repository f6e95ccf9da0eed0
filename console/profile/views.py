from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.levels import LEVELS, USER
from accounts.authorization.permissions import IN_WORDS, Permission
from accounts.identities import actions, passwords
from accounts.lib.errors import DomainError
from accounts.models import Identity
from accounts.second_factors import queries as second_factors
from accounts.sessions import queries as sessions
from accounts.sign_in import rules
from accounts.sign_in.rules import Rules
from console.profile.forms import ChangePasswordForm
from console.profile.old_password import is_asked, open_with_an_old_one
from console.ui import password_age
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.passwords import is_password_of


@requires(Permission.CONSOLE_OPEN)
@require_safe
def detail(request: ConsoleRequest) -> HttpResponse:
    person = request.user
    levels = [level for level in LEVELS.values() if level.code in person.levels]
    held = rules.of_request(request)
    context = {
        "facts": _facts(person, held),
        "levels": levels or [LEVELS[USER]],
        "rules": held,
        "sessions": len(sessions.living(person, now=timezone.now())),
        "abilities": [IN_WORDS[p] for p in Permission if p in person.permissions],
    }
    return render(request, "profile/detail.html", context)


def _facts(person: Identity, held: Rules) -> list[dict[str, Any]]:
    return [
        {"label": _("User name"), "value": person.user_name, "copy": True},
        {"label": _("E-mail"), "value": person.email or _("None")},
        {
            "label": _("Second factor"),
            "value": _("Set up") if second_factors.has_one(person) else _("None"),
            "url": reverse("second_factors:list"),
        },
        *password_age.facts(person, held, timezone.now()),
        {"label": _("Last signed in"), "at": person.last_login, "exact": True},
        {"label": _("Member since"), "at": person.created_at, "exact": True},
    ]


@open_with_an_old_one
@requires(Permission.CONSOLE_OPEN)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("current_password", "password", "password_again")
def change_password(request: ConsoleRequest) -> HttpResponse:
    """Change one's password; every session but this one ends."""
    form = ChangePasswordForm(request.POST or None, identity=request.user)
    asked = is_asked(request, request.user)
    if form.is_valid():
        values = form.cleaned_data
        if not is_password_of(request, request.user, values["current_password"]):
            form.add_error("current_password", _("This is not your password. Try again."))
        else:
            try:
                passwords.change(by=request.user, password=values["password"], at=timezone.now())
            except DomainError as error:
                add_error(form, error)
            else:
                update_session_auth_hash(request, request.user)
                messages.success(
                    request, _("Your password is changed. All other sessions of yours are ended.")
                )
                return redirect("overview:show" if asked else "profile:detail")
    context = {"form": form, "days": rules.of_request(request).password_days if asked else 0}
    return render(request, "profile/change_password.html", context)


@requires(Permission.CONSOLE_OPEN)
@step_up
@require_POST
def end_sessions(request: ConsoleRequest) -> HttpResponse:
    """Sign out everywhere else."""
    actions.end_sessions(by=request.user, identity=request.user, at=timezone.now())
    update_session_auth_hash(request, request.user)
    messages.success(request, _("All other sessions of yours are ended."))
    return redirect("profile:detail")
