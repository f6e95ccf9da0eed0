from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.groups.paths import paths_of
from accounts.identities import invitations, policies, queries, resetting
from accounts.identities.invitations import CannotInvite
from accounts.lib.errors import DomainError
from accounts.models import Identity, Invitation
from console.identities.shown import levels_of
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.mail import say_where_mail_is
from console.ui.personal_access_tokens import row
from tokens.models import Credential
from tokens.personal_access_tokens import handover
from tokens.personal_access_tokens import queries as tokens

MADE_SHOWN: Final = 20


@requires(Permission.IDENTITY_RESET)
@step_up
@require_http_methods(["GET", "POST"])
def reset(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """Start over with somebody, after saying all that goes."""
    identity = get_object_or_404(queries.visible_to(request.user), pk=identity_id)
    unable = _why_not(identity)
    if request.method == "POST":
        try:
            sent = resetting.reset(by=request.user, identity=identity, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("%(name)s is reset. An invitation goes to %(email)s.")
            if sent is None:
                said = _("%(name)s is reset. No invitation goes out: %(why)s")
            values = {"name": identity, "email": identity.email, "why": unable}
            messages.success(request, said % values)
            if sent is not None:
                say_where_mail_is(request)
        return redirect("identities:detail", identity.pk)
    context = {
        "identity": identity,
        "consequences": _consequences(request.user, identity, unable),
        "unable": unable,
        "made": [row(token, timezone.now()) for token in _made(request.user, identity)],
    }
    return render(request, "identities/reset.html", context)


def _made(by: Identity, identity: Identity) -> list[Credential]:
    """What they made for service accounts, as far as whoever asks may see it."""
    found = handover.made_for_accounts(identity) & tokens.visible_to(by)
    return list(found[:MADE_SHOWN])


def _why_not(identity: Identity) -> str:
    """What keeps an invitation from following."""
    try:
        invitations.check_can_be_invited(identity, at=timezone.now())
    except CannotInvite as error:
        return error.message
    return ""


def _consequences(by: Identity, identity: Identity, unable: str) -> list[str]:
    said = [
        _("The password is forgotten, and every session ends at once."),
        _("Links to set a password that are out stop working."),
    ]
    if identity.levels:
        levels = ", ".join(levels_of(identity))
        said.append(_("The user levels are taken away: %(levels)s.") % {"levels": levels})
    if paths_of(identity, timezone.now()):
        said.append(_("Its roles are taken away, and it is taken out of its groups."))
    if identity.is_person:
        if held := tokens.held_by(identity).count():
            revoked = ngettext(
                "%(n)d personal access token of theirs is revoked, with all issued for it.",
                "%(n)d personal access tokens of theirs are revoked, with all issued for them.",
                held,
            )
            said.append(revoked % {"n": held})
        said.append(
            _("Second factors are removed.")
            if policies.may_take_factors(by)
            else _("Second factors stay, and are asked for after the new password.")
        )
    else:
        said.append(_("Keys and tokens of the service account go on working."))
    if not unable:
        said.append(_("A new invitation goes to %(email)s.") % {"email": identity.email})
    return said


@requires(Permission.IDENTITY_INVITE)
@require_POST
@step_up
def retry(request: ConsoleRequest, identity_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Try once more to mail what did not go out."""
    identity = get_object_or_404(queries.visible_to(request.user), pk=identity_id)
    its = Invitation.objects.select_related("identity").filter(identity=identity)
    invitation = get_object_or_404(its, pk=invitation_id)
    try:
        invitations.retry(by=request.user, invitation=invitation, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The mail is tried again now."))
    return redirect("identities:detail", identity.pk)
