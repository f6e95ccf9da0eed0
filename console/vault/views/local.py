"""Accounts of local vaults: the server takes ciphertext, and hands it out; browsers do the rest."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import LocalSecret, StoredAccount, TrustedSession
from accounts.vault import catalogue
from accounts.vault.local import actions, wire
from accounts.vault.models import Kind, SecretName
from console.ui import trusted
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from console.ui.once import never_stored
from console.vault import local, shown
from console.vault.local_forms import LocalItemForm, SealedForm
from console.vault.views.edit import KINDS

METHODS = ["GET", "HEAD", "POST"]
TITLES = {
    SecretName.PASSWORD: gettext_lazy("Store a password"),
    SecretName.NOTES: gettext_lazy("Write notes"),
    SecretName.FIELDS: gettext_lazy("Write custom fields"),
    SecretName.AUTHENTICATOR: gettext_lazy("Save an authenticator"),
    SecretName.BACKUP_CODE: gettext_lazy("Add backup codes"),
}


@requires(Permission.VAULT_OWN)
@require_http_methods(METHODS)
@trusted.in_trusted_session
def new(request: ConsoleRequest, here: TrustedSession, local_vault_id: UUID) -> HttpResponse:
    """Add an account to a local vault: first the kind, then its details."""
    vault = local.load_vault(request, local_vault_id)
    said = request.POST if request.method == "POST" else request.GET
    if said.get("kind") not in Kind.values:
        kinds = [(kind, icon, text) for kind, (icon, text) in KINDS.items()]
        context = {"kinds": kinds, "vault": vault, "new_url": request.path}
        return render(request, "vault/kinds.html", context)
    kind = Kind(said["kind"])
    form = LocalItemForm(request.POST or None, kind=kind, initial={"item_id": uuid.uuid4()})
    item = submitted(
        form,
        lambda: actions.add(
            by=request.user,
            from_session=here,
            vault=vault,
            item_id=form.cleaned_data["item_id"],
            draft=form.draft(),
            sealed=_single(wire.sealed(request.POST.get("sealed", ""))),
            new_key=wire.new_key(request.POST.get("new_key", "")),
            at=timezone.now(),
        ),
    )
    if item is not None:
        messages.success(request, _("The account “%(label)s” is added.") % {"label": item.label})
        return redirect("vault:detail", item.pk)
    item_id = str(form["item_id"].value())
    serials = {str(name): 1 for name in SecretName}
    context = {
        "form": form,
        "vault": vault,
        "kind": kind,
        "applications": catalogue.known(),
        "data": local.data(here, vault, item=item_id, serials=serials),
    }
    return never_stored(render(request, "vault/local_form.html", context))


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
@trusted.in_trusted_session
def put(
    request: ConsoleRequest, here: TrustedSession, item_id: UUID, secret_name: str
) -> HttpResponse:
    """Store something secret of an account, in place of what is there."""
    item, name = _own(request, item_id), _name(secret_name)
    form = SealedForm(request.POST or None)
    done = submitted(form, lambda: _put(request, here, item, name, form.cleaned_data["serial"]))
    if done is not None:
        messages.success(request, _("It is stored, as your browser encrypted it."))
        return redirect("vault:detail", item.pk)
    serials = local.serials(item.pk)
    context = {
        "item": item,
        "form": form,
        "name": name,
        "title": TITLES[name],
        "serial": serials[name],
        "data": local.data(here, item.vault, item=str(item.pk), serials=serials),
    }
    return never_stored(render(request, "vault/local_put.html", context))


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
@trusted.in_trusted_session
def remove(
    request: ConsoleRequest, here: TrustedSession, item_id: UUID, secret_name: str
) -> HttpResponse:
    item, name = _own(request, item_id), _name(secret_name)
    try:
        actions.remove(by=request.user, from_session=here, item=item, name=name, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("It is forgotten here."))
    return redirect("vault:detail", item.pk)


@requires(Permission.VAULT_OWN)
@step_up
@require_POST
@trusted.in_trusted_session
def open_(
    request: ConsoleRequest, here: TrustedSession, item_id: UUID, local_secret_id: UUID
) -> HttpResponse:
    """The one answer that holds the ciphertext; its browser opens it there."""
    item = shown.load(request, item_id)
    secret = get_object_or_404(LocalSecret.objects.defer("envelope"), item=item, pk=local_secret_id)
    try:
        found = actions.hand_out(
            by=request.user, from_session=here, item=item, secret=secret, at=timezone.now()
        )
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("vault:detail", item.pk)
    place = {"item": str(item.pk), "name": found.name, "serial": found.serial}
    context: dict[str, Any] = {
        "item": item,
        "name": found.name,
        "title": _("%(what)s of %(label)s")
        % {"what": SecretName(found.name).label, "label": item.label},
        "data": local.data(here, item.vault, place=place, envelope=found.envelope),
    }
    return never_stored(render(request, "vault/local_opened.html", context))


def _put(
    request: ConsoleRequest,
    here: TrustedSession,
    item: StoredAccount,
    name: SecretName,
    serial: int,
) -> int:
    return actions.put(
        by=request.user,
        from_session=here,
        item=item,
        name=name,
        serial=serial,
        envelopes=wire.sealed(request.POST.get("sealed", "")).get(name, []),
        new_key=wire.new_key(request.POST.get("new_key", "")),
        at=timezone.now(),
    )


def _own(request: ConsoleRequest, item_id: UUID) -> StoredAccount:
    item = shown.load_own(request, item_id)
    if not item.vault.is_local:
        raise Http404
    return item


def _name(text: str) -> SecretName:
    if text not in SecretName.values:
        raise Http404
    return SecretName(text)


def _single(sealed: dict[SecretName, list[str]]) -> dict[SecretName, str]:
    """Of a new account there is one of each."""
    return {name: envelopes[0] for name, envelopes in sealed.items() if len(envelopes) == 1}
