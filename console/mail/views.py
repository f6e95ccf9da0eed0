from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.identities import policies
from console.mail import outbox
from console.ui.access import ConsoleRequest, requires
from console.ui.installation import keeps_mail


@requires(Permission.OUTBOX_VIEW)
@require_safe
def show(request: ConsoleRequest) -> HttpResponse:
    if not keeps_mail():
        raise Http404
    above = [each.email for each in policies.administrators_above(request.user)]
    found = outbox.readable(outbox.letters(), above=above)
    return render(request, "mail/outbox.html", {"letters": found})
