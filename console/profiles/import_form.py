"""An export of identity profiles: the file, then the plan with what the export does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.profiles import queries
from accounts.profiles.attributes import known
from accounts.profiles.importing import Choice, MissingParts, refusal
from accounts.profiles.models import ProfileKind
from accounts.profiles.sailpoint import ReadMapping, ReadProfile, parse_profiles
from accounts.profiles.transforms.export import MAX_BYTES, BadExport

SALT: Final = "steward.profiles.import"
LONGEST_CARRIED: Final = 700_000
"""Characters of a packed export, which the page of the plan carries until it is confirmed."""
PLAN_LIFETIME_SECONDS: Final = 3600
LONGEST_NAME: Final = 4000
"""Characters; the domain has the real bound, and says it better."""
MOST_AT_ONCE: Final = 50
LONGEST_PASTED: Final = 500_000


class ExportForm(forms.Form):
    """An export as a file, or pasted."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("JSON: one identity profile, a list of them, or a configuration."),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste it"),
        required=False,
        strip=False,
        max_length=LONGEST_PASTED,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 10, "spellcheck": "false"}),
        error_messages={
            "max_length": gettext_lazy("This is too long to be pasted: choose it as a file.")
        },
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if bool(file) == bool(text.strip()):
            raise forms.ValidationError(_("Choose a file, or paste its content: one of them."))
        try:
            self.found = parse_profiles(file.read(MAX_BYTES + 1) if file else text)
        except BadExport as error:
            raise forms.ValidationError(error.message) from error
        if len(self.found) > MOST_AT_ONCE or len(pack(self.found)) > LONGEST_CARRIED:
            raise forms.ValidationError(_("This is too much at once: import it in smaller parts."))
        return cleaned


def pack(found: Sequence[ReadProfile]) -> str:
    """What was read, signed, for the page of the plan to carry."""
    return signing.dumps([asdict(read) for read in found], salt=SALT, compress=True)


def unpack(text: str) -> list[ReadProfile]:
    """What `pack` packed.

    Raises:
        BadSignature: it is too old, or none of ours.
    """
    carried = signing.loads(text, salt=SALT, max_age=PLAN_LIFETIME_SECONDS)
    return [
        ReadProfile(**{**read, "mappings": [ReadMapping(**row) for row in read["mappings"]]})
        for read in carried
    ]


class PlanForm(forms.Form):
    """For each profile of an export: whether to take it, its source, and what it makes."""

    def __init__(self, data: QueryDict | None, *, found: Sequence[ReadProfile]) -> None:
        super().__init__(data)
        self.found = list(found)
        self.sources = {str(source.pk): source for source in queries.possible_sources()}
        by_name = {source.name: key for key, source in self.sources.items()}
        for index, read in enumerate(self.found):
            named = by_name.get(read.source_name, "")
            self.fields[f"take-{index}"] = forms.BooleanField(
                label=_("Import it"), required=False, initial=True
            )
            self.fields[f"name-{index}"] = forms.CharField(
                label=_("Name"),
                strip=False,
                initial=read.name,
                max_length=LONGEST_NAME,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                error_messages={"required": _("Type a name.")},
            )
            self.fields[f"source-{index}"] = forms.ChoiceField(
                label=_("Account Source"),
                choices=[
                    ("", _("Choose a source")),
                    *((key, source.name) for key, source in self.sources.items()),
                ],
                initial=named,
                help_text=_("The export names %(name)s.") % {"name": read.source_name},
                error_messages={
                    "required": _("Choose the source of the accounts."),
                    "invalid_choice": _("This source is not free any more."),
                },
            )
            self.fields[f"kind-{index}"] = forms.ChoiceField(
                label=_("What its identities are"),
                choices=ProfileKind.choices,
                initial=ProfileKind.SERVICE,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        taken = [i for i in range(len(self.found)) if cleaned.get(f"take-{i}")]
        if not taken:
            raise forms.ValidationError(_("Tick what is to be imported."))
        for index in set(range(len(self.found))) - set(taken):
            for part in ("name", "source", "kind"):  # of what is left out nothing is asked
                self.errors.pop(f"{part}-{index}", None)
        return cleaned

    def choices(self) -> list[tuple[int, Choice]]:
        """What a valid form takes, each with its place in the export."""
        return [
            (
                index,
                Choice(
                    read=replace(read, name=self.cleaned_data[f"name-{index}"]),
                    kind=self.cleaned_data[f"kind-{index}"],
                    source=self.sources[self.cleaned_data[f"source-{index}"]],
                ),
            )
            for index, read in enumerate(self.found)
            if self.cleaned_data[f"take-{index}"]
        ]

    def lines(self, *, by: Actor, at: datetime) -> list[Line]:
        """The plan: each profile with what it brings along, and what stands against it."""
        return [self._line(index, read, by, at) for index, read in enumerate(self.found)]

    def _line(self, index: int, read: ReadProfile, by: Actor, at: datetime) -> Line:
        source = self.sources.get(str(self[f"source-{index}"].value() or ""))
        named = replace(read, name=str(self[f"name-{index}"].value() or ""))
        error = refusal(by=by, choice=Choice(named, ProfileKind.SERVICE, source), at=at)
        there = known()
        return Line(
            read=read,
            take=self[f"take-{index}"],
            name=self[f"name-{index}"],
            source=self[f"source-{index}"],
            kind=self[f"kind-{index}"],
            added=[m.attribute for m in read.mappings if m.attribute not in there],
            problem=error.message if error else "",
            lacks_transforms=isinstance(error, MissingParts) and bool(error.transforms),
            lacks_sources=isinstance(error, MissingParts) and bool(error.sources),
        )


@dataclass(frozen=True)
class Line:
    """One profile of the plan."""

    read: ReadProfile
    take: forms.BoundField
    name: forms.BoundField
    source: forms.BoundField
    kind: forms.BoundField
    added: list[str]
    """Identity attributes that come along."""
    problem: str
    lacks_transforms: bool
    lacks_sources: bool
