"""The Mappings tab as a form: a row an identity attribute, Source | Attribute | Transform."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core import signing
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.models import AttributeMapping, IdentityProfile, SchemaAttribute, Source, Transform
from accounts.profiles import queries
from accounts.profiles.attributes import FIRST_MAPPED, AttributeInfo, known
from accounts.profiles.mappings import MOST_MAPPINGS, BadMapping, MappingDraft
from accounts.profiles.transforms.base import BadDefinition
from accounts.profiles.transforms.export import BadExport, parse_definition

OPENED_SALT: Final = "steward.profiles.opened"
WRITTEN: Final = "json"
"""In place of a transform of the library: the one that stands in the row itself."""
LONGEST_JSON: Final = 70_000
"""Characters; the domain has the real bound, and says it better."""
ANOTHER_SOURCE: Final = {
    "hx-trigger": "change",
    "hx-vals": '{"refresh": "1"}',
    "hx-target": "#mappings",
    "hx-select": "#mappings",
    "hx-swap": "outerHTML",
}
"""With another source, a row offers other attributes."""
PARTS: Final = ("source", "attribute", "transform", "json")


@dataclass(frozen=True)
class Cells:
    """One row as its fields hold it: the ids of a source and a transform, and names."""

    source: str
    attribute: str = ""
    transform: str = ""
    json: str = ""

    @property
    def is_mapped(self) -> bool:
        return bool(self.attribute or self.transform)


def cells_of(profile: IdentityProfile, mapping: AttributeMapping) -> Cells:
    written = mapping.definition is not None
    return Cells(
        source=str(mapping.source_id or profile.source_id),
        attribute=mapping.source_attribute,
        transform=WRITTEN if written else str(mapping.transform_id or ""),
        json=json.dumps(mapping.definition, indent=2, ensure_ascii=False) if written else "",
    )


def stored(profile: IdentityProfile) -> dict[str, Cells]:
    """The mappings of a profile: the four of every mapping first, then in their order."""
    rows = profile.mappings.order_by("position", "pk")
    found = {row.attribute: cells_of(profile, row) for row in rows}
    names = [*FIRST_MAPPED, *(name for name in found if name not in FIRST_MAPPED)]
    nothing = Cells(source=str(profile.source_id))
    return {name: found.get(name, nothing) for name in names}


def posted(data: QueryDict) -> dict[str, Cells]:
    """The rows of a form that was sent; rows of no known attribute are left out."""
    attributes = known()
    names = dict.fromkeys(n for n in data.getlist("row")[:MOST_MAPPINGS] if n in attributes)
    return {
        name: Cells(**{part: _typed(data, f"{name}-{part}") for part in PARTS}) for name in names
    }


def settled(rows: Mapping[str, Cells]) -> dict[str, Cells]:
    """The rows without attributes that their sources do not have."""
    schema = SchemaAttribute.objects.filter(source__in=_ids(row.source for row in rows.values()))
    there = {(str(source_id), name) for source_id, name in schema.values_list("source_id", "name")}
    return {
        name: cells if (cells.source, cells.attribute) in there else replace(cells, attribute="")
        for name, cells in rows.items()
    }


def _ids(texts: Iterable[str]) -> set[UUID]:
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(UUID(text))
    return found


def _initial(rows: Mapping[str, Cells], basis: Mapping[str, Any]) -> dict[str, Any]:
    cells = {f"{n}-{part}": v for n, row in rows.items() for part, v in asdict(row).items()}
    return {**basis, **cells}


def _typed(data: QueryDict, name: str) -> str:
    """What a field holds, without the line ends that browsers make."""
    return data.get(name, "").replace("\r\n", "\n")


@dataclass(frozen=True)
class Row:
    """A row of the form."""

    info: AttributeInfo
    source: forms.BoundField
    attribute: forms.BoundField
    transform: forms.BoundField
    json: forms.BoundField
    can_go: bool

    @property
    def errors(self) -> list[str]:
        fields = (self.source, self.attribute, self.transform, self.json)
        return [str(error) for field in fields for error in field.errors]


class MappingsForm(forms.Form):
    """The rows, the revision that they were read at, and what stood in them then."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | Mapping[str, Any] | None,
        *,
        profile: IdentityProfile,
        rows: Mapping[str, Cells],
        basis: Mapping[str, Any] | None = None,
        focus: str = "",
    ) -> None:
        """`basis` is the revision that the rows were read at, and what stood there."""
        basis = basis or {"revision": profile.revision, "opened": seal(stored(profile))}
        super().__init__(data, initial=_initial(rows, basis))
        self.profile = profile
        self.cells = dict(rows)
        self._attributes = known()
        self._choices = _Choices.of(profile, rows.values())
        for name, cells in rows.items():
            self.fields |= self._choices.fields(name, self._attributes[name], cells)
            self.fields[f"{name}-source"].widget.attrs["hx-post"] = reverse(
                "profiles:mappings", args=[profile.pk]
            )
        if focus in rows:
            self.fields[f"{focus}-attribute"].widget.attrs["autofocus"] = True

    @classmethod
    def carried(
        cls, data: QueryDict, *, profile: IdentityProfile, rows: Mapping[str, Cells], focus: str
    ) -> MappingsForm:
        """A form with other rows than were sent, on the basis of those; nothing is wrong yet."""
        revision = data.get("revision", "")
        basis = {
            "revision": int(revision) if revision.isascii() and revision.isdigit() else 0,
            "opened": data.get("opened", ""),
        }
        return cls(None, profile=profile, rows=rows, basis=basis, focus=focus)

    def again(self) -> MappingsForm:
        """The same, as if it were sent: to find out what is wrong with it."""
        return MappingsForm(self.initial, profile=self.profile, rows=self.cells)

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                info=self._attributes[name],
                source=self[f"{name}-source"],
                attribute=self[f"{name}-attribute"],
                transform=self[f"{name}-transform"],
                json=self[f"{name}-json"],
                can_go=name not in FIRST_MAPPED,
            )
            for name, cells in self.cells.items()
        ]

    @property
    def more(self) -> list[AttributeInfo]:
        """Attributes that could be added."""
        return [info for name, info in self._attributes.items() if name not in self.cells]

    @property
    def missing(self) -> list[AttributeInfo]:
        """Attributes without which an identity is incomplete, and that nothing is mapped to."""
        return [
            info
            for name, info in self._attributes.items()
            if info.is_required and not (name in self.cells and self.cells[name].is_mapped)
        ]

    @property
    def missing_names(self) -> str:
        return ", ".join(str(info.label) for info in self.missing)

    def drafts(self, *, typing: bool = False) -> list[MappingDraft]:
        """What a valid form maps; a transform that is no JSON becomes an error of its row.

        While somebody is `typing`, a row whose transform is not begun yet is left out: nothing is
        wrong before anything was typed.
        """
        drafts = []
        for name, cells in self.cells.items():
            if not cells.is_mapped:
                continue
            definition = None
            if typing and cells.transform == WRITTEN and not cells.json.strip():
                continue
            if cells.transform == WRITTEN:
                try:
                    definition = parse_definition(cells.json)
                except BadExport as error:
                    self.add_error(f"{name}-json", error.message)
                    continue
            drafts.append(self._choices.draft(name, cells, definition))
        return drafts

    def explain(self, error: DomainError) -> None:
        """Say what the domain refused at the rows that it names, or above the form."""
        if isinstance(error, BadDefinition):
            for problem in error.problems:
                name, _space, path = problem.path.partition(" ")
                if name in self.cells:
                    said = f"{path}: {problem.message}" if path else problem.message
                    self.add_error(f"{name}-transform", said)
                else:
                    self.add_error(None, str(problem))
        elif isinstance(error, BadMapping) and error.field in self.cells:
            self.add_error(f"{error.field}-attribute", error.message)
        else:
            self.add_error(None, error.message)


