from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.identities import queries as identities
from accounts.lib.errors import DomainError
from accounts.models import Identity, IdentityLifecycle, LifecycleState
from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.lifecycle_states import manual, queries
from accounts.profiles.lifecycle_states.models import Entry
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error

if TYPE_CHECKING:
    _StateField = forms.ModelChoiceField[LifecycleState]
else:
    _StateField = forms.ModelChoiceField  # it is generic only for the type checker


class StateField(_StateField):
    def label_from_instance(self, obj: LifecycleState) -> str:
        if obj.on_entry == Entry.DISABLE:
            return _("%(name)s: disables the identity, its keys and tokens stop") % {"name": obj}
        if obj.on_entry == Entry.ENABLE:
            return _("%(name)s: enables it, if a state had disabled it") % {"name": obj}
        return obj.name


class SetStateForm(forms.Form):
    state = StateField(
        label=gettext_lazy("Lifecycle State"),
        queryset=LifecycleState.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a state."),
            "invalid_choice": gettext_lazy(
                "Choose an enabled life-cycle state of this identity's profile."
            ),
        },
    )

    def __init__(self, *args: Any, states: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = states


def _load(request: ConsoleRequest, identity_id: UUID) -> Identity:
    return get_object_or_404(identities.visible_to(request.user), pk=identity_id)


@requires(Permission.IDENTITY_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def set_state(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """Put one identity into a state of its profile by hand."""
    identity = _load(request, identity_id)
    profile = queries.profile_of(identity)
    states = LifecycleState.objects.filter(profile=profile, is_enabled=True)
    held = identity.attributes.get(LIFECYCLE_STATE)
    current = states.filter(technical_name=held).first() if held else None
    form = SetStateForm(
        request.POST or None,
        states=states.order_by("priority", "name", "pk"),
        initial={"state": current},
    )
    if form.is_valid():
        state = form.cleaned_data["state"]
        try:
            manual.set_state(by=request.user, identity=identity, state=state, at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("%(name)s is in the state %(state)s, until the source says otherwise.")
            messages.success(request, said % {"name": identity.display_name, "state": state})
            return redirect("identities:detail", identity.pk)
    row = IdentityLifecycle.objects.filter(identity=identity).exclude(manual_state="").first()
    context = {
        "identity": identity,
        "form": form,
        "profile": profile,
        "has_states": states.exists(),
        "set_by_hand": row,
    }
    return render(request, "lifecycle_states/set.html", context)


@requires(Permission.IDENTITY_MANAGE)
@require_POST
def follow_source(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    try:
        manual.follow_source(by=request.user, identity=identity, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("The source decides again: its state is taken when changes are next applied.")
        messages.success(request, said)
    return redirect("identities:detail", identity.pk)
