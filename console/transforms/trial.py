"""The tester beside the editor: one definition, one account or some typed values, one answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Identity, SchemaAttribute
from accounts.profiles import library, trying
from accounts.profiles.transforms.base import BadDefinition, Definition, Problem, Value
from accounts.profiles.trying import Trial
from accounts.sources import queries as sources
from console.transforms.forms import DefinitionForm, TrialForm

EXAMPLE: Final = '{"type": "lower"}'
MOST_SHOWN: Final = 2000
"""Characters of a value."""

MOST_OF_A_STEP: Final = 200
MOST_NAMES: Final = 300


def context(
    person: Identity, editor: DefinitionForm, form: TrialForm, at: datetime
) -> dict[str, Any]:
    """What `transforms/_tester.html` needs; `editor` may be unbound, and stay unsaved."""
    return {
        "trial_form": form,
        "attribute_names": _attribute_names(person),
        "result": result(editor, form, at),
    }


def result(editor: DefinitionForm, form: TrialForm, at: datetime) -> dict[str, Any]:
    """What `transforms/_trial.html` needs."""
    if editor.is_bound and not str(editor.data.get("definition", "")).strip():
        return {"example": EXAMPLE, "said": _("Write a transform in braces, with a type.")}
    if not editor.is_valid():
        problems = [Problem("", str(text)) for text in editor.errors.get("definition", ())]
        return _cannot_run(problems)
    try:
        library.check(editor.cleaned_data["definition"])
    except BadDefinition as error:
        return _cannot_run(error.problems)
    if not form.is_valid():
        return {
            "inputs": [
                {"label": form.fields[name].label, "id": form[name].id_for_label, "text": text}
                for name, texts in form.errors.items()
                if name in form.fields
                for text in texts
            ],
            "said": _("Say what to try it with."),
        }
    return _told(_tried(editor.cleaned_data["definition"], form, at), form)


def _tried(definition: Definition, form: TrialForm, at: datetime) -> Trial:
    cleaned = form.cleaned_data
    if form.found is not None:
        return trying.try_on_account(
            definition,
            source=cleaned["source"],
            account=form.found,
            attribute=cleaned["attribute"].strip(),
            at=at,
        )
    subject = trying.typed(
        account=cleaned["account_values"], identity=cleaned["identity_values"], at=at
    )
    return trying.try_out(definition, subject=subject, given=cleaned["given"] or None)


def _cannot_run(problems: Sequence[Problem]) -> dict[str, Any]:
    count = len(problems)
    said = ngettext(
        "The definition has %(count)d problem.", "The definition has %(count)d problems.", count
    )
    return {"problems": problems, "said": said % {"count": count}}


def _told(trial: Trial, form: TrialForm) -> dict[str, Any]:
    if trial.cause:
        said = _("No value: %(cause)s") % {"cause": trial.cause}
    else:
        said = _("Value: %(value)s") % {"value": _in_words(trial.value)}
    return {
        "trial": trial,
        "account": form.found,
        "values": _shown(trial.value),
        "remark": "" if trial.cause else _remark(trial.value),
        "steps": [
            {"step": step, "values": _shown(step.value, MOST_OF_A_STEP)} for step in trial.steps
        ],
        "said": said,
    }


def _shown(value: Value, most: int = MOST_SHOWN) -> list[str]:
    texts = value if isinstance(value, list) else [] if value is None else [value]
    return [text if len(text) <= most else f"{text[:most]}…" for text in texts]


def _in_words(value: Value) -> str:
    return ", ".join(_shown(value, MOST_OF_A_STEP)) or _("none")


def _remark(value: Value) -> str:
    """What the eye does not see."""
    if value is None:
        return _("Nothing comes out (null): the attribute stays empty.")
    if value in ("", []):
        return _("An empty text comes out: the attribute stays empty.")
    texts = [value] if isinstance(value, str) else value
    if any(text != text.strip() for text in texts):
        return _("It begins or ends with a space.")
    if sum(map(len, texts)) > MOST_SHOWN:
        return _("%(count)s characters; the first are shown.") % {
            "count": f"{sum(map(len, texts)):,}"
        }
    return ""


def _attribute_names(person: Identity) -> list[str]:
    rows = SchemaAttribute.objects.filter(source__in=sources.for_list(person))
    names = rows.order_by("name").values_list("name", flat=True).distinct()
    return list(names[:MOST_NAMES])