@dataclass(frozen=True)
class _Choices:
    """What the selects of all rows offer, read once."""

    sources: dict[str, Source]
    schemas: dict[str, list[str]]
    transforms: dict[str, Transform]

    @staticmethod
    def of(profile: IdentityProfile, rows: Iterable[Cells]) -> _Choices:
        own = profile.source
        others = Source.objects.existing().exclude(pk=own.pk).order_by("name", "id")
        sources = {str(source.pk): source for source in [own, *others]}
        read = {cells.source for cells in rows} & sources.keys() | {str(own.pk)}
        schemas: dict[str, list[str]] = {name: [] for name in read}
        attributes = SchemaAttribute.objects.filter(source__in=_ids(read))
        for source_id, name in attributes.order_by("pk").values_list("source_id", "name"):
            schemas[str(source_id)].append(name)
        transforms = {str(row.pk): row for row in queries.transforms().order_by("name")}
        return _Choices(sources, schemas, transforms)

    def fields(self, name: str, info: AttributeInfo, cells: Cells) -> dict[str, forms.Field]:
        """The fields of one row."""
        label: dict[str, Any] = {"label": str(info.label)}
        names = list(self.schemas.get(cells.source, []))
        if cells.attribute and cells.attribute not in names:
            names.append(cells.attribute)  # the domain says that it is not there
        return {
            f"{name}-source": forms.ChoiceField(
                **label,
                choices=[(key, source.name) for key, source in self.sources.items()],
                widget=_select(_("Source of %(name)s"), info, **ANOTHER_SOURCE),
                error_messages={"invalid_choice": _("This source is gone. Choose another one.")},
            ),
            f"{name}-attribute": forms.ChoiceField(
                **label,
                required=False,
                choices=[("", _("Not mapped")), *((value, value) for value in names)],
                widget=_select(_("Attribute for %(name)s"), info),
            ),
            f"{name}-transform": forms.ChoiceField(
                **label,
                required=False,
                choices=[
                    ("", _("No transform")),
                    *((key, row.name) for key, row in self.transforms.items()),
                    (WRITTEN, _("Written here (JSON)")),
                ],
                widget=_select(_("Transform for %(name)s"), info),
                error_messages={"invalid_choice": _("This transform is gone. Choose another.")},
            ),
            f"{name}-json": forms.CharField(
                **label,
                required=False,
                max_length=LONGEST_JSON,
                strip=False,
                widget=forms.Textarea(
                    attrs={
                        "rows": 4,
                        "class": "mono",
                        "spellcheck": "false",
                        "aria-label": _("Transform of %(name)s as JSON") % {"name": info.label},
                        "aria-describedby": f"written-{name}",
                    }
                ),
            ),
        }

    def draft(self, name: str, cells: Cells, definition: Mapping[str, Any] | None) -> MappingDraft:
        return MappingDraft(
            attribute=name,
            source_attribute=cells.attribute,
            source=self.sources[cells.source],
            transform=self.transforms.get(cells.transform),
            definition=definition,
        )


