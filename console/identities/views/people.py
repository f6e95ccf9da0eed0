from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.identities import actions, invitations, policies, queries
from accounts.lib.errors import DomainError
from accounts.models import Identity
from console.identities.forms import EditPersonForm, NewPersonForm
from console.ui import conflicts
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.mail import say_where_mail_is


def _load(request: ConsoleRequest, identity_id: UUID) -> Identity:
    return get_object_or_404(queries.visible_to(request.user).people(), pk=identity_id)


def _load_any(request: ConsoleRequest, identity_id: UUID) -> Identity:
    """Also the identity of a service account."""
    return get_object_or_404(queries.visible_to(request.user), pk=identity_id)


@requires(Permission.IDENTITY_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest) -> HttpResponseBase:
    """Add a person. To give them a level is to change levels, so it asks for the password."""
    gives_levels = bool(request.POST.getlist("levels"))
    return _new_with_levels(request) if gives_levels else _new(request)


def _new(request: ConsoleRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if form.is_valid():
        now = timezone.now()
        try:
            with transaction.atomic():
                person = actions.create_person(by=request.user, at=now, **form.cleaned_data)
                invitations.invite(by=request.user, identity=person, at=now)
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("%(name)s is added. An invitation goes to %(email)s.")
            messages.success(request, said % {"name": person, "email": person.email})
            say_where_mail_is(request)
            return redirect("identities:detail", person.pk)
    return render(request, "identities/new.html", {"form": form})


_new_with_levels = step_up(_new)


@requires(Permission.IDENTITY_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    form = EditPersonForm(request.POST or None, initial=conflicts.opened(_stored(identity)))
    owned = policies.not_edited_by_hand(identity)
    for name in owned.keys() & form.fields.keys():
        form.fields[name].disabled = True
        said = _("It comes from %(origin)s.") % {"origin": owned[name]}
        form.fields[name].help_text = escape(said)
    found: conflicts.Conflict | None = None
    if form.is_valid():
        try:
            values = {name: v for name, v in form.cleaned_data.items() if name != "opened"}
            actions.edit_person(by=request.user, identity=identity, at=timezone.now(), **values)
        except actions.EditConflict as error:
            now = _stored(error.identity)
            who = conflicts.who_changed(error.identity, ("identity.edited",))
            found = conflicts.resolve(form, request.POST, current=now, who=who)
            form.data = found.data
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("identities:detail", identity.pk)
    context = {
        "identity": identity,
        "form": form,
        "conflict": found,
        "owned": bool(owned.keys() & form.fields.keys()),
    }
    return render(request, "identities/edit.html", context)


def _stored(identity: Identity) -> dict[str, Any]:
    return {
        "first_name": identity.first_name,
        "last_name": identity.last_name,
        "email": identity.email,
        "opened_at": identity.changed_at.isoformat(),
    }


@requires(Permission.IDENTITY_INVITE)
@step_up
@require_POST
def invite(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """Mail a link to set a password, or a new one; a link that is out stops working."""
    identity, now = _load_any(request, identity_id), timezone.now()
    had_link = queries.has_open_link(identity, now)
    try:
        invitations.invite(by=request.user, identity=identity, at=now)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("A link to set a password goes to %(email)s.")
        if had_link:
            said += " " + _("The link that was out stopped working.")
        messages.success(request, said % {"email": identity.email})
        say_where_mail_is(request)
    return redirect("identities:detail", identity.pk)
