from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.lib.headers import content_disposition
from accounts.models import SchemaAttribute, Source
from accounts.sources import schema as schemas
from console.sources.forms import AttributeForm, SchemaFileForm
from console.ui import conflicts
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error
from console.ui.uploads import takes_file

SEARCH_MAX_LENGTH = 200


@requires(Permission.SOURCE_VIEW)
@require_safe
def schema(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load(request, source_id)
    text = request.GET.get("q", "").strip()[:SEARCH_MAX_LENGTH]
    attributes = schemas.attributes_of(source)
    shown = [a for a in attributes if text.casefold() in f"{a.name} {a.description}".casefold()]
    context = pages.frame(request, source, current="sources:schema") | {
        "attributes": shown,
        "count": len(attributes),
        "search": text,
    }
    return render(request, "sources/schema.html", context)


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    form = AttributeForm(request.POST or None)
    if form.is_valid():
        try:
            row = schemas.add(by=request.user, source=source, draft=form.draft(), at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The attribute %(name)s is added.") % {"name": row})
            return redirect("sources:schema", source.pk)
    return _form_page(request, source, form)


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, source_id: UUID, attribute_id: int) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    attribute = get_object_or_404(source.attributes, pk=attribute_id)
    stored = conflicts.opened(vars(schemas.draft_of(attribute)))
    form = AttributeForm(request.POST or None, initial=stored)
    found: conflicts.Conflict | None = None
    if form.is_valid():
        try:
            schemas.edit(
                by=request.user,
                source=source,
                attribute=attribute,
                draft=form.draft(),
                at=timezone.now(),
                opened=form.opened_on(),
            )
        except schemas.EditConflict as error:
            now = vars(schemas.draft_of(error.attribute))
            who = conflicts.who_changed(source, ("source.schema_changed",))
            found = conflicts.resolve(form, request.POST, current=now, who=who)
            form.data = found.data
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The account schema is changed."))
            return redirect("sources:schema", source.pk)
    return _form_page(request, source, form, attribute, found)


def _form_page(
    request: ConsoleRequest,
    source: Source,
    form: AttributeForm,
    attribute: SchemaAttribute | None = None,
    conflict: conflicts.Conflict | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"source": source, "form": form, "attribute": attribute}
    context |= {"conflict": conflict}
    return render(request, "sources/attribute.html", context)


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def remove(request: ConsoleRequest, source_id: UUID, attribute_id: int) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    attribute = get_object_or_404(source.attributes, pk=attribute_id)
    if request.method == "POST":
        try:
            schemas.remove(by=request.user, source=source, attribute=attribute, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("The attribute %(name)s is removed.")
            messages.success(request, said % {"name": attribute.name})
        return redirect("sources:schema", source.pk)
    context = {"source": source, "attribute": attribute}
    return render(request, "sources/attribute_remove.html", context)


@requires(Permission.SOURCE_MANAGE)
@takes_file(Permission.SOURCE_MANAGE, most_bytes=schemas.LONGEST_SCHEMA)
@require_http_methods(["GET", "POST"])
def upload(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Upload Schema: replaces all attributes by those of a file."""
    source = pages.load_to_change(request, source_id)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = SchemaFileForm(*posted)
    if form.is_valid():
        content = form.cleaned_data["file"].read(schemas.LONGEST_SCHEMA + 1)
        try:
            schemas.upload(by=request.user, source=source, content=content, at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The account schema is that of the file now."))
            return redirect("sources:schema", source.pk)
    return render(request, "sources/schema_upload.html", {"source": source, "form": form})


@requires(Permission.SOURCE_VIEW)
@require_safe
def download(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Download Schema: JSON by SailPoint's names, which Upload Schema takes."""
    source = pages.load(request, source_id)
    answer = HttpResponse(schemas.as_json(source), content_type="application/json; charset=utf-8")
    name = f"{slugify(source.name) or 'source'}-schema.json"
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer
