"""The rows of the table of sentences that are about groups, roles and who has them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from console.ui import phrases
from console.ui.phrases import Action


def _role_given(event: Event) -> str:
    after = event.detail.get("after") or {}
    said = {**phrases.values(event), "role": after.get("role", "")}
    if after.get("until"):
        return _now("%(actor)s gave %(target)s role %(role)s for a time") % said
    return _now("%(actor)s gave %(target)s role %(role)s") % said


def _role_taken(event: Event) -> str:
    before = event.detail.get("before") or {}
    said = {**phrases.values(event), "role": before.get("role", "")}
    return _now("%(actor)s took role %(role)s off %(target)s") % said


def _role_ended(event: Event) -> str:
    before = event.detail.get("before") or {}
    said = {**phrases.values(event), "role": before.get("role", "")}
    return _now("Role %(role)s of %(target)s ran out") % said


def _handed_over(event: Event) -> str:
    before = event.detail.get("before") or {}
    said = {**phrases.values(event), "owner": before.get("owner", "")}
    if not said["owner"]:
        return _now("%(actor)s made %(target)s the Owner of the tenant") % said
    return _now("%(actor)s made %(target)s the Owner of the tenant, in place of %(owner)s") % said


MEMBERSHIP: Final[dict[str, Action]] = {
    "identity.became_owner": Action(_("Tenant handed over"), _handed_over),
    "group.created": Action(_("Group added"), _("%(actor)s added group %(target)s")),
    "group.edited": Action(_("Group edited"), _("%(actor)s changed group %(target)s")),
    "group.deleted": Action(_("Group deleted"), _("%(actor)s deleted group %(target)s")),
    "group.member_added": Action(
        _("Member added to a group"), _("%(actor)s added %(member)s to group %(target)s")
    ),
    "group.membership_changed": Action(
        _("Time of a member changed"),
        _("%(actor)s changed how long %(member)s belongs to group %(target)s"),
    ),
    "group.member_removed": Action(
        _("Member removed from a group"), _("%(actor)s removed %(member)s from group %(target)s")
    ),
    "group.membership_ended": Action(
        _("Membership ran out"), _("The time of %(member)s in group %(target)s ran out")
    ),
    "role.created": Action(_("Role added"), _("%(actor)s added role %(target)s")),
    "role.edited": Action(_("Role edited"), _("%(actor)s changed role %(target)s")),
    "role.deleted": Action(_("Role deleted"), _("%(actor)s deleted role %(target)s")),
    "identity.group_joined": Action(
        _("Group joined"), _("%(actor)s added %(target)s to group %(group)s")
    ),
    "identity.membership_changed": Action(
        _("Time in a group changed"),
        _("%(actor)s changed how long %(target)s belongs to group %(group)s"),
    ),
    "identity.group_left": Action(
        _("Group left"), _("%(actor)s removed %(target)s from group %(group)s")
    ),
    "identity.membership_ended": Action(
        _("Time in a group ran out"), _("The time of %(target)s in group %(group)s ran out")
    ),
    "identity.role_given": Action(_("Role given"), _role_given),
    "identity.role_taken": Action(_("Role taken"), _role_taken),
    "identity.role_ended": Action(_("Role ran out"), _role_ended),
}
