from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.groups import actions
from accounts.lib.errors import DomainError
from accounts.models import Group, Membership, Share
from accounts.roles import reach
from console.groups import shown
from console.groups.views.detail import load
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.typed_name import TypedNameForm


@requires(Permission.GROUP_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    group = load(request, group_id)
    form = TypedNameForm(request.POST or None, called=group.name)
    if form.is_valid():
        try:
            actions.delete(by=request.user, group=group, at=timezone.now())
        except actions.GroupGone as error:
            messages.error(request, error.message)
            return redirect("groups:list")
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The group %(name)s is deleted.") % {"name": group.name})
            return redirect("groups:list")
    return render(request, "groups/delete.html", _asking(group) | {"form": form})


def _asking(group: Group) -> dict[str, Any]:
    """What the question before the act shows."""
    count = Membership.objects.current(timezone.now()).filter(group=group).count()
    said = ngettext(
        "%(count)d member does not belong to it any more, and loses its roles at once.",
        "%(count)d members do not belong to it any more, and lose its roles at once.",
        count,
    )
    roles = shown.roles_of(group, shown.above(group))
    nobody = _("It has no member: nobody loses anything.")
    consequences = [said % {"count": count} if count else nobody]
    if count and roles:
        consequences += [
            _("Who has one of the roles by another way keeps it."),
            _("Calls that need a scope of these roles are refused, also with tokens that are out."),
        ]
    shared = Share.objects.filter(group=group).count()
    if shared:
        said = ngettext(
            "%(count)d stored account is shared with its members no more.",
            "%(count)d stored accounts are shared with its members no more.",
            shared,
        )
        consequences.append(said % {"count": shared})
    return {
        "group": group,
        "children": list(group.children.order_by("name", "pk")[:10]),
        "consequences": consequences,
        "members": count,
        "roles": roles,
        "loses": shown.in_words(reach.of_group(group.pk)) if count else [],
    }
