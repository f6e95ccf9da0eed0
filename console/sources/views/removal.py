from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.errors import DomainError
from accounts.sources import accounts, queries
from console.sources.forms import ReasonForm
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.lists import Order, paginate

ORDERS: Final = (Order("removed", "removed_at"),)


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def remove(request: ConsoleRequest, source_id: UUID, account_id: int) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    account = get_object_or_404(accounts.source_accounts(source), pk=account_id)
    if request.method == "POST":
        accounts.remove(by=request.user, account=account, at=timezone.now())
        messages.success(request, _("The account %(name)s is removed.") % {"name": account})
        return redirect("sources:accounts", source.pk)
    context = {"source": source, "account": account}
    return render(request, "sources/account_remove.html", context)


@requires(Permission.SOURCE_VIEW)
@require_safe
def removed(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Accounts that can be brought back."""
    source = pages.load(request, source_id)
    page = paginate(request, queries.removed(source), orders=ORDERS, default="-removed")
    context = pages.frame(request, source, current="sources:accounts")
    context |= {"rows": page.rows, "page": page}
    return render(request, "sources/accounts_removed.html", context)


@requires(Permission.SOURCE_MANAGE)
@require_POST
def bring_back(request: ConsoleRequest, source_id: UUID, removed_id: int) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    row = get_object_or_404(queries.removed(source), pk=removed_id)
    try:
        account = accounts.bring_back(by=request.user, removed=row, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The account %(name)s is back.") % {"name": account})
    return redirect("sources:accounts_removed", source.pk)


@requires(Permission.SOURCE_EMPTY)
@step_up
@require_http_methods(["GET", "POST"])
def remove_all(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            job = accounts.remove_all(
                by=request.user,
                source=source,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            if may(request.user, Permission.JOB_VIEW):
                return redirect("jobs:detail", job.pk)
            messages.success(request, _("The accounts are being removed."))
            return redirect("sources:accounts", source.pk)
    return render(request, "sources/accounts_remove_all.html", {"source": source, "form": form})
