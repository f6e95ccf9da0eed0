from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.groups.actions import GroupDraft
from accounts.groups.models import Approvers
from accounts.identities import queries as identities
from accounts.models import Group, Identity, Role
from console.ui import conflicts
from console.ui.days import LastDayField
from console.ui.fields import OwnerField, not_called_optional
from console.ui.identity_choice import IdentityField

LONGEST_INPUT: Final = 4000
"""Characters; the domain has the real bounds, and says them better."""


class GroupForm(forms.Form):
    """What a group is called, who answers for it, below which it stands, and what it gives."""

    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type a name.")},
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who belongs in it and what for, for whoever asks to join."),
    )
    manager = OwnerField(
        label=_("Manager"),
        queryset=Identity.objects.none(),
        required=False,
        empty_label=_("No manager"),
        help_text=_(
            "Answers for the group. With the user level Role Admin or Role Sub-Admin they also "
            "change its members, as far as it gives no more than they may do themselves."
        ),
        error_messages={
            "invalid_choice": _("The manager must be a person who can sign in. Choose someone.")
        },
    )
    parent = forms.ModelChoiceField(
        label=_("Parent"),
        queryset=Group.objects.none(),
        required=False,
        empty_label=_("No parent"),
        help_text=_("Members of this group have the roles of the parent, too."),
        error_messages={"invalid_choice": _("Choose a group that exists, not this one.")},
    )
    may_be_requested = forms.BooleanField(
        label=_("May be requested"),
        required=False,
        help_text=_("People may ask to have themselves or an account of theirs in it."),
    )
    approvers = forms.ChoiceField(
        label=_("Who decides about requests"),
        required=False,
        choices=Approvers.choices,
        widget=forms.RadioSelect,
        initial=Approvers.MANAGER,
        help_text=_("Where it may be requested. Without a manager, the other one decides."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "bounded"}),
        help_text=_("Whoever belongs to the group has them. They cannot be taken off one member."),
        error_messages={"invalid_choice": _("One of the roles does not exist any more.")},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    opened = conflicts.OpenedField()

    def __init__(self, *args: Any, group: Group | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        people = identities.possible_owners()
        others = Group.objects.order_by("name", "pk")
        if group is not None:
            others = others.exclude(pk=group.pk)
            if group.manager_id:  # who was disabled since may stay
                kept = people | Identity.objects.filter(pk=group.manager_id)
                people = kept.order_by("display_name", "pk")
        manager, parent, roles = (self.fields[n] for n in ("manager", "parent", "roles"))
        assert isinstance(manager, OwnerField)
        assert isinstance(parent, forms.ModelChoiceField)
        assert isinstance(roles, forms.MultipleChoiceField)
        manager.queryset, parent.queryset = people, others
        found = Role.objects.order_by("name", "pk").values_list("pk", "name")
        had = set(_roles_of(group))
        listed = [(str(pk), name) for pk, name in found]
        # what is ticked comes first
        roles.choices = sorted(listed, key=lambda choice: choice[0] not in had)
        if not roles.choices:
            del self.fields["roles"]
        not_called_optional(self, "approvers")

    def draft(self) -> GroupDraft:
        cleaned = self.cleaned_data
        kept = [UUID(pk) for pk in _roles_of(self.group)]
        return GroupDraft(
            cleaned["name"],
            cleaned["description"],
            cleaned["manager"],
            cleaned["parent"],
            cleaned["may_be_requested"],
            [UUID(pk) for pk in cleaned["roles"]] if "roles" in cleaned else kept,
            Approvers(cleaned["approvers"] or Approvers.MANAGER),
        )

    @staticmethod
    def stored(group: Group) -> dict[str, Any]:
        return {
            "name": group.name,
            "description": group.description,
            "manager": group.manager_id,
            "parent": group.parent_id,
            "may_be_requested": group.may_be_requested,
            "approvers": group.approvers,
            "roles": _roles_of(group),
            "revision": group.revision,
        }


def _roles_of(group: Group | None) -> list[str]:
    if group is None:
        return []
    return sorted(str(pk) for pk in group.group_roles.values_list("role_id", flat=True))


class EndForm(forms.Form):
    """Until when somebody belongs to a group."""

    until = LastDayField()


class AddMemberForm(EndForm):
    """Who is to belong to a group."""

    identity = IdentityField(options_id="identity-names")
    field_order = ("identity", "until")

    def __init__(self, *args: Any, person: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["identity"]
        assert isinstance(field, IdentityField)
        field.person = person


class JoinForm(EndForm):
    """To which group somebody is to belong."""

    group = forms.ModelChoiceField(
        label=_("Group"),
        queryset=Group.objects.none(),
        empty_label=_("Choose a group"),
        error_messages={
            "required": _("Choose a group."),
            "invalid_choice": _("Choose a group that exists and whose members you may change."),
        },
    )
    field_order = ("group", "until")

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = groups
