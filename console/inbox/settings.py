"""Tenant settings of the inbox: the domain, phone numbers, and who brings messages."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.inbox import domain, hooks, numbers
from accounts.inbox.models import MessageKind
from accounts.inbox.providers import PROVIDERS, Provider
from accounts.lib.errors import DomainError
from accounts.models import PhoneNumber, WebhookSecret
from console.inbox.forms import DomainForm, NumberForm, SecretForm
from console.ui.access import ConsoleRequest, requires, step_up, step_up_first
from console.ui.errors import submitted
from console.ui.once import never_stored
from tokens.doors.inbox.webhooks import MAIL_PATH, SMS_PATH

METHODS: Final = ["GET", "HEAD", "POST"]


@requires(Permission.TENANT_VIEW)
@require_safe
def settings_(request: ConsoleRequest) -> HttpResponse:
    return _page(request)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def set_domain(request: ConsoleRequest) -> HttpResponse:
    """Where the codes of all new mailboxes go, hence not from a screen that somebody left."""
    form = DomainForm(request.POST, may_change=True, initial={"domain": domain.mail_domain()})
    done = submitted(form, lambda: _set_domain(request, form.cleaned_data["domain"]))
    if done is None:
        return _page(request, form=form)
    messages.success(request, _("The domain of managed mailboxes is saved."))
    return redirect("inbox:settings")


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def add_number(request: ConsoleRequest) -> HttpResponse:
    form = NumberForm(request.POST)
    made = submitted(
        form,
        lambda: numbers.add_number(
            by=request.user, number=form.cleaned_data["number"], at=timezone.now()
        ),
    )
    if made is None:
        return _page(request, number_form=form)
    messages.success(request, _("The number %(number)s is added.") % {"number": made.number})
    return redirect("inbox:settings")


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def remove_number(request: ConsoleRequest, number_id: UUID) -> HttpResponse:
    try:
        numbers.remove_number(by=request.user, number_id=number_id, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The number is forgotten here."))
    return redirect("inbox:settings")


@requires(Permission.TENANT_MANAGE)
@step_up_first
@sensitive_post_parameters()
@require_http_methods(METHODS)
def secret(request: ConsoleRequest, provider: str) -> HttpResponse:
    """Set the secret of a provider, in place of one that is kept."""
    found = _provider(provider)
    form = SecretForm(request.POST or None, provider=found)
    done = submitted(form, lambda: _set_secret(request, found, form.cleaned_data["secret"]))
    if done:
        said = _("Messages that %(name)s brings are taken now.")
        messages.success(request, said % {"name": found.label})
        return redirect("inbox:settings")
    form.data = {}  # what is wrong with it is known: no page repeats a secret
    context = {"form": form, "provider": found, "url": _url(found)}
    return never_stored(render(request, "inbox/secret.html", context))


@requires(Permission.TENANT_MANAGE)
@step_up
@require_POST
def remove_secret(request: ConsoleRequest, provider: str) -> HttpResponse:
    found = _provider(provider)
    hooks.remove_secret(by=request.user, provider=found.name, at=timezone.now())
    said = _("Nothing that %(name)s brings is taken any more.")
    messages.success(request, said % {"name": found.label})
    return redirect("inbox:settings")


def _page(
    request: ConsoleRequest,
    *,
    form: DomainForm | None = None,
    number_form: NumberForm | None = None,
) -> HttpResponse:
    may_change = may(request.user, Permission.TENANT_MANAGE)
    secrets = {each.provider: each for each in WebhookSecret.objects.defer("blob")}
    current = {"domain": domain.mail_domain()}
    context = {
        "form": form or DomainForm(may_change=may_change, initial=current),
        "number_form": number_form or NumberForm(),
        "may_change": may_change,
        "providers": [
            {"provider": each, "url": _url(each), "secret": secrets.get(each.name)}
            for each in PROVIDERS.values()
        ],
        "numbers": _numbers(),
    }
    return render(request, "inbox/settings.html", context)


def _numbers() -> list[dict[str, Any]]:
    rows = PhoneNumber.objects.select_related("item").order_by("number", "pk")
    return [{"row": row, "written": numbers.written(row.number)} for row in rows]


def _set_domain(request: ConsoleRequest, wanted: str) -> bool:
    domain.set_mail_domain(by=request.user, domain=wanted, at=timezone.now())
    return True


def _set_secret(request: ConsoleRequest, provider: Provider, plain: str) -> bool:
    hooks.set_secret(by=request.user, provider=provider.name, secret=plain, at=timezone.now())
    return True


def _provider(name: str) -> Provider:
    if name not in PROVIDERS:
        raise Http404
    return PROVIDERS[name]


def _url(provider: Provider) -> str:
    path = SMS_PATH if provider.kind == MessageKind.SMS else f"{MAIL_PATH}{provider.name}"
    return f"{settings.STEWARD_PUBLIC_URL}{path}"
