from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.integrations import queries as integrations
from accounts.lib.errors import DomainError
from accounts.models import ServiceAccount
from accounts.service_accounts import queries
from accounts.service_accounts.actions import AccountGone, Details, EditConflict
from console.service_accounts import conflict
from console.service_accounts.forms import EditForm, confirmation, initial_of
from console.ui import scope_choice
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.impact import declared_uses, uses_of_scopes
from console.ui.personal_access_tokens import row
from tokens.models import Credential
from tokens.personal_access_tokens import handover
from tokens.scopes.coverage import given_by_administrators
from tokens.scopes.effective import of_identity
from tokens.service_accounts import actions
from tokens.service_accounts import queries as with_tokens
from tokens.service_accounts.queries import Removal
from tokens.usage.declared import needing

ONLY_SHOWN: Final = frozenset({"back", "start_preset", "scopes_search"})
"""Buttons that show the form again, and save nothing."""
NOT_CARRIED: Final = frozenset({"csrfmiddlewaretoken", "scopes_filter", *ONLY_SHOWN})
ANSWERS: Final = {"confirmed": "", "revoke_tokens": False}
"""What the question about scopes is answered with."""
ANSWERS_OF_HANDOVER: Final = {"handed_over": "", "keep_old_tokens": False}


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, account_id: UUID) -> HttpResponseBase:
    """Links to set a password go to the address: to change that asks for one's own password, and
    so does giving a restricted scope."""
    account = get_object_or_404(queries.visible_to(request.user), pk=account_id)
    if ONLY_SHOWN & request.POST.keys():
        return _edit(request, account)
    typed = request.POST.get("email", account.identity.email).strip()
    moves_mail = typed != account.identity.email
    given = given_by_administrators(request.POST.getlist("scopes"), had=account.scopes)
    return _edit_confirmed(request, account) if moves_mail or given else _edit(request, account)


def _edit(request: ConsoleRequest, account: ServiceAccount) -> HttpResponse:
    if request.method != "POST":
        return _page(request, account, EditForm(initial=initial_of(account), account=account))
    if ONLY_SHOWN & request.POST.keys():
        return _page(request, account, EditForm(initial=_retyped(request), account=account))
    form = EditForm(request.POST, account=account)
    if form.is_valid():
        saved = _save(request, account, form, timezone.now())
        if saved is not None:
            return saved
    return _page(request, account, form)


_edit_confirmed = step_up(_edit)


def _retyped(request: ConsoleRequest) -> dict[str, Any]:
    """What was typed, with the scopes of a preset if one was asked for."""
    typed = EditForm.typed(request.POST) | ANSWERS | ANSWERS_OF_HANDOVER
    ticked = request.POST.getlist("scopes")
    scopes = scope_choice.with_preset(request.POST.get("start_preset", ""), ticked)
    return typed if scopes is None else typed | {"scopes": scopes}


def _save(
    request: ConsoleRequest, account: ServiceAccount, form: EditForm, now: datetime
) -> HttpResponse | None:
    """Save, or ask what has to be asked first; None when the form says what is wrong."""
    details, revision = form.details(), form.cleaned_data["revision"]
    if revision != account.revision:
        return _conflict(request, account, form)
    removal = with_tokens.removal(account, details.scopes, now)
    known = _known(account, details)
    if question := _question(request, account, form, removal, known, now):
        return question
    try:
        saved = actions.edit(
            by=request.user,
            account=account,
            details=details,
            revision=revision,
            revoke_tokens=form.cleaned_data["revoke_tokens"] and removal is not None,
            keep_old_tokens=form.cleaned_data["keep_old_tokens"] and bool(known),
            at=now,
        )
    except EditConflict as error:
        return _conflict(request, error.account, form)
    except AccountGone as error:
        messages.error(request, error.message)
        return redirect("service_accounts:list")
    except DomainError as error:
        form.explain(error)
        return None
    messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
    return redirect("service_accounts:detail", saved.pk)


def _question(
    request: ConsoleRequest,
    account: ServiceAccount,
    form: EditForm,
    removal: Removal | None,
    known: list[Credential],
    now: datetime,
) -> HttpResponse | None:
    """What has to be asked first, one after the other, and was not answered yet."""
    answers = form.cleaned_data
    if removal and answers["confirmed"] != confirmation(removal.scopes):
        return _ask(request, account, removal, form.details().scopes)
    if known and answers["handed_over"] != confirmation(_ids(known)):
        return _ask_handover(request, account, form.details(), known, now)
    return None


def _conflict(request: ConsoleRequest, current: ServiceAccount, form: EditForm) -> HttpResponse:
    found = conflict.resolve(form, current)
    again = EditForm(initial=found.initial, account=current)
    return _page(request, current, again, conflict=found)


def _ask(
    request: ConsoleRequest, account: ServiceAccount, removal: Removal, left: Sequence[str]
) -> HttpResponse:
    """Who depends on what would be removed; the form is carried along untouched."""
    affected = needing(integrations.of_account(account), gone=removal.scopes, left=left)
    context = {
        "account": account,
        "removed": removal.scopes,
        "uses": [
            *declared_uses(affected, removal.impact),
            *uses_of_scopes(removal.impact, removal.used),
        ],
        "live_tokens": removal.impact.live_tokens,
        "consequences": [
            _("The next request for a token with these scopes is refused."),
            _("Tokens issued before keep them until they expire, at most 15 minutes."),
        ],
        "carried": _carried(request, without=ANSWERS),
        "confirmed": confirmation(removal.scopes),
    }
    return render(request, "service_accounts/remove_scopes.html", context)


def _carried(request: ConsoleRequest, *, without: Collection[str]) -> list[tuple[str, str]]:
    """What was typed, for the form that asks; but for the answers to its own question."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in NOT_CARRIED and name not in without
    ]


def _known(account: ServiceAccount, details: Details) -> list[Credential]:
    """The tokens whose secrets are known to an owner who is not to be it any more."""
    new = details.owner.pk if details.owner else None
    return list(handover.known_to_owner(account)) if new != account.owner_id else []


def _ids(tokens: list[Credential]) -> list[str]:
    return [str(token.pk) for token in tokens]


def _ask_handover(
    request: ConsoleRequest,
    account: ServiceAccount,
    details: Details,
    known: list[Credential],
    now: datetime,
) -> HttpResponse:
    """Which secrets the owner before knows; the form is carried along untouched."""
    context = {
        "account": account,
        "old": account.owner,
        "new": details.owner,
        "rows": [row(token, now) for token in known],
        "carried": _carried(request, without=ANSWERS_OF_HANDOVER),
        "handed_over": confirmation(_ids(known)),
    }
    return render(request, "service_accounts/hand_over.html", context)


def _page(
    request: ConsoleRequest, account: ServiceAccount, form: EditForm, **more: Any
) -> HttpResponse:
    searched = "scopes_search" in request.POST
    search = request.POST.get("scopes_filter", "") if searched else ""
    context = {
        "account": account,
        "form": form,
        "sections": scope_choice.sections(
            form.chosen_scopes(), search=search, holder=of_identity(account.identity)
        ),
        "scopes_filter": search,
        "presets": scope_choice.presets(),
        **more,
    }
    return render(request, "service_accounts/edit.html", context)
