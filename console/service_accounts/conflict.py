"""Two people at one form: who changed what, and what the second one's form holds then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.models import Identity, ServiceAccount
from console.service_accounts.forms import (
    DETAIL_FIELDS,
    EditForm,
    as_form_values,
    initial_of,
    read_opened,
)
from console.ui.conflicts import Row, who_changed

PEOPLE: Final = ("owner", "successor")


@dataclass(frozen=True)
class Conflict:
    """What the page tells, and the values of its form."""

    who: str
    rows: list[Row]
    initial: dict[str, Any]


def resolve(form: EditForm, current: ServiceAccount) -> Conflict:
    """Compare what was typed with what stands now.

    What was typed stays. A field that was left alone takes their value, so that saving again
    undoes nothing by accident. Where the form does not say what it was opened on, every
    difference counts as theirs.
    """
    opened, typed = read_opened(form.cleaned_data["opened"]), form.typed_values()
    mine, theirs = _comparable(typed), _comparable(as_form_values(current))
    base = _comparable(opened) if opened else {}
    initial = initial_of(current) | typed
    rows = []
    for field in DETAIL_FIELDS:
        before = base.get(field, theirs[field] if opened else None)
        if theirs[field] in (before, mine[field]):
            continue
        left_alone = mine[field] == before
        if left_alone:
            initial[field] = as_form_values(current)[field]
        rows.append(
            Row(
                label=str(form.fields[field].label),
                before=_readable(field, before),
                theirs=_readable(field, theirs[field]),
                yours="" if left_alone else _readable(field, mine[field]),
            )
        )
    return Conflict(who_changed(current, ["service_account.edited"]), rows, initial)


def _comparable(values: dict[str, Any]) -> dict[str, Any]:
    """Field values without the differences that a browser makes."""
    same = {field: values.get(field) or "" for field in DETAIL_FIELDS}
    same["scopes"] = sorted(same["scopes"] or [])
    for field in ("name", "description", "email"):
        same[field] = str(same[field]).replace("\r\n", "\n").strip()
    for field in PEOPLE:
        same[field] = str(same[field])
    return same


def _readable(field: str, value: Any) -> str:
    if not value:
        return _("nothing") if value is not None else _("not known")
    if field == "scopes":
        return ", ".join(value)
    if field in PEOPLE:
        person = Identity.objects.filter(pk=value).first()
        return person.display_name if person else str(value)
    return str(value)
