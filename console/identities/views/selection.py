from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.authorization.permissions import Permission
from accounts.identities import queries, selection
from accounts.models import Identity
from accounts.service_accounts import selection as accounts
from accounts.service_accounts.policies import may_disable
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.mail import say_where_mail_is


@requires(Permission.IDENTITY_INVITE)
@require_POST
@step_up
def invite(request: ConsoleRequest) -> HttpResponse:
    """Say who of the ticked ones gets a mail, and who not; send them when that comes back."""
    chosen, now = _chosen(request), timezone.now()
    if chosen is None:
        return redirect("identities:list")
    if "confirmed" not in request.POST:
        lines = selection.preview(by=request.user, identities=chosen, at=now)
        context = {
            "invited": [line for line in lines if not line.problem],
            "skipped": [line for line in lines if line.problem],
            "most_counted": selection.SHARING_COUNTED,
        }
        return render(request, "identities/invite_selected.html", context)
    lines = selection.invite(by=request.user, identities=chosen, at=now)
    count = sum(not line.problem for line in lines)
    said = ngettext("%(count)d invitation goes out.", "%(count)d invitations go out.", count)
    _say(request, said % {"count": count}, count, [line.problem for line in lines if line.problem])
    if count:
        say_where_mail_is(request)
    return redirect("identities:list")


@requires(Permission.IDENTITY_DISABLE)
@require_POST
@step_up
def disable(request: ConsoleRequest) -> HttpResponse:
    """Ask about the ticked ones by name and number; disable them when that comes back."""
    chosen = _chosen(request)
    if chosen is None:
        return redirect("identities:list")
    there = [identity for identity in chosen if identity.is_active]
    able = [identity for identity in there if may_disable(request.user, identity)]
    if "confirmed" not in request.POST:
        rest = [identity for identity in chosen if identity not in able]
        context = {"disabled": able, "skipped": rest}
        return render(request, "identities/disable_selected.html", context)
    found = accounts.disable(by=request.user, identities=able, at=timezone.now())
    problems = [f"{each}: {found[each.pk]}" for each in able if found[each.pk]]
    count = len(able) - len(problems)
    said = ngettext("%(count)d identity is disabled.", "%(count)d identities are disabled.", count)
    _say(request, said % {"count": count}, count, problems)
    return redirect("identities:list")


def _chosen(request: ConsoleRequest) -> list[Identity] | None:
    """The ticked identities that this person may see; None, and a word about it, where none is."""
    ids = {found for text in request.POST.getlist("selected") if (found := _uuid(text))}
    rows = queries.visible_to(request.user).select_related("service_account")
    rows = rows.prefetch_related("level_assignments").order_by("display_name", "pk")
    chosen = list(rows.filter(pk__in=ids)) if len(ids) <= selection.MOST else []
    if chosen:
        queries.read_roles(chosen, timezone.now())
        return chosen
    said = _("Tick the identities first, at most %(most)d at a time.")
    messages.warning(request, said % {"most": selection.MOST})
    return None


def _say(request: ConsoleRequest, said: str, count: int, problems: list[str]) -> None:
    if count:
        messages.success(request, said)
    if problems:
        left = ngettext(
            "%(count)d was left out: %(first)s", "%(count)d were left out: %(first)s", len(problems)
        )
        messages.warning(request, left % {"count": len(problems), "first": problems[0]})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
