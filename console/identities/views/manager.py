from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.identities import managing, policies, queries
from accounts.models import Identity
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from console.ui.identity_choice import IdentityField


class ManagerForm(forms.Form):
    manager = IdentityField(options_id="identity-names")

    def __init__(self, *args: object, person: Identity, origin: str = "", **kwargs: object) -> None:
        """`origin` is where the manager comes from, where nobody chooses."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["manager"]
        assert isinstance(field, IdentityField)
        field.person, field.required = person, False
        field.label = gettext_lazy("Manager")
        field.help_text = gettext_lazy(
            "Decides about what this identity asks for. Empty: about a group its manager does, "
            "about anything else an administrator."
        )
        if origin:
            field.disabled = True
            field.help_text = escape(gettext("It comes from %(origin)s.") % {"origin": origin})


@requires(Permission.IDENTITY_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def set_manager(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """Choose who decides about the requests of an identity."""
    rows = queries.visible_to(request.user).select_related("manager")
    identity = get_object_or_404(rows, pk=identity_id)
    now = identity.manager.user_name if identity.manager else ""
    posted = request.POST if request.method == "POST" else None
    origin = policies.not_edited_by_hand(identity).get("manager", "")
    form = ManagerForm(posted, person=request.user, initial={"manager": now}, origin=origin)
    done = submitted(
        form,
        lambda: managing.set_manager(
            by=request.user,
            identity=identity,
            manager=form.cleaned_data["manager"],
            at=timezone.now(),
        ),
    )
    if done is not None:
        said = _("The manager of %(name)s is saved.") % {"name": identity.display_name}
        messages.success(request, said)
        return redirect("identities:detail", identity.pk)
    context = {"identity": identity, "form": form, "owned": bool(origin)}
    return render(request, "identities/set_manager.html", context)
