from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.groups import memberships
from accounts.groups.policies import may_change_members
from accounts.lib.errors import DomainError
from accounts.models import Group, Identity, Membership
from accounts.roles import reach
from accounts.service_accounts.queries import choosable_by
from console.groups import shown
from console.groups.forms import AddMemberForm, EndForm, JoinForm
from console.groups.views.detail import load
from console.ui import days, identity_choice
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error
from console.ui.redirects import own_path

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.GROUP_MANAGE_OWN, Permission.GROUP_MANAGE)
@step_up
@require_http_methods(METHODS)
def add(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    group = _load(request, group_id)
    form = AddMemberForm(request.POST or None, person=request.user)
    if form.is_valid() and _put(request, form, group, form.cleaned_data["identity"]):
        if "another" in request.POST:
            return redirect("groups:add_member", group.pk)
        return redirect("groups:members", group.pk)
    typed = str(form["identity"].value() or "")
    context = {
        "group": group,
        "form": form,
        "offered": identity_choice.offered(request.user, typed),
        "gives": shown.in_words(reach.of_group(group.pk)),
    }
    return render(request, "groups/add_member.html", context)


@requires(Permission.GROUP_MANAGE_OWN, Permission.GROUP_MANAGE)
@require_safe
def names(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    """What the browser may complete what is typed to."""
    _load(request, group_id)
    found = identity_choice.offered(request.user, request.GET.get("identity", ""))
    return render(request, "groups/_names.html", {"offered": found})


@requires(Permission.GROUP_MANAGE_OWN, Permission.GROUP_MANAGE)
@step_up
@require_http_methods(METHODS)
def change(request: ConsoleRequest, group_id: UUID, identity_id: UUID) -> HttpResponse:
    """Another last day for somebody who belongs to the group."""
    group = _load(request, group_id)
    membership = _membership(group, identity_id)
    # a form of nothing says "no end", so `request.POST or None` would not do
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, initial={"until": days.day_of(membership.until)})
    if form.is_valid() and _put(request, form, group, membership.identity, membership):
        return redirect(_back(request, group))
    context = {"group": group, "membership": membership, "form": form}
    return render(request, "groups/member.html", context | {"back": _back(request, group)})


@requires(Permission.GROUP_MANAGE_OWN, Permission.GROUP_MANAGE)
@require_http_methods(METHODS)
def remove(request: ConsoleRequest, group_id: UUID, identity_id: UUID) -> HttpResponse:
    group = _load(request, group_id)
    membership = _membership(group, identity_id)
    identity = membership.identity
    if request.method == "POST":
        try:
            memberships.remove(by=request.user, group=group, identity=identity, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("%(name)s does not belong to %(group)s any more.")
            about = {"name": identity.display_name, "group": group.name}
            messages.success(request, said % about)
        return redirect(_back(request, group))
    context = {
        "group": group,
        "membership": membership,
        "loses": shown.in_words(reach.of_group(group.pk)),
        "back": _back(request, group),
    }
    return render(request, "groups/remove_member.html", context)


@requires(Permission.GROUP_MANAGE_OWN, Permission.GROUP_MANAGE)
@step_up
@require_http_methods(METHODS)
def join(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """A group for somebody, from their own page."""
    identity = get_object_or_404(choosable_by(request.user), pk=identity_id)
    groups = Group.objects.visible_to(request.user)
    if not may(request.user, Permission.GROUP_MANAGE):
        groups = groups.filter(manager=request.user)
    held = Membership.objects.current(timezone.now()).filter(identity=identity)
    left = groups.exclude(pk__in=held.values("group_id")).order_by("name", "pk")
    form = JoinForm(request.POST or None, groups=left)
    back = _back_to_identity(request, identity)
    if form.is_valid() and _put(request, form, form.cleaned_data["group"], identity):
        return redirect(back)
    context = {"identity": identity, "form": form, "back": back, "has_groups": left.exists()}
    return render(request, "groups/join.html", context)


def _put(
    request: ConsoleRequest,
    form: EndForm,
    group: Group,
    identity: Identity,
    known: Membership | None = None,
) -> bool:
    """Let somebody belong to the group; false, with the reason in the form, if they may not."""
    until = days.end_of(form.cleaned_data["until"], known=known.until if known else None)
    try:
        memberships.add(
            by=request.user, group=group, identity=identity, until=until, at=timezone.now()
        )
    except DomainError as error:
        add_error(form, error)
        return False
    said = _("%(name)s belongs to %(group)s.")
    messages.success(request, said % {"name": identity.display_name, "group": group.name})
    return True


def _load(request: ConsoleRequest, group_id: UUID) -> Group:
    group = load(request, group_id)
    if not may_change_members(request.user, group):
        refuse(request, Permission.GROUP_MANAGE)
    return group


def _membership(group: Group, identity_id: UUID) -> Membership:
    rows = Membership.objects.current(timezone.now()).select_related("identity")
    return get_object_or_404(rows, group=group, identity=identity_id)


def _back(request: ConsoleRequest, group: Group) -> str:
    default = reverse("groups:members", args=[group.pk])
    return own_path(request.GET.get("back", ""), default)


def _back_to_identity(request: ConsoleRequest, identity: Identity) -> str:
    page = "identities" if identity.is_person else "service_accounts"
    return own_path(request.GET.get("back", ""), reverse(f"{page}:groups", args=[identity.pk]))
