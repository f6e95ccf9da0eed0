"""Two people at one form: what the first one saved, and what the second one's form holds then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core import signing
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.audit import queries as audit

OPENED_SALT: Final = "steward.ui.opened"
OWN_FIELDS: Final = frozenset({"revision", "opened", "opened_at"})
"""What a form carries along about itself, of which nobody types anything."""


class OpenedField(forms.CharField):
    """The values that the form was opened on, for whoever comes second; signed, not secret."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, required=False)


@dataclass(frozen=True)
class Row:
    """A field that somebody else changed meanwhile."""

    label: str
    before: str
    theirs: str
    yours: str
    """What was typed, or "" where it was left alone and theirs was taken over."""


@dataclass(frozen=True)
class Conflict:
    """What `components/conflict.html` tells, and the data of the form to go on with."""

    who: str
    rows: list[Row]
    data: QueryDict


def opened(values: Mapping[str, Any]) -> dict[str, Any]:
    """The initial values of a form, and what they are, sealed in its field `opened`."""
    plain = {name: _plain(value) for name, value in values.items() if name not in OWN_FIELDS}
    return dict(values) | {"opened": signing.dumps(plain, salt=OPENED_SALT, compress=True)}


def resolve(
    form: forms.Form, posted: QueryDict, *, current: Mapping[str, Any], who: str
) -> Conflict:
    """Compare what was typed into a valid form with the values that stand now.

    What was typed stays. A field that was left alone takes their value, so that saving again
    undoes nothing by accident. Where the form does not say what it was opened on, every
    difference counts as theirs.
    """
    base = read_opened(form.cleaned_data.get("opened", ""))
    data, rows, now = posted.copy(), [], opened(current)
    for name, value in current.items():
        if name in OWN_FIELDS or name not in form.cleaned_data:
            continue
        theirs, mine = _plain(value), _plain(form.cleaned_data[name])
        before = base.get(name, theirs) if base is not None else None
        if theirs in (before, mine):
            continue
        left_alone = base is not None and mine == before
        if left_alone:
            _fill_in(data, name, theirs)
        field = form.fields[name]
        rows.append(
            Row(
                label=str(field.label),
                before=_readable(field, before) if base is not None else _("not known"),
                theirs=_readable(field, theirs),
                yours="" if left_alone else _readable(field, mine),
            )
        )
    for name in OWN_FIELDS & now.keys():
        data[name] = str(now[name])
    return Conflict(who, rows, data)


def read_opened(text: str) -> dict[str, Any] | None:
    """What a form was opened on; None where it does not say."""
    try:
        values = signing.loads(text, salt=OPENED_SALT)
    except signing.BadSignature:
        return None
    return values if isinstance(values, dict) else None


def who_changed(subject: Any, actions: Collection[str], **detail: str) -> str:
    """Who did one of these acts last on a subject of the audit log, with that in its details."""
    acts = audit.about(subject.audit_type, subject.pk).filter(
        action__in=actions, **{f"detail__{name}": value for name, value in detail.items()}
    )
    latest = acts.first()
    return latest.actor_label if latest else _("Somebody")


def _plain(value: Any) -> Any:
    """A field's value without the differences that a browser makes."""
    if isinstance(value, list):
        return sorted(str(_plain(each)) for each in value)
    if isinstance(value, Model):
        value = value.pk
    if value is None or isinstance(value, bool | int):
        return "" if value is None else value
    return str(value).replace("\r\n", "\n").strip()


def _fill_in(data: QueryDict, name: str, value: Any) -> None:
    if isinstance(value, list):
        data.setlist(name, value)
    elif value is False:
        data.pop(name, None)  # as a browser sends a box without its tick
    else:
        data[name] = "on" if value is True else str(value)


def _readable(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ModelChoiceField):
        # of all its rows: who stands there now may not be among those to choose from
        found: Model | None = QuerySet(field.queryset.model).filter(pk=value or None).first()  # type: ignore[union-attr]  # made with one
        return str(field.label_from_instance(found)) if found else _("nothing")
    choices = dict(getattr(field, "choices", ()))
    if isinstance(value, list):
        return ", ".join(sorted(str(choices.get(each, each)) for each in value)) or _("nothing")
    return str(choices.get(value, value)) or _("nothing")
