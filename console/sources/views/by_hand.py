from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Source, SourceAccount
from accounts.sources import accounts, policies
from accounts.sources import schema as schemas
from console.sources.account_form import AccountForm
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, refuse, requires


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Add one account without any file."""
    source = pages.load_to_change(request, source_id)
    posted = request.POST if request.method == "POST" else None
    form = AccountForm(posted, attributes=schemas.attributes_of(source))
    if form.is_valid():
        try:
            account = accounts.add(
                by=request.user, source=source, values=form.values(), at=timezone.now()
            )
        except DomainError as error:
            form.explain(error)
        else:
            messages.success(request, _("The account %(name)s is added.") % {"name": account})
            return redirect("sources:accounts", source.pk)
    return render(request, "sources/account_form.html", {"source": source, "form": form})


@requires(Permission.SOURCE_VIEW)
@require_http_methods(["GET", "POST"])
def account(request: ConsoleRequest, source_id: UUID, account_id: int) -> HttpResponse:
    """One account: to be read by those who see sources, to be edited by those who manage them."""
    source = pages.load(request, source_id)
    row = get_object_or_404(accounts.source_accounts(source), pk=account_id)
    if not policies.may_manage(request.user, source):
        if request.method == "POST":
            refuse(request, Permission.SOURCE_MANAGE_ALL)
        return _read_only(request, source, row)
    posted = request.POST if request.method == "POST" else None
    form = AccountForm(
        posted,
        attributes=schemas.attributes_of(source),
        values=row.attributes,
        initial={"digest": row.digest},
    )
    if form.is_valid():
        try:
            accounts.edit(
                by=request.user,
                account=row,
                values=form.values(),
                digest=form.cleaned_data["digest"] or row.digest,
                at=timezone.now(),
            )
        except DomainError as error:
            form.explain(error)
        else:
            messages.success(request, _("The account is changed."))
            return redirect("sources:accounts", source.pk)
    context = {"source": source, "form": form, "account": row}
    return render(request, "sources/account_form.html", context)


def _read_only(request: ConsoleRequest, source: Source, row: SourceAccount) -> HttpResponse:
    values = row.attributes
    facts = [
        {
            "label": attribute.name,
            "value": ", ".join(map(str, value)) if isinstance(value, list) else value,
        }
        for attribute in schemas.attributes_of(source)
        if (value := values.get(attribute.name)) is not None
    ]
    context = {"source": source, "account": row, "facts": facts}
    return render(request, "sources/account.html", context)
