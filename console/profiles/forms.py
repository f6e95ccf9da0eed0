from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.identities import queries as identities
from accounts.models import Identity, IdentityProfile, Source
from accounts.profiles import queries
from accounts.profiles.actions import DESCRIPTION_MAX_LENGTH, MOST_PRIORITY, Details
from accounts.profiles.lifecycle_states import queries as lifecycle_states
from accounts.profiles.models import InvitePolicy, ProfileKind, VanishedPolicy
from console.ui import conflicts
from console.ui.fields import OwnerField

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""

if TYPE_CHECKING:
    _SourceField = forms.ModelChoiceField[Source]
else:
    _SourceField = forms.ModelChoiceField  # it is generic only for the type checker


def _name() -> forms.CharField:
    return forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type a name.")},
    )


class NewProfileForm(forms.Form):
    """Create New Identity Profile."""

    name = _name()
    source = _SourceField(
        label=_("Account Source"),
        queryset=Source.objects.none(),
        empty_label=_("Choose a source"),
        help_text=_("It becomes authoritative: its accounts are made identities."),
        error_messages={
            "required": _("Choose the source of the accounts."),
            "invalid_choice": _("This source has an identity profile already, or is gone."),
        },
    )
    kind = forms.ChoiceField(
        label=_("What its identities are"),
        choices=[
            (ProfileKind.SERVICE, _("Service accounts: each has keys, scopes and an owner")),
            (ProfileKind.PERSON, _("People: each can be invited and sign in")),
        ],
        initial=ProfileKind.SERVICE,
        widget=forms.RadioSelect,
        help_text=_("This cannot be changed later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queries.possible_sources()


class SettingsForm(forms.Form):
    """The Settings tab."""

    name = _name()
    description = forms.CharField(
        label=_("Description"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": DESCRIPTION_MAX_LENGTH}),
    )
    owner = OwnerField(
        label=_("Owner"),
        queryset=Identity.objects.none(),
        required=False,
        empty_label=_("No owner"),
        help_text=_("The person who answers for the identities of this profile."),
        error_messages={"invalid_choice": _("Choose a person who can sign in.")},
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        help_text=_(
            "The lowest number comes first. An identity with accounts of several profiles "
            "belongs to the one that comes first."
        ),
        widget=forms.NumberInput(attrs={"min": 1, "max": MOST_PRIORITY}),
        error_messages=dict.fromkeys(("invalid", "required"), _("Type a whole number.")),
    )
    vanished_policy = forms.ChoiceField(
        label=_("When an account is no longer in the source"),
        choices=[
            (
                VanishedPolicy.DISABLE,
                _("Disable its identity: keys and tokens stop; it returns with its account"),
            ),
            (
                VanishedPolicy.REMOVE,
                _("Remove its identity: keys and tokens stop for good; its history stays"),
            ),
        ],
        widget=forms.RadioSelect,
    )
    invite_policy = forms.ChoiceField(
        label=_("Invitations"),
        choices=InvitePolicy.choices,
        widget=forms.RadioSelect,
        help_text=_("An invitation is a mail with a link to set the password, valid for 7 days."),
    )
    invite_state = forms.ChoiceField(
        label=_("Life-cycle state that invites"),
        required=False,
        help_text=_("Only for invitations by state."),
        error_messages={"invalid_choice": _("Choose a life-cycle state of this profile.")},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
    opened = conflicts.OpenedField()

    def __init__(self, *args: Any, profile: IdentityProfile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["invite_state"]
        assert isinstance(state, forms.ChoiceField)
        states = [(s.technical_name, s.name) for s in lifecycle_states.of(profile)]
        state.choices = [("", _("None")), *states]
        owner = self.fields["owner"]
        assert isinstance(owner, OwnerField)
        people = identities.possible_owners()
        if profile.owner_id is not None:
            present = Identity.objects.filter(pk=profile.owner_id)
            people = (people | present).order_by("display_name", "id")
        owner.queryset = people

    @staticmethod
    def stored(profile: IdentityProfile) -> dict[str, Any]:
        names = SettingsForm.base_fields.keys() - {"opened"}
        return {name: getattr(profile, name) for name in names} | {"owner": profile.owner_id}

    def details(self) -> Details:
        """What a valid form says."""
        own = conflicts.OWN_FIELDS
        values = {name: v for name, v in self.cleaned_data.items() if name not in own}
        return Details(**values)


class NewAttributeForm(forms.Form):
    """An identity attribute that the tenant adds."""

    prefix = "custom"

    label = forms.CharField(
        label=_("Label"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What people read, such as Employee Number."),
        error_messages={"required": _("Type a label.")},
    )
    name = forms.CharField(
        label=_("Technical name"),
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Letters, digits and _, such as employeeNumber. It cannot be changed later."),
        error_messages={"required": _("Type a technical name.")},
    )
