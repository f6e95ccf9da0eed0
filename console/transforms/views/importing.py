from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.profiles.import_plan import Fate, TransformsPlan, plan_transforms
from accounts.profiles.importing import ImportedTransforms, import_transforms
from accounts.profiles.transforms.export import MAX_BYTES, Export, parse_export
from console.transforms.views.editor import as_text
from console.ui import exports
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error
from console.ui.exports import ExportForm
from console.ui.uploads import takes_file

SALT: Final = "steward.transforms.import"


class TransformsForm(ExportForm):
    """An export of transforms, and the plan of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "JSON, at most 10 MiB: a list of transforms, or a configuration."
        )

    def read(self, content: str | bytes) -> None:
        self.plan = plan_transforms(parse_export(content))
        self.packed = _pack(self.plan)


@requires(Permission.PROFILE_MANAGE)
@takes_file(Permission.PROFILE_MANAGE, most_bytes=MAX_BYTES)
@require_http_methods(["GET", "POST"])
def import_(request: ConsoleRequest) -> HttpResponse:
    """The export first, then its plan, then its confirmation."""
    if request.method == "POST" and "plan" in request.POST:
        return _confirm(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = TransformsForm(*posted)
    if form.is_valid():
        return _plan_page(request, form.plan, form.packed)
    return render(request, "transforms/import.html", {"form": form})


def _confirm(request: ConsoleRequest) -> HttpResponse:
    try:
        carried = exports.unpack(request.POST["plan"], salt=SALT)
    except signing.BadSignature:
        messages.error(request, _("This plan is too old. Choose the export again."))
        return redirect("transforms:import")
    plan = plan_transforms(_unpack(carried))
    if plan.digest != carried["digest"]:
        messages.warning(request, _("The transforms changed meanwhile: this is the plan now."))
        return _plan_page(request, plan, _pack(plan))
    try:
        done = import_transforms(
            by=request.user, export=plan.export, at=timezone.now(), replace=True
        )
    except DomainError as error:
        form = TransformsForm({})
        form.full_clean()
        form.errors.clear()
        add_error(form, error)
        return render(request, "transforms/import.html", {"form": form})
    messages.success(request, _said(done))
    return redirect("transforms:list")


def _pack(plan: TransformsPlan) -> str:
    """All of an export that may change anything, with what was planned.

    Raises:
        TooMuch: the page of the plan cannot carry it.
    """
    carried = {
        "digest": plan.digest,
        "lines": [dict(definition) for definition in plan.given.definitions],
        "skipped": plan.given.skipped,
    }
    return exports.pack(carried, salt=SALT)


def _unpack(carried: dict[str, Any]) -> Export:
    return Export(tuple(carried["lines"]), tuple(carried["skipped"]))


def _said(done: ImportedTransforms) -> str:
    created, replaced = len(done.created), len(done.replaced)
    parts = [
        ngettext("%(n)d transform is added", "%(n)d transforms are added", created)
        % {"n": created},
        ngettext("%(n)d is changed", "%(n)d are changed", replaced) % {"n": replaced},
    ]
    return ", ".join(parts) + "."


def _plan_page(request: ConsoleRequest, plan: TransformsPlan, packed: str) -> HttpResponse:
    labels = {
        Fate.NEW: _("New"),
        Fate.CHANGED: _("Changed"),
        Fate.SAME: _("Unchanged"),
        Fate.REFUSED: _("Refused"),
    }
    groups = [
        {
            "fate": fate.value,
            "label": label,
            "lines": [
                {
                    "line": line,
                    "before": _text(line.before),
                    "after": _text(line.after),
                }
                for line in plan.lines
                if line.fate == fate
            ],
        }
        for fate, label in labels.items()
    ]
    context = {
        "plan": plan,
        "packed": packed,
        "groups": groups,
        "figures": [
            {"label": g["label"], "count": len(g["lines"]), "id": g["fate"]} for g in groups
        ],
        "button": _button(plan),
    }
    return render(request, "transforms/import_plan.html", context)


def _text(definition: Any) -> str:
    return as_text(definition) if definition is not None else ""


def _button(plan: TransformsPlan) -> str:
    new, changed = plan.count(Fate.NEW), plan.count(Fate.CHANGED)
    if not new:
        return ngettext("Change %(n)d transform", "Change %(n)d transforms", changed) % {
            "n": changed
        }
    if not changed:
        return ngettext("Add %(n)d transform", "Add %(n)d transforms", new) % {"n": new}
    return _("Add %(new)d and change %(changed)d") % {"new": new, "changed": changed}
