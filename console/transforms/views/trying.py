from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.authorization.permissions import Permission
from console.transforms import trial
from console.transforms.forms import DefinitionForm, TrialForm
from console.ui.access import ConsoleRequest, requires


@requires(Permission.PROFILE_MANAGE)
@require_POST
def try_(request: ConsoleRequest) -> HttpResponse:
    """The answer alone, while somebody types; nothing is saved."""
    editor = DefinitionForm(request.POST)
    form = TrialForm(request.POST, person=request.user)
    result = trial.result(editor, form, timezone.now())
    return render(request, "transforms/_trial.html", {"result": result, "is_live": True})
