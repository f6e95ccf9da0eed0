from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identities import queries as identities
from accounts.models import Identity, Source
from accounts.sources import secrets
from accounts.sources.actions import Details
from accounts.sources.connectors import connectors
from accounts.sources.connectors.base import (
    AttributeDraft,
    ConfigField,
    Connector,
    Type,
    connector_choices,
)
from console.ui import conflicts
from console.ui.fields import OwnerField

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""


def _text(
    label: Any,
    *,
    required: bool = True,
    empty: Any = "",
    help_text: Any = "",
    lines: int = 1,
    most: int = LONGEST_INPUT,
) -> Any:
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    widget = (
        forms.TextInput(attrs=attributes)
        if lines == 1
        else forms.Textarea(attrs={**attributes, "rows": lines})
    )
    return forms.CharField(
        label=label,
        required=required,
        error_messages={"required": empty},
        strip=False,
        max_length=most,
        help_text=help_text,
        widget=widget,
    )


class SourceForm(forms.Form):
    """What a source is called, who answers for it, and what its connector needs to know."""

    name = _text(gettext_lazy("Name"), empty=gettext_lazy("Type a name."))
    description = _text(gettext_lazy("Description"), required=False, lines=3)
    owner = OwnerField(
        label=gettext_lazy("Owner"),
        queryset=Identity.objects.none(),
        required=False,
        empty_label=gettext_lazy("No owner"),
        help_text=gettext_lazy("The person who answers for the accounts of this source."),
        error_messages={
            "invalid_choice": gettext_lazy("Choose a person who can sign in."),
        },
    )

    def __init__(
        self,
        *args: Any,
        connector: Connector,
        source: Source | None = None,
        first_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.connector = connector
        self.source = source
        self.declared = [f for f in connector.fields if f.required or f.first or not first_only]
        owner = self.fields["owner"]
        assert isinstance(owner, OwnerField)
        people = identities.possible_owners()
        if source is not None and source.owner_id is not None:
            present = Identity.objects.filter(pk=source.owner_id)
            people = (people | present).order_by("display_name", "id")
        owner.queryset = people
        for declared in self.declared:
            self.fields[declared.name] = _config_field(declared)
        known = secrets.names(source) if source is not None else {}
        for secret in connector.secrets:
            kept = secret.name in known
            said: dict[str, Any] = {
                "label": secret.label,
                "help_text": _("It is set. Leave this empty to keep it.")
                if kept
                else secret.help_text,
            }
            self.fields[secret.name] = forms.CharField(
                required=False,  # whether it is depends on the settings; the domain says so
                strip=False,
                **said,
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            )

    def keep_owner(self, person: Identity) -> None:
        """Take the choice of an owner away: the source is this person's."""
        owner = self.fields["owner"]
        assert isinstance(owner, OwnerField)
        owner.queryset = Identity.objects.filter(pk=person.pk)
        owner.empty_label = None

    @property
    def config_fields(self) -> list[forms.BoundField]:
        """Each setting, and below it the secrets that belong to it."""
        secrets = self.connector.secrets
        names = [s.name for s in secrets if not s.after]
        for declared in self.declared:
            names += [declared.name, *(s.name for s in secrets if s.after == declared.name)]
        return [self[name] for name in names]

    def config(self) -> dict[str, Any]:
        """The settings that a valid form holds."""
        return {f.name: self.cleaned_data[f.name] for f in self.declared}

    @property
    def typed_secret(self) -> bool:
        """Whether the browser would have to be told a secret to keep the form as it is."""
        return self.is_valid() and any(self.typed_secrets().values())

    def typed_secrets(self) -> dict[str, str]:
        return {secret.name: self.cleaned_data[secret.name] for secret in self.connector.secrets}

    def details(self, *, percent: int, deletion_disabled: bool) -> Details:
        """What a valid form says."""
        cleaned = self.cleaned_data
        return Details(
            name=cleaned["name"],
            description=cleaned["description"],
            owner=cleaned["owner"],
            config=self.config(),
            secrets=self.typed_secrets(),
            delete_threshold_percent=percent,
            deletion_disabled=deletion_disabled,
        )


class NewSourceForm(SourceForm):
    connector_name = forms.ChoiceField(label=gettext_lazy("Connector"), widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, first_only=True, **kwargs)
        field = self.fields["connector_name"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = connector_choices()
        starts = self.connector.starts
        if starts:
            self.fields["start"] = forms.ChoiceField(
                label=_("Account Schema"),
                choices=[(name, start.label) for name, start in starts.items()],
                initial=next(iter(starts)),
                widget=forms.RadioSelect,
                help_text=_("To begin with: attributes can be added and removed next."),
            )

    @property
    def start_field(self) -> forms.BoundField | None:
        return self["start"] if "start" in self.fields else None

    @property
    def start(self) -> str:
        """The schema that was chosen to begin with; empty where there is no choice."""
        return str(self.cleaned_data.get("start", ""))


class ConfigurationForm(SourceForm):
    """All of Edit Configuration."""

    deletion_disabled = forms.BooleanField(
        label=gettext_lazy("Disable Account Deletion"),
        required=False,
        help_text=gettext_lazy("Accounts that are missing from a file stay."),
    )
    delete_threshold_percent = forms.IntegerField(
        label=gettext_lazy("Account Delete Threshold (%)"),
        help_text=gettext_lazy(
            "The max percent of deleted accounts allowed per aggregation, rounded down, but always "
            "one account. An import that would delete more is held."
        ),
        error_messages=dict.fromkeys(
            ("invalid", "required"), gettext_lazy("Choose a percentage from 1 to 100.")
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
    opened = conflicts.OpenedField()

    @staticmethod
    def stored(source: Source) -> dict[str, Any]:
        config: Mapping[str, Any] = source.config
        return dict(config) | {
            "name": source.name,
            "description": source.description,
            "owner": source.owner_id,
            "deletion_disabled": source.deletion_disabled,
            "delete_threshold_percent": source.delete_threshold_percent,
            "revision": source.revision,
        }


def _config_field(declared: ConfigField) -> forms.Field:
    said: dict[str, Any] = {
        "label": declared.label,
        "help_text": declared.help_text,
        "initial": declared.default,
    }
    if declared.kind is bool:
        return forms.BooleanField(required=False, **said)
    if declared.kind is int:
        needed = dict.fromkeys(("invalid", "required"), _("Type a whole number."))
        return forms.IntegerField(
            **said,
            error_messages=needed,
            widget=forms.NumberInput(attrs={"min": declared.least, "max": declared.most}),
        )
    if declared.choices:
        return forms.ChoiceField(required=declared.required, choices=declared.choices, **said)
    field: forms.Field = _text(
        said["label"],
        required=declared.required,
        empty=_("Fill this in: the source cannot be read without it."),
        help_text=said["help_text"],
        lines=declared.lines,
        most=max(LONGEST_INPUT, declared.max_length),
    )
    field.initial = declared.default
    return field


def connector_of(name: str) -> tuple[str, Connector]:
    """The connector of a name; the first where there is none of it."""
    known = connectors.keys()
    found = name if name in known else next(iter(known))
    return found, connectors.get(found)


class AttributeForm(forms.Form):
    """One row of the account schema."""

    name = _text(
        gettext_lazy("Attribute Name"),
        empty=gettext_lazy("Type the heading of the column."),
        help_text=gettext_lazy("The column's heading."),
    )
    description = _text(gettext_lazy("Description"), required=False)
    type = forms.ChoiceField(
        label=gettext_lazy("Type"), choices=[(kind.value, kind.value.lower()) for kind in Type]
    )
    is_entitlement = forms.BooleanField(
        label=gettext_lazy("Entitlement"),
        required=False,
        help_text=gettext_lazy("Its values give access, such as groups."),
    )
    is_multi_valued = forms.BooleanField(
        label=gettext_lazy("Multi-Valued"),
        required=False,
        help_text=gettext_lazy("An account may have several values: one a row, rows adjacent."),
    )
    is_account_id = forms.BooleanField(
        label=gettext_lazy("Account ID"),
        required=False,
        help_text=gettext_lazy("Tells accounts apart. The badge moves here from another one."),
    )
    is_account_name = forms.BooleanField(
        label=gettext_lazy("Account Name"),
        required=False,
        help_text=gettext_lazy("What an account is called. The badge moves here from another one."),
    )
    opened = conflicts.OpenedField()

    def draft(self) -> AttributeDraft:
        values = {name: v for name, v in self.cleaned_data.items() if name != "opened"}
        return AttributeDraft(**values)

    def opened_on(self) -> AttributeDraft | None:
        """The attribute that a valid form was opened on; None where it does not say."""
        values = conflicts.read_opened(self.cleaned_data["opened"])
        return AttributeDraft(**values | {"type": Type(values["type"])}) if values else None


class SchemaFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Schema file"),
        help_text=gettext_lazy(
            "A CSV file whose first line names the columns, or JSON as Download Schema gives it."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty (0 bytes)."),
        },
    )


class ReasonForm(forms.Form):
    reason = _text(
        gettext_lazy("Reason"),
        empty=gettext_lazy("Say why."),
        help_text=gettext_lazy("It stands in the audit log."),
    )
