"""SSO only: whether passwords sign in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.sign_in_providers import queries
from accounts.sign_in_providers import sso_only as rule
from console.sign_in_providers.forms import SsoOnlyForm
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def sso_only(request: ConsoleRequest) -> HttpResponse:
    held = rule.current()
    names = [person.user_name for person in rule.named_people(held)]
    posted = request.POST if request.method == "POST" else None
    form = SsoOnlyForm(posted, initial={"is_on": held.is_on, "named": "\n".join(names)})
    changed = submitted(
        form,
        lambda: rule.set_rule(
            by=request.user,
            is_on=form.cleaned_data["is_on"],
            named=form.cleaned_data["named"],
            at=timezone.now(),
        ),
    )
    if changed is not None:
        if changed:
            messages.success(request, _("Saved. It holds for the next sign-in."))
        else:
            messages.info(request, _("Nothing was changed."))
        return redirect("sign_in_providers:list")
    context = {"form": form, "providers": queries.offered()}
    return render(request, "sign_in_providers/sso_only.html", context)
