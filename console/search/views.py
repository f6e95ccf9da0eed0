from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import queries as identities
from accounts.identities.models import IdentityKind
from accounts.models import Identity
from accounts.service_accounts.queries import visible_to
from console.search import further
from console.search.further import SHOWN
from console.ui.access import ConsoleRequest, requires
from tokens.service_accounts.queries import Wanted, narrow

TEXT_MAX_LENGTH: Final = 200


@requires(Permission.CONSOLE_OPEN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """What is found by name, id or key id, of what this person may see."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:TEXT_MAX_LENGTH]
    context: dict[str, Any] = {"search_query": text, "text": text}
    if text:
        accounts = _accounts(request.user, text, timezone.now())
        people = _people(request.user, text)
        context |= {
            "accounts": accounts[:SHOWN],
            "more_accounts_url": _more("service_accounts:list", text, accounts),
            "people": people[:SHOWN],
            "more_people_url": _more("identities:list", text, people),
            "sections": further.sections(request.user, text),
            "events_url": _events_url(request.user, text),
        }
        found = (accounts, people, context["sections"], context["events_url"])
        context["found_nothing"] = not any(found)
    return render(request, "search/list.html", context)


def _accounts(person: Identity, text: str, now: datetime) -> list[dict[str, Any]]:
    found = narrow(visible_to(person), Wanted(text=text), now).order_by("name", "pk")
    return [{"account": account, "state": account.status_at(now)} for account in found[: SHOWN + 1]]


def _people(person: Identity, text: str) -> list[Identity]:
    """People by name, user name, e-mail address or id; nobody for whoever may not list them."""
    if not may(person, Permission.IDENTITY_VIEW):
        return []
    wanted = identities.Wanted(text=text, kind=IdentityKind.PERSON)
    found = identities.for_list(person, wanted, timezone.now()).order_by("display_name", "pk")
    return list(found[: SHOWN + 1])


def _more(view: str, text: str, found: list[Any]) -> str:
    """The list that shows what did not fit; empty where everything did."""
    return f"{reverse(view)}?{urlencode({'q': text})}" if len(found) > SHOWN else ""


def _events_url(person: Identity, text: str) -> str:
    """The log of a request, where the text is its id as an error page names it."""
    if not may(person, Permission.AUDIT_VIEW):
        return ""
    if not audit.for_list(audit.Wanted(request_id=text)).exists():
        return ""
    return f"{reverse('audit:list')}?{urlencode({'request': text})}"
