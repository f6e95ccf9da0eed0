"""Local vaults: made in a trusted session, and who has their key."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.models import LocalMember, TrustedSession, Vault
from accounts.vault.local import keys, policies, queries, wire
from accounts.vault.models import MemberRole
from console.ui import trusted
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import submitted
from console.vault import local
from console.vault.local_forms import GiveKeyForm, LocalVaultForm, MemberForm

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.VAULT_MANAGE)
@step_up
@require_http_methods(METHODS)
@trusted.in_trusted_session
def new_vault(request: ConsoleRequest, here: TrustedSession) -> HttpResponse:
    """Add a local vault; its key is made in this browser."""
    form = LocalVaultForm(request.POST or None, initial={"vault_id": uuid.uuid4()})
    made = submitted(
        form,
        lambda: keys.create_vault(
            by=request.user,
            from_session=here,
            vault_id=form.cleaned_data["vault_id"],
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            wraps=wire.wraps(request.POST.get("wraps", "")),
            at=timezone.now(),
        ),
    )
    if made is not None:
        messages.success(request, _("The local vault %(name)s is added.") % {"name": made.name})
        return redirect("vault:members", made.pk)
    data = {
        "person": str(request.user.pk),
        "session": str(here.pk),
        "own": local.own_recipients(here),
    }
    return render(request, "vault/local_vault_form.html", {"form": form, "data": data})


@requires(Permission.VAULT_OWN)
@require_http_methods(METHODS)
def members(request: ConsoleRequest, local_vault_id: UUID) -> HttpResponse:
    """Who belongs to a local vault, and which of their browsers have its key; owners add more."""
    vault = local.load_vault(request, local_vault_id)
    role = queries.role_in(request.user, vault)
    form = MemberForm(request.POST or None, person=request.user)
    if request.method == "POST" and role != MemberRole.OWNER:
        refuse(request, Permission.VAULT_OWN, told=_("Only owners of this vault may do that."))
    added = submitted(
        form,
        lambda: keys.add_member(
            by=request.user,
            vault=vault,
            person=form.cleaned_data["person"],
            role=MemberRole(form.cleaned_data["role"]),
            at=timezone.now(),
        ),
    )
    if added is not None:
        said = _("%(name)s belongs to this vault. Hand the key to one of their trusted sessions.")
        messages.success(request, said % {"name": added.identity.display_name})
        return redirect("vault:members", vault.pk)
    here = trusted.current(request)
    context = {
        "vault": vault,
        "rows": _rows(request, vault, role == MemberRole.OWNER),
        "is_owner": role == MemberRole.OWNER,
        "form": form,
        "has_key": here is not None and queries.has_key(here, vault),
        "needs_new_key": queries.needs_new_key(vault),
        "unlock_url": trusted.unlock_url(request.path),
    }
    return render(request, "vault/members.html", context)


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
def remove_member(request: ConsoleRequest, local_vault_id: UUID, member_id: int) -> HttpResponse:
    vault = local.load_vault(request, local_vault_id)
    rows = LocalMember.objects.filter(vault=vault).select_related("identity")
    member = get_object_or_404(rows, pk=member_id)
    if queries.role_in(request.user, vault) != MemberRole.OWNER:
        refuse(request, Permission.VAULT_OWN, told=_("Only owners of this vault may do that."))
    try:
        keys.remove_member(by=request.user, vault=vault, person=member.identity, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("%(name)s is out of this vault. The next write uses a new key.")
        messages.success(request, said % {"name": member.identity.display_name})
    if queries.role_in(request.user, vault) is None:
        return redirect("vault:list")
    return redirect("vault:members", vault.pk)


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
@trusted.in_trusted_session
def give(
    request: ConsoleRequest,
    here: TrustedSession,
    local_vault_id: UUID,
    trusted_session_id: UUID,
) -> HttpResponse:
    """Hand the key of a vault to a member's browser, once its digits were compared."""
    vault = local.load_vault(request, local_vault_id)
    rows = queries.sessions_of_members(vault).select_related("identity")
    session = get_object_or_404(rows, pk=trusted_session_id)
    if session.identity_id != request.user.pk:
        try:
            policies.check_owns(request.user, vault)
        except NotAllowed:
            refuse(request, Permission.VAULT_OWN, told=_("Only owners of this vault may do that."))
    form = GiveKeyForm(request.POST or None)
    done = submitted(
        form,
        lambda: keys.give(
            by=request.user,
            vault=vault,
            from_session=here,
            version=form.cleaned_data["version"],
            wraps=wire.wraps(request.POST.get("wraps", "")),
            at=timezone.now(),
        ),
    )
    if done is not None:
        messages.success(request, _("%(name)s has the key.") % {"name": session.name})
        return redirect("vault:members", vault.pk)
    data = local.data(here, vault, recipient=local.recipient("session", session))
    context = {"vault": vault, "session": session, "form": form, "data": data}
    return render(request, "vault/give_key.html", context)


def _rows(request: ConsoleRequest, vault: Vault, is_owner: bool) -> list[dict[str, Any]]:
    sessions = list(queries.with_key(queries.sessions_of_members(vault), vault).order_by("name"))
    found = LocalMember.objects.filter(vault=vault).select_related("identity")
    return [
        {
            "member": member,
            "is_own": member.identity_id == request.user.pk,
            "sessions": [each for each in sessions if each.identity_id == member.identity_id],
            "may_give": is_owner or member.identity_id == request.user.pk,
        }
        for member in found.order_by("-role", "identity__display_name", "pk")
    ]
