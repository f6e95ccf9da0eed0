from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Event, Identity
from console.personal_access_tokens import samples
from console.ui import rights
from console.ui.access import ConsoleRequest, requires
from console.ui.events import lines
from console.ui.levels import labels_of
from console.ui.personal_access_tokens import row
from tokens.access_tokens.lifetimes import longest_seconds
from tokens.models import Credential
from tokens.personal_access_tokens import policies, queries
from tokens.personal_access_tokens.queries import TokenStatus, status_of
from tokens.scopes.effective import effective, of_identity
from tokens.usage.queries import of_credential

REFUSALS_READ = 200
REFUSALS_SHOWN = 10
DEEDS_SHOWN = 10


@requires(Permission.TOKEN_OWN)
@require_safe
def detail(request: ConsoleRequest, token_id: UUID) -> HttpResponse:
    now = timezone.now()
    token = get_object_or_404(queries.visible_to(request.user), pk=token_id)
    used = of_credential(token, now)
    verdicts = effective(of_identity(token.identity, token=token.scopes))
    status = status_of(token, now)
    context = {
        "token": token,
        "row": row(token, now),
        "is_mine": token.identity_id == request.user.pk,
        "notes": _notes(token, status, refused=len(verdicts.refused)),
        "facts": _facts(token, used.address),
        "rights_lede": _says_now(status),
        "rights": rights.lines(verdicts, used=used.scopes),
        "refusals": _refusals(token) if _sees_reasons(request.user, token) else None,
        **_deeds(request.user, token),
        "examples": samples.for_token(token, carried=verdicts.reach)
        if status == TokenStatus.ACTIVE
        else [],
        "may_edit": not token.revoked_at and policies.may_make_for(request.user, token.identity),
        "may_revoke": not token.revoked_at and policies.may_revoke(request.user, token),
    }
    return render(request, "personal_access_tokens/detail.html", context)


def _sees_reasons(person: Identity, token: Credential) -> bool:
    return may(person, Permission.TOKEN_VIEW_ALL) or policies.may_revoke(person, token)


def _refusals(token: Credential) -> list[Event]:
    """The newest refusals of this very token, with their full reasons."""
    kind = policies.audit_type_of(token.identity)
    found = audit.recent_refusals(kind, token.identity_id, limit=REFUSALS_READ)
    own = [event for event in found if event.detail.get("credential") == str(token.pk)]
    return own[:REFUSALS_SHOWN]


def _deeds(person: Identity, token: Credential) -> dict[str, Any]:
    """What was done with this very token last, and where all of it is listed."""
    if not _sees_reasons(person, token):
        return {"deeds": None}
    events = audit.for_list(audit.Wanted(credential_ids=[token.pk]))[:DEEDS_SHOWN]
    may_search = may(person, Permission.AUDIT_VIEW)
    return {
        "deeds": lines(events, person=person),
        "all_deeds": f"{reverse('audit:list')}?credential={token.pk}" if may_search else "",
    }


def _notes(token: Credential, status: TokenStatus, *, refused: int) -> list[dict[str, Any]]:
    """What needs attention, most urgent first."""
    name, notes = token.identity.display_name, []
    if status == TokenStatus.SUSPENDED:
        notes.append(_suspended(token))
    if status == TokenStatus.EXPIRED:
        text = _("Make a new one for whatever still needs it, and revoke this one.")
        notes.append({"tone": "danger", "title": _("This token has expired"), "text": text})
    if refused and status != TokenStatus.REVOKED:
        title = ngettext("%(n)d scope gives nothing", "%(n)d scopes give nothing", refused)
        text = _(
            "%(name)s does not carry what is struck through below; the reason stands there. Give "
            "%(name)s what is missing, or take the scope off this token."
        )
        notes.append(
            {"tone": "notice", "title": title % {"n": refused}, "text": text % {"name": name}}
        )
    return notes


def _suspended(token: Credential) -> dict[str, Any]:
    """Why the token rests, and where that is mended."""
    holder, account = token.identity, policies.account_of(token.identity)
    text = _("Nothing is issued for the token, and what was issued is refused.")
    if holder.deleted_at is not None:
        title = _("Suspended: %(name)s is deleted")
        return {"tone": "danger", "title": title % {"name": holder.display_name}, "text": text}
    if holder.disabled_at is not None:
        title = _("Suspended: %(name)s is disabled")
        text += " " + _("It works again once %(name)s is enabled.")
    else:
        title = _("Suspended: %(name)s has ended")
        text += " " + _("It works again once %(name)s has a later end, or none.")
    told = {"name": holder.display_name}
    note = {"tone": "danger", "title": title % told, "text": text % told}
    if account is not None:
        note["url"] = reverse("service_accounts:detail", args=[account.pk])
        note["action"] = _("Open %(name)s") % told
    return note


def _says_now(status: TokenStatus) -> str:
    """How the verdicts on its scopes are to be read."""
    match status:
        case TokenStatus.REVOKED:
            return _("It is revoked and does nothing any more. This is how its scopes stand now.")
        case TokenStatus.EXPIRED:
            return _("It has expired and does nothing any more. This is how its scopes stand now.")
        case TokenStatus.SUSPENDED:
            return _("While it is suspended it does nothing. This is how its scopes stand now.")
        case _:
            return _("Each scope within the scopes and user levels of its holder, as they are now.")


def _facts(token: Credential, address: str) -> list[dict[str, Any]]:
    holder, account = token.identity, policies.account_of(token.identity)
    acts_for: dict[str, Any] = {"label": _("Acts for"), "value": holder.display_name}
    if account is not None:
        acts_for["url"] = reverse("service_accounts:detail", args=[account.pk])
    return [
        {"label": _("ID (client ID)"), "value": token.client_id, "copy": True},
        {"label": _("Token URL"), "value": samples.token_url(), "copy": True},
        acts_for,
        {"label": _("User levels of its holder"), "value": ", ".join(labels_of(holder.levels))},
        {"label": _("Expires"), "at": token.expires_at, "missing": _("Never"), "exact": True},
        {"label": _("Lifetime of its access tokens"), "value": _lasting(token)},
        {"label": _("Last used"), "at": token.last_used_at, "missing": _("Never used")},
        {"label": _("Last used from"), "value": address or _("Never used")},
        {"label": _("Created"), "at": token.created_at},
        {"label": _("Created by"), "value": token.created_by},
        *_ended(token),
    ]


def _lasting(token: Credential) -> str:
    seconds, longest = token.access_token_seconds or 0, longest_seconds()
    said = ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds <= longest:
        return said
    return _("%(seconds)s, of which the tenant allows %(longest)d") % {
        "seconds": said,
        "longest": longest,
    }


def _ended(token: Credential) -> list[dict[str, Any]]:
    at: datetime | None = token.revoked_at
    if at is None:
        return []
    return [
        {"label": _("Revoked"), "at": at, "exact": True},
        {"label": _("Revoked by"), "value": token.revoked_by},
    ]
