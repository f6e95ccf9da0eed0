"""Two people at one Mappings tab: who changed what, and what the second one's rows hold then."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.audit import queries as audit
from accounts.models import IdentityProfile, Source
from accounts.profiles import queries
from accounts.profiles.attributes import known
from console.profiles.mappings_form import Cells, MappingsForm, in_words, stored, unseal


def resolve(
    form: MappingsForm, current: IdentityProfile
) -> tuple[dict[str, Any], dict[str, Cells]]:
    """What `components/conflict.html` tells, and the rows of the form to go on with.

    What was typed stays. A row that was left alone takes their value, so that saving again
    undoes nothing by accident. Where the form does not say what it was opened on, every
    difference counts as theirs.
    """
    mine, theirs = form.cells, stored(current)
    opened = unseal(form.cleaned_data.get("opened", ""))
    nothing, labels = Cells(source=str(current.source_id)), known()
    sources, transforms = list(Source.objects.all()), list(queries.transforms())
    merged: dict[str, Cells] = {}
    rows = []
    for name in dict.fromkeys([*mine, *theirs, *(opened or {})]):
        now, typed = theirs.get(name, nothing), mine.get(name, nothing)
        before = opened.get(name, nothing) if opened is not None else None
        left_alone = before is not None and _same(typed, before)
        result = now if left_alone else typed
        if name in mine or result.is_mapped:
            merged[name] = result
        if _same(now, typed) or (before is not None and _same(now, before)):
            continue
        rows.append(
            {
                "label": labels[name].label if name in labels else name,
                "before": in_words(before, sources, transforms) if before else _("not known"),
                "theirs": in_words(now, sources, transforms),
                "yours": "" if left_alone else in_words(typed, sources, transforms),
            }
        )
    return {"who": _who(current), "rows": rows}, merged


def _same(one: Cells, other: Cells) -> bool:
    return one == other or not (one.is_mapped or other.is_mapped)


def _who(profile: IdentityProfile) -> str:
    edits = audit.about(profile.audit_type, profile.pk).filter(
        action__in=("identity_profile.mapped", "identity_profile.edited")
    )
    latest = edits.first()
    return latest.actor_label if latest else _("Somebody")