def _select(label: str, info: AttributeInfo, **attributes: str) -> forms.Select:
    return forms.Select(attrs={"aria-label": label % {"name": info.label}, **attributes})


def seal(rows: Mapping[str, Cells]) -> str:
    """The rows as they stood when the form was opened, for the form to carry along."""
    values = {name: asdict(cells) for name, cells in rows.items() if cells.is_mapped}
    return signing.dumps(values, salt=OPENED_SALT, compress=True)


def unseal(text: str) -> dict[str, Cells] | None:
    """The rows of `seal`; None where the text is none of ours."""
    try:
        values = signing.loads(text, salt=OPENED_SALT)
    except signing.BadSignature:
        return None
    return {name: Cells(**cells) for name, cells in values.items()}


def in_words(
    cells: Cells | None, sources: Sequence[Source], transforms: Sequence[Transform]
) -> str:
    """A row in one line, such as "Service Accounts › name › To Lower"."""
    if cells is None or not cells.is_mapped:
        return _("Not mapped")
    source = next((s.name for s in sources if str(s.pk) == cells.source), "?")
    parts = [source, cells.attribute] if cells.attribute else []
    if cells.transform == WRITTEN:
        parts.append(cells.json)
    elif cells.transform:
        parts.append(next((t.name for t in transforms if str(t.pk) == cells.transform), "?"))
    return " › ".join(parts)
