from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from console.mail import outbox
from console.ui.access import ConsoleRequest, requires
from console.ui.installation import keeps_mail


@requires(Permission.OUTBOX_VIEW)
@require_safe
def show(request: ConsoleRequest) -> HttpResponse:
    if not keeps_mail():
        raise Http404
    return render(request, "mail/outbox.html", {"letters": outbox.letters()})
