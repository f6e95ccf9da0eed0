from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.authorization.permissions import IN_WORDS, Permission
from accounts.groups import memberships
from accounts.groups.models import Approvers
from accounts.identities.models import Identity
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Detail, Details, Kind, Shown, Wish
from accounts.requests.models import AccessRequest
from accounts.requests.queries import approved_by
from accounts.requests.states import Rule
from accounts.roles import reach
from accounts.roles.assigning import check_until
from accounts.vault.queries import shares_given_by

RULES = {Approvers.EITHER: Rule.ANYONE, Approvers.BOTH: Rule.ALL}


class GroupMembership(Kind):
    label: str | Promise = gettext_lazy("Membership of a group")
    description: str | Promise = gettext_lazy(
        "Have one of your service accounts, or yourself, in a group, with the rights that it gives."
    )
    stands_in = gettext_lazy("The manager of the group decides, where it has one.")
    who_else = gettext_lazy("The manager of the group may be asked as well.")
    takes = (
        Detail("group", gettext_lazy("ID of a group that may be requested."), required=True),
        Detail("account", gettext_lazy("ID of a service account that you own; empty: yourself.")),
        Detail("until", gettext_lazy("Date and time of the end, with its zone; empty: for good.")),
    )

    def understand(self, by: Identity, details: Details) -> Wish:
        account = reading.own_account(by, details) if details.get("account") else None
        group = reading.group_to_ask_for(details)
        until = reading.moment(details, "until")
        check_until(until, timezone.now())
        member = account.identity if account else by
        return Wish(
            details={
                "member": str(member.pk),
                "group": str(group.pk),
                "until": until.isoformat() if until else "",
            },
            requested_for=member,
            stands_in=group.manager,
            also=None if group.approvers == Approvers.MANAGER else group.manager,
            rule=RULES.get(Approvers(group.approvers), Rule.ALL),
        )

    def shown(self, details: Details) -> list[Shown]:
        group, member = reading.group_to_ask_for(details), _member(details)
        carried = reach.of_group(group.pk)
        subject = "identity" if member.is_person else "service_account"
        until = reading.moment(details, "until")
        lines = [
            Shown(
                _("Member"),
                _named(member),
                (subject, str(member.pk)),
            ),
            Shown(_("Group"), group.name, ("group", str(group.pk))),
            Shown(_("Until"), until.isoformat() if until else _("For good"), at=until),
            Shown(_("Scopes it gives"), ", ".join(sorted(carried.scopes)) or _("None")),
        ]
        words = [str(IN_WORDS[each]) for each in Permission if each in carried.permissions]
        lines.append(Shown(_("What it allows in the console"), "; ".join(words) or _("Nothing")))
        parts = shares_given_by(group, timezone.now()) if member.is_person else {}
        if parts:
            # how many and not which: whoever asks or decides need not know of them
            said = "; ".join(f"{role.label}: {count}" for role, count in parts.items())
            lines.append(Shown(_("Stored accounts that it shares"), said))
        return lines

    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        details = request.details
        group, member = reading.group_to_ask_for(details), _member(details)
        account = getattr(member, "service_account", None)
        if account is not None:
            reading.check_still_theirs(request.requester, account)
        until = reading.moment(details, "until")
        told = approved_by(request)
        memberships.add(by=by, group=group, identity=member, until=until, at=at, detail=told)
        return {"group": group.name, "member": member.user_name}


def _named(member: Identity) -> str:
    """A service account is mostly called as it signs in: that is said once."""
    name, user_name = member.display_name, member.user_name
    return name if name == user_name else f"{name} ({user_name})"


def _member(details: Details) -> Identity:
    found = Identity.objects.existing().filter(pk=details["member"]).first()
    if found is None:
        raise reading.Gone(_("Who was to be a member"))
    return found
