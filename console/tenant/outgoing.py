"""The page that lists which targets inside the company's network may be called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.tenant import outgoing as listed
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import submitted


class OutgoingForm(forms.Form):
    targets = forms.CharField(
        label=gettext_lazy("Targets inside your network"),
        help_text=gettext_lazy(
            "One a line: a host such as scim.corp.example, an address such as 10.0.0.5, or a "
            "network such as 10.0.0.0/8. Link-local addresses and the metadata services of clouds "
            "are never called."
        ),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
    )

    def __init__(self, *args: Any, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["targets"].initial = "\n".join(listed.targets())
        self.fields["targets"].disabled = not may_change

    def lines(self) -> list[str]:
        return [line for line in self.cleaned_data["targets"].splitlines() if line.strip()]


@requires(Permission.TENANT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def outgoing(request: ConsoleRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, None)
    if not may(request.user, Permission.TENANT_MANAGE):
        refuse(request, Permission.TENANT_MANAGE)
    return _change(request)


@step_up
def _change(request: ConsoleRequest) -> HttpResponse:
    form = OutgoingForm(request.POST, may_change=True)
    changed = submitted(
        form,
        lambda: listed.set_targets(by=request.user, lines=form.lines(), at=timezone.now()),
    )
    if changed is None:
        return _page(request, form)
    if changed:
        messages.success(request, _("The targets are saved. They hold from the next call on."))
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect("tenant:outgoing")


def _page(request: ConsoleRequest, form: OutgoingForm | None) -> HttpResponse:
    may_change = may(request.user, Permission.TENANT_MANAGE)
    context = {"form": form or OutgoingForm(may_change=may_change), "may_change": may_change}
    return render(request, "tenant/outgoing.html", context)
