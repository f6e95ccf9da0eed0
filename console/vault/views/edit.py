from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.models import StoredAccount
from accounts.sealing import SealBroken
from accounts.vault import actions, catalogue
from accounts.vault.generator import BadRecipe
from accounts.vault.local import queries as local
from accounts.vault.models import Kind
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error, submitted
from console.ui.once import never_stored
from console.vault import shown
from console.vault.forms import AddItemForm, ItemForm
from console.vault.local_forms import LocalItemForm

METHODS = ["GET", "HEAD", "POST"]
KINDS = {
    Kind.PLACEHOLDER: (
        "ghost",
        gettext_lazy(
            "An account that does not exist yet: store it with a dummy username and a made "
            "password, then create the user in the application with them."
        ),
    ),
    Kind.IDP_PROVISIONED: (
        "cloud-cog",
        gettext_lazy(
            "A user that your identity provider creates and signs in. Only for applications that "
            "support SAML."
        ),
    ),
    Kind.INDIVIDUAL: (
        "user-round",
        gettext_lazy("An account that somebody already has in the application."),
    ),
}


@requires(Permission.VAULT_OWN)
@sensitive_post_parameters()
@require_http_methods(METHODS)
def new(request: ConsoleRequest) -> HttpResponse:
    """Add item > Account: first the kind, then its details."""
    said = request.POST if request.method == "POST" else request.GET
    if said.get("kind") not in Kind.values:
        kinds = [(kind, icon, text) for kind, (icon, text) in KINDS.items()]
        context = {
            "kinds": kinds,
            "new_url": request.path,
            "local_vaults": local.of(request.user),
        }
        return render(request, "vault/kinds.html", context)
    kind = Kind(said["kind"])
    form = AddItemForm(request.POST or None, kind=kind)
    if "make" in request.POST:
        try:
            form = AddItemForm(kind=kind, initial=form.with_made())
            form.show_made()
        except BadRecipe as error:
            add_error(form, error)
        return _form(request, form, kind=kind)
    item = submitted(
        form,
        lambda: actions.add(
            by=request.user,
            draft=form.draft(),
            password=form.cleaned_data["password"],
            at=timezone.now(),
        ),
    )
    if item is None:
        return _form(request, form, kind=kind)
    messages.success(request, _("The account “%(label)s” is added.") % {"label": item.label})
    return redirect("vault:detail", item.pk)


@requires(Permission.VAULT_OWN)
@sensitive_post_parameters()
@require_http_methods(METHODS)
def edit(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    try:
        draft = actions.draft_of(item)
    except SealBroken:
        messages.error(request, _("Its notes cannot be opened here, so it cannot be changed."))
        return redirect("vault:detail", item.pk)
    kind = Kind(item.kind)
    stored = ItemForm.stored(item, draft)
    form = ItemForm(request.POST or None, kind=kind, fields_now=len(draft.fields), initial=stored)
    if item.vault.is_local:
        form = LocalItemForm(request.POST or None, kind=kind, initial=stored)
    saved = submitted(
        form,
        lambda: actions.edit(
            by=request.user,
            item=item,
            draft=form.draft(),
            revision=form.cleaned_data["revision"] or 0,
            at=timezone.now(),
        ),
    )
    if saved is None:
        return _form(request, form, kind=kind, item=item)
    messages.success(request, _("The changes are saved."))
    return redirect("vault:detail", item.pk)


def _form(
    request: ConsoleRequest,
    form: ItemForm,
    *,
    kind: Kind,
    item: StoredAccount | None = None,
) -> HttpResponse:
    rows = StoredAccount.objects.visible_to(request.user).exclude(collection="")
    context: dict[str, Any] = {
        "form": form,
        "item": item,
        "kind": kind,
        "applications": catalogue.known(),
        "collections": rows.order_by("collection").values_list("collection", flat=True).distinct(),
        "needs_saml": kind == Kind.IDP_PROVISIONED,
    }
    return never_stored(render(request, "vault/form.html", context))
