from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.levels import ADMINISTRATORS, LEVELS
from accounts.authorization.permissions import Permission
from accounts.identities import granting, queries
from accounts.identities.granting import Change, Way
from accounts.lib.errors import DomainError
from accounts.models import Identity
from console.identities.forms import LevelsOfSeveralForm, SetLevelsForm
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.levels import labels_of, may_do

SELECTED_MAX: Final = 200


@requires(Permission.LEVEL_GRANT)
@step_up
@require_http_methods(["GET", "POST"])
def set_levels(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    # nothing ticked is an answer too, so `request.POST or None` would not do
    posted = request.POST if request.method == "POST" else None
    form = SetLevelsForm(posted, initial={"levels": sorted(identity.levels)})
    change = _change(request, identity, posted.getlist("levels") if posted is not None else None)
    if form.is_valid() and "preview" not in request.POST and _is_meant(form, change):
        try:
            granting.set_levels(
                by=request.user,
                identity=identity,
                levels=form.cleaned_data["levels"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The user levels of %(name)s are set.")
            messages.success(request, said % {"name": identity})
            return redirect("identities:detail", identity.pk)
    context = {"identity": identity, "form": form} | _shown(change)
    return render(request, "identities/set_levels.html", context)


@requires(Permission.LEVEL_GRANT)
@require_safe
def change(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """What the ticked levels would change, for the page to ask with every tick."""
    identity = _load(request, identity_id)
    found = _change(request, identity, request.GET.getlist("levels"))
    context = {"identity": identity, "form": SetLevelsForm()} | _shown(found)
    return render(request, "identities/_levels_change.html", context)


@requires(Permission.LEVEL_GRANT)
@step_up
@require_POST
def set_levels_of_selected(request: ConsoleRequest) -> HttpResponse:
    """Levels for the ticked identities: first what to do, then the plan, then it is done."""
    ids = {found for text in request.POST.getlist("selected") if (found := _uuid(text))}
    rows = queries.visible_to(request.user).filter(pk__in=ids).prefetch_related("level_assignments")
    identities = list(rows.order_by("display_name", "pk")[: SELECTED_MAX + 1])
    if not identities or len(identities) > SELECTED_MAX:
        messages.warning(request, _("Tick the identities, at most 200 at a time."))
        return redirect("identities:list")
    form = LevelsOfSeveralForm(request.POST if "way" in request.POST else None)
    context: dict[str, Any] = {"form": form, "identities": identities}
    if not form.is_valid() or "back" in request.POST:
        return render(request, "identities/set_levels_of_selected.html", context)
    way = Way(form.cleaned_data["way"])
    levels = form.cleaned_data["levels"]
    if not levels and way != Way.EXACTLY:
        form.add_error("levels", _("Choose at least one level."))
        return render(request, "identities/set_levels_of_selected.html", context)
    plan = granting.preview_all(by=request.user, identities=identities, levels=levels, way=way)
    if "plan" in request.POST and _apply(request, plan):
        return redirect("identities:list")
    return render(request, "identities/levels_plan.html", context | _planned(plan))


def _apply(request: ConsoleRequest, plan: list[Change]) -> bool:
    """Do what the person has seen; false, with the reason told, if it is that no more."""
    doable = [each for each in plan if each.changes and not each.problem]
    try:
        if not doable or request.POST["plan"] != _fingerprint(plan):
            raise granting.ChangedMeanwhile
        count = granting.set_levels_of_all(
            by=request.user,
            identities=[each.identity for each in doable],
            planned={each.identity.pk: (each.held, each.wanted) for each in doable},
            at=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, error.message)
        return False
    said = ngettext(
        "The user levels of %(count)d identity are set.",
        "The user levels of %(count)d identities are set.",
        count,
    )
    messages.success(request, said % {"count": count})
    return True


def _planned(plan: list[Change]) -> dict[str, Any]:
    rows = [
        {
            "identity": each.identity,
            "before": labels_of(each.held),
            "after": labels_of(each.wanted),
            "changes": each.changes,
            "problem": each.problem,
            "over_privileged": each.is_over_privileged and not each.problem,
        }
        for each in plan
    ]
    count = sum(each.changes and not each.problem for each in plan)
    return {
        "rows": rows,
        "count": count,
        "left_out": sum(bool(each.problem) for each in plan),
        "over_privileged": [row["identity"] for row in rows if row["over_privileged"]],
        "fingerprint": _fingerprint(plan),
    }


def _fingerprint(plan: Iterable[Change]) -> str:
    """What was shown, so that nothing else is done: who held what, and what they are to hold."""
    return json.dumps(
        [
            [each.identity.pk.hex[:12], sorted(each.held), sorted(each.wanted), bool(each.problem)]
            for each in plan
        ],
        separators=(",", ":"),
    )


def _load(request: ConsoleRequest, identity_id: UUID) -> Identity:
    return get_object_or_404(queries.visible_to(request.user), pk=identity_id)


def _change(request: ConsoleRequest, identity: Identity, levels: list[str] | None) -> Change:
    """What the levels would change; of such as do not exist the form speaks."""
    wanted = identity.levels if levels is None else frozenset(levels) & LEVELS.keys()
    return granting.preview(by=request.user, identity=identity, levels=wanted)


def _is_meant(form: SetLevelsForm, change: Change) -> bool:
    """Whether somebody who makes a service account an administrator has said that they mean it."""
    if change.problem or not change.is_over_privileged or form.cleaned_data["over_privileged"]:
        return True
    form.add_error("over_privileged", _("Tick this if you mean it, or take Admin away."))
    return False


def _shown(change: Change) -> dict[str, Any]:
    return {
        "change": change,
        "before": labels_of(change.held),
        "chips": _chips(change),
        "gained": may_do(change.gained),
        "gives_all": not (change.wanted - change.held).isdisjoint(ADMINISTRATORS),
        "lost": may_do(change.lost),
        "admin_is_enough": len(change.wanted) > 1 and not change.wanted.isdisjoint(ADMINISTRATORS),
    }


def _chips(change: Change) -> list[dict[str, Any]]:
    """Each level that is held or wanted, and whether it comes, goes or stays."""
    found = []
    for code, level in LEVELS.items():
        said = {"level": level.label}
        if code in change.wanted - change.held:
            label, look = _("%(level)s: given"), {"tone": "ok", "icon": "plus"}
        elif code in change.held - change.wanted:
            label, look = _("%(level)s: taken away"), {"tone": "danger", "icon": "minus"}
        elif code in change.held:
            label, look = _("%(level)s: stays"), {"tone": "", "icon": "check"}
        else:
            continue
        found.append(look | {"label": label % said})
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
