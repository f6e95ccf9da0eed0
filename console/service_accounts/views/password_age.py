from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.service_accounts import queries
from accounts.sign_in import exemptions, rules
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.days import LastDayField, day_of, end_of
from console.ui.errors import add_error


class ExemptionForm(forms.Form):
    last_day = LastDayField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        field = self.fields["last_day"]
        field.label = gettext_lazy("Last day of the exemption")
        field.help_text = gettext_lazy("The age counts after this day (UTC). Empty for no end.")


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def end(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """Until when the age of the account's password does not count."""
    account = get_object_or_404(queries.visible_to(request.user), pk=account_id)
    known = account.identity.password_exempt_until
    form = ExemptionForm(request.POST or None, initial={"last_day": day_of(known)})
    if request.method == "POST" and form.is_valid():
        until = end_of(form.cleaned_data["last_day"], known=known)
        try:
            changed = exemptions.set_end(
                by=request.user, identity=account.identity, until=until, at=timezone.now()
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The exemption is saved.") if changed else _("Nothing was changed.")
            messages.success(request, said)
            return redirect("service_accounts:detail", account.pk)
    context = {
        "account": account,
        "form": form,
        "days": rules.of_request(request).password_days,
        "signs_in": not account.identity.web_services_only,
    }
    return render(request, "service_accounts/password_age.html", context)
