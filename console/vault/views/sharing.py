from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import StoredAccount
from accounts.vault import policies, queries, sharing
from accounts.vault.all_access.policies import covers
from accounts.vault.models import ShareRole
from console.ui import days
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error, submitted
from console.vault import shown
from console.vault.forms import OwnerForm, ShareForm

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
def share(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    form = ShareForm(request.POST or None, person=request.user)
    if form.is_valid():
        try:
            made = sharing.share(
                by=request.user,
                item=item,
                holder=form.holder,
                role=ShareRole(form.cleaned_data["role"]),
                until=days.end_of(form.cleaned_data["until"]),
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("%(label)s is shared with %(name)s.") % {
                "label": item.label,
                "name": made.name,
            }
            messages.success(request, said)
            return redirect("vault:settings", item.pk)
    return render(request, "vault/share.html", {"item": item, "form": form})


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def unshare(request: ConsoleRequest, item_id: UUID, share_id: UUID) -> HttpResponse:
    """Take a share away, or give one's own up."""
    item, now = shown.load(request, item_id), timezone.now()
    found = get_object_or_404(queries.shares_of(item, now), pk=share_id)
    is_own = found.identity_id == request.user.pk
    if not is_own and not policies.may_change(request.user, item, now):
        refuse(request, Permission.VAULT_OWN)
    try:
        sharing.unshare(by=request.user, item=item, share=found, at=now)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("%(name)s has no share of %(label)s any more.")
        messages.success(request, said % {"name": found.name, "label": item.label})
    if StoredAccount.objects.visible_to(request.user).filter(pk=item.pk).exists():
        return redirect("vault:settings", item.pk)
    return redirect("vault:list")


@requires(Permission.VAULT_MANAGE)
@step_up
@require_http_methods(METHODS)
def give_owner(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Name an owner for an account whose owners have left."""
    item = shown.load(request, item_id)
    is_orphaned = getattr(item, "is_orphaned", False)
    if not is_orphaned and not covers(request.user, item, timezone.now()):
        messages.info(request, _("Somebody who can sign in owns this account."))
        return redirect("vault:settings", item.pk)
    form = OwnerForm(request.POST or None, person=request.user)
    made = submitted(
        form,
        lambda: sharing.give_owner(
            by=request.user, item=item, owner=form.cleaned_data["person"], at=timezone.now()
        ),
    )
    if made is not None:
        said = _("%(name)s owns %(label)s.") % {"name": made.name, "label": item.label}
        messages.success(request, said)
        return redirect("vault:settings", item.pk)
    context = {"item": item, "form": form, "takes_over": not is_orphaned}
    return render(request, "vault/give_owner.html", context)
