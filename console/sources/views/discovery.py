from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.sources import schema as schemas
from accounts.sources import trial, tries
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires


@requires(Permission.SOURCE_MANAGE)
@require_POST
def discover(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Which attributes the source has beside those of its schema; those that are ticked are added.

    They are looked for again when they are added, so that what is added is what is there.
    """
    source = pages.load_to_change(request, source_id)
    if not source.kind.discovers:
        raise Http404
    wanted, at = set(request.POST.getlist("attribute")), timezone.now()
    try:
        tries.count(request.user, source)
        found = trial.discover(by=request.user, source=source, at=at)
        chosen = [draft for draft in found if draft.name in wanted]
        with transaction.atomic():
            for draft in chosen:
                schemas.add(by=request.user, source=source, draft=draft, at=at)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("sources:schema", source.pk)
    if chosen:
        said = ngettext("%(n)d attribute is added.", "%(n)d attributes are added.", len(chosen))
        messages.success(request, said % {"n": len(chosen)})
        return redirect("sources:schema", source.pk)
    if not found:
        messages.info(request, _("The account schema has every attribute that was found."))
        return redirect("sources:schema", source.pk)
    if "adding" in request.POST:
        messages.error(request, _("Tick at least one attribute, or cancel."))
    context = {"source": source, "attributes": found}
    return render(request, "sources/schema_discover.html", context)
