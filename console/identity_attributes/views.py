from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import IdentityAttribute
from accounts.profiles import custom_attributes, policies, usage
from accounts.profiles.attributes import known
from console.identity_attributes.forms import NewForm, RenameForm
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error

SEARCH_MAX_LENGTH: Final = 200
LIST: Final = "identity_attributes:list"


@requires(Permission.PROFILE_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    mapped = usage.profiles_by_attribute()
    own = dict(IdentityAttribute.objects.values_list("name", "pk"))
    rows = [
        {
            "info": info,
            "profiles": mapped.get(info.name, []),
            "id": own.get(info.name),
            "menu_id": f"menu-{own.get(info.name)}",
        }
        for info in known().values()
        if text.casefold() in f"{info.label} {info.name}".casefold()
    ]
    context = {
        "rows": rows,
        "search": text,
        "chips": [{"label": _("Search: %(text)s") % {"text": text}, "remove_url": request.path}]
        if text
        else [],
        "may_manage": policies.may_manage(request.user),
    }
    return render(request, "identity_attributes/list.html", context)


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    form = NewForm(request.POST or None)
    if form.is_valid():
        try:
            made = custom_attributes.add(
                by=request.user,
                label=form.cleaned_data["label"],
                name=form.cleaned_data["name"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The attribute %(name)s is added. Identity profiles may map it now.")
            messages.success(request, said % {"name": made.label})
            return redirect(LIST)
    return render(request, "identity_attributes/form.html", {"form": form})


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, identity_attribute_id: int) -> HttpResponse:
    attribute = get_object_or_404(IdentityAttribute, pk=identity_attribute_id)
    form = RenameForm(request.POST or None, initial={"label": attribute.label})
    if form.is_valid():
        try:
            custom_attributes.rename(
                by=request.user,
                attribute=attribute,
                label=form.cleaned_data["label"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The label is saved."))
            return redirect(LIST)
    context: dict[str, Any] = {"form": form, "attribute": attribute}
    return render(request, "identity_attributes/form.html", context)


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, identity_attribute_id: int) -> HttpResponse:
    attribute = get_object_or_404(IdentityAttribute, pk=identity_attribute_id)
    error = ""
    if request.method == "POST":
        try:
            custom_attributes.remove(by=request.user, attribute=attribute, at=timezone.now())
        except DomainError as refused:
            error = refused.message
        else:
            said = _("The attribute %(name)s is removed.")
            messages.success(request, said % {"name": attribute.label})
            return redirect(LIST)
    context = {
        "attribute": attribute,
        "error": error,
        "profiles": usage.profiles_by_attribute().get(attribute.name, []),
    }
    return render(request, "identity_attributes/remove.html", context)
