"""An export of identity profiles: the file, then the plan with what the export does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.profiles import queries
from accounts.profiles.attributes import known
from accounts.profiles.importing import Choice, MissingParts, refusal
from accounts.profiles.models import ProfileKind
from accounts.profiles.sailpoint import ReadMapping, ReadProfile, parse_profiles
from console.ui import exports
from console.ui.exports import ExportForm, TooMuch

SALT: Final = "steward.profiles.import"
LONGEST_NAME: Final = 4000
"""Characters; the domain has the real bound, and says it better."""
MOST_AT_ONCE: Final = 50


class ProfilesForm(ExportForm):
    """An export of identity profiles."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "JSON: one identity profile, a list of them, or a configuration."
        )

    def read(self, content: str | bytes) -> None:
        self.found = parse_profiles(content)
        if len(self.found) > MOST_AT_ONCE:
            raise TooMuch
        self.packed = pack(self.found)


def pack(found: Sequence[ReadProfile]) -> str:
    """What was read, for the page of the plan to carry.

    Raises:
        TooMuch: the page cannot.
    """
    return exports.pack([asdict(read) for read in found], salt=SALT)


def unpack(text: str) -> list[ReadProfile]:
    """What `pack` packed.

    Raises:
        BadSignature: it is too old, or none of ours.
    """
    return [
        ReadProfile(**{**read, "mappings": [ReadMapping(**row) for row in read["mappings"]]})
        for read in exports.unpack(text, salt=SALT)
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
