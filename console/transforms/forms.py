from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib.errors import DomainError
from accounts.models import Identity, Source, SourceAccount
from accounts.profiles import trying
from accounts.profiles.library import NameTaken
from accounts.profiles.transforms.base import BadDefinition, Definition, Value
from accounts.profiles.transforms.export import BadExport, parse_definition
from accounts.sources import queries as sources
from console.ui.fields import not_called_optional

LONGEST_DEFINITION: Final = 256 * 1024
"""Characters, white space included; the domain bounds what it amounts to."""

LONGEST_VALUES: Final = 100_000

if TYPE_CHECKING:
    _SourceField = forms.ModelChoiceField[Source]
else:
    _SourceField = forms.ModelChoiceField  # it is generic only for the type checker


def _lines(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        max_length=LONGEST_VALUES,
        help_text=help_text,
        widget=forms.Textarea(attrs={"class": "mono", "rows": 3, "spellcheck": "false"}),
    )


class DefinitionForm(forms.Form):
    """A transform as JSON."""

    definition = forms.CharField(
        label=gettext_lazy("Definition"),
        strip=False,
        max_length=LONGEST_DEFINITION,
        widget=forms.Textarea(
            attrs={
                "class": "mono definition",
                "rows": 18,
                "spellcheck": "false",
                "autocomplete": "off",
                "autocapitalize": "off",
            }
        ),
        error_messages={
            "max_length": gettext_lazy("Shorten it: a definition has at most 64 KiB."),
            "required": gettext_lazy("Write a transform in braces, with a type."),
        },
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_definition(self) -> Definition:
        try:
            return parse_definition(self.cleaned_data["definition"])
        except BadExport as error:
            raise forms.ValidationError(error.message) from error

    def refuse(self, error: DomainError) -> None:
        """Say what the domain refused, each problem for itself, with its place."""
        if isinstance(error, BadDefinition):
            self.add_error("definition", list(map(str, error.problems)))
        elif error.field == "name" or isinstance(error, NameTaken):
            self.add_error("definition", f"$.name: {error.message}")
        else:
            self.add_error("definition" if error.field else None, error.message)


class TrialForm(forms.Form):
    """What a definition is tried with: an account, or typed values."""

    ACCOUNT, TYPED = "account", "typed"

    try_with = forms.ChoiceField(
        label=gettext_lazy("Try it with"),
        required=False,
        choices=[
            (ACCOUNT, gettext_lazy("An account")),
            (TYPED, gettext_lazy("Values typed here")),
        ],
        widget=forms.RadioSelect,
    )
    source = _SourceField(
        label=gettext_lazy("Source"),
        queryset=Source.objects.none(),
        error_messages={"required": gettext_lazy("Choose a source, or type values.")},
    )
    account = forms.CharField(
        label=gettext_lazy("Account"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Account ID or Account Name. Empty: the first one."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    attribute = forms.CharField(
        label=gettext_lazy("Attribute"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("What the mapping would name. Transforms without “input” read it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "list": "trial-attributes"}
        ),
    )
    given = forms.CharField(
        label=gettext_lazy("Input"),
        required=False,
        strip=False,
        max_length=LONGEST_VALUES,
        help_text=gettext_lazy("What the mapped attribute holds."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    account_values = _lines(
        gettext_lazy("Attributes of the account"),
        gettext_lazy("One a line, such as department = Sales. Any source has them."),
    )
    identity_values = _lines(
        gettext_lazy("Attributes of the identity"),
        gettext_lazy("One a line, such as email = audit01@example.com."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, person: Identity) -> None:
        """Without `data` it is tried with the first account that there is."""
        found = sources.for_list(person).order_by("name", "id")
        first = found.filter(account_count__gt=0).first()
        beginning: dict[str, Any] = {
            "try_with": self.ACCOUNT if first else self.TYPED,
            "source": first.pk if first else "",
        }
        if first is not None:
            named = first.attributes.filter(is_account_name=True).first()
            beginning["attribute"] = named.name if named else ""
        super().__init__(beginning if data is None else data)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = found
        field.empty_label = (
            _("Choose a source") if found.exists() else _("There is no source yet: type values")
        )
        field.required = self.data.get("try_with") != self.TYPED
        not_called_optional(self, "source")
        self.found: SourceAccount | None = None

    def clean_account_values(self) -> dict[str, Value]:
        return _pairs(self.cleaned_data["account_values"])

    def clean_identity_values(self) -> dict[str, Value]:
        return _pairs(self.cleaned_data["identity_values"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("try_with") == self.TYPED or self.errors:
            return cleaned
        source, attribute = cleaned.get("source"), cleaned.get("attribute", "").strip()
        assert source is not None
        names = list(source.attributes.order_by("position").values_list("name", flat=True))
        if attribute and attribute not in names:
            said = _("“%(source)s” has no such attribute. It has: %(names)s.")
            self.add_error("attribute", said % {"source": source, "names": ", ".join(names)})
        self.found = trying.account_for(source, cleaned.get("account", ""))
        if self.found is None and cleaned.get("account", "").strip():
            said = _("“%(source)s” has no account of this ID or name.")
            self.add_error("account", said % {"source": source})
        elif self.found is None:
            said = _("“%(source)s” has no accounts yet. Import some, or type values.")
            self.add_error("source", said % {"source": source})
        return cleaned


def _pairs(text: str) -> dict[str, Value]:
    """Values by name; several where a name stands on several lines.

    Raises:
        ValidationError: a line is none.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, sign, value = line.partition("=")
        if not sign or not name.strip():
            said = _("Line %(number)d: write name = value.")
            raise forms.ValidationError(said % {"number": number})
        found.setdefault(name.strip(), []).append(value.strip())
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
