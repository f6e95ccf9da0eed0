from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Group, Membership, Role, RoleAssignment
from accounts.roles import actions, reach
from console.roles import shown
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.typed_name import TypedNameForm

NAMED: Final = 20


@requires(Permission.ROLE_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, role_id: UUID) -> HttpResponse:
    role = get_object_or_404(Role, pk=role_id)
    form = TypedNameForm(request.POST or None, called=role.name)
    if form.is_valid():
        try:
            actions.delete(by=request.user, role=role, at=timezone.now())
        except actions.RoleGone as error:
            messages.error(request, error.message)
            return redirect("roles:list")
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The role %(name)s is deleted.") % {"name": role.name})
            return redirect("roles:list")
    return render(request, "roles/delete.html", _asking(role) | {"form": form})


def _asking(role: Role) -> dict[str, Any]:
    """What the question before the act shows."""
    now = timezone.now()
    groups = Group.objects.filter(group_roles__role=role).order_by("name", "pk")
    named = list(groups[: NAMED + 1])
    members = Membership.objects.current(now).filter(group__in=groups.order_by()).count()
    direct = RoleAssignment.objects.current(now).filter(role=role).count()
    of_groups = ngettext(
        "%(count)d membership of a group gives it no more.",
        "%(count)d memberships of groups give it no more.",
        members,
    )
    of_identities = ngettext(
        "It is taken off %(count)d identity that has it directly.",
        "It is taken off %(count)d identities that have it directly.",
        direct,
    )
    consequences = [of_groups % {"count": members}] if members else []
    consequences += [of_identities % {"count": direct}] if direct else []
    containers = [c.role for c in role.containers.select_related("role").order_by("role__name")]
    if consequences or containers:
        consequences += [
            _("Calls that need one of its scopes are refused, also with tokens that are out."),
            _("What somebody has by another role as well, they keep."),
        ]
    else:
        consequences = [_("Nobody has it: nobody loses anything.")]
    return {
        "role": role,
        "consequences": consequences,
        "groups": named[:NAMED],
        "more_groups": max(groups.count() - NAMED, 0) if len(named) > NAMED else 0,
        "containers": containers,
        "loses": shown.in_words(reach.of_roles([role.pk])),
    }
