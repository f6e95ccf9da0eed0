"""The inbox of one account: its mailbox and phone number, and what arrived there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.inbox import mailboxes, numbers, queries
from accounts.inbox.domain import mail_domain
from accounts.inbox.models import ForwardTo
from accounts.lib.errors import DomainError
from accounts.models import Forwarding, PhoneNumber, StoredAccount
from accounts.sealing import SealBroken
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from console.ui.lists import Order, paginate
from console.vault import shown

ORDERS: Final = (Order("received", "received_at"),)
METHODS: Final = ["GET", "HEAD", "POST"]


class ForwardingForm(forms.Form):
    to = forms.ChoiceField(
        label=gettext_lazy("Send a copy of each message to"),
        choices=ForwardTo.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose one of these."),
            "invalid_choice": gettext_lazy("Choose one of these."),
        },
    )
    with_codes = forms.BooleanField(
        label=gettext_lazy("Also of messages with a code"),
        required=False,
        help_text=gettext_lazy(
            "Codes then stand in mail outside of this console, and that somebody read one there is "
            "not recorded."
        ),
    )


@requires(Permission.VAULT_OWN)
@require_safe
def inbox(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load(request, item_id)
    context = shown.frame(request, item, "inbox")
    rows = queries.for_list(request.user, item)
    page = paginate(request, rows, orders=ORDERS, default="-received")
    number = numbers.of(item)
    rule = Forwarding.objects.select_related("person").filter(item=item).first()
    context |= {
        "mailbox": mailboxes.of(item),
        "has_domain": bool(mail_domain()),
        "number": {"row": number, "written": numbers.written(number.number)} if number else None,
        "has_numbers": PhoneNumber.objects.filter(item=None).exists(),
        "forwarded_to": _told(rule),
        "with_codes": bool(rule and rule.with_codes),
        "page": page,
        "rows": [queries.glance(each) for each in page.rows],
    }
    return render(request, "vault/inbox.html", context)


@requires(Permission.VAULT_OWN)
@require_POST
def open_mailbox(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)

    def act() -> str:
        made = mailboxes.open_mailbox(by=request.user, item=item, at=timezone.now())
        return _("Mail to %(address)s arrives here now.") % {"address": made.address}

    return _done(request, item, act)


@requires(Permission.VAULT_OWN)
@require_POST
def use_address(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Make the managed address the username."""
    item = shown.load_own(request, item_id)

    def act() -> str:
        made = mailboxes.use_as_username(by=request.user, item=item, at=timezone.now())
        return _("The username is %(name)s now.") % {"name": made.username}

    return _done(request, item, act, page="vault:detail")


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
def close_mailbox(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    if request.method != "POST":
        context = {"item": item, "mailbox": mailboxes.of(item)}
        return render(request, "vault/close_mailbox.html", context)

    def act() -> str:
        mailboxes.close_mailbox(by=request.user, item=item, at=timezone.now())
        return _("The mailbox is closed. What arrived is kept until its time is over.")

    return _done(request, item, act)


@requires(Permission.VAULT_OWN)
@require_POST
def take_number(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)

    def act() -> str:
        made = numbers.take_number(by=request.user, item=item, at=timezone.now())
        said = _("Text messages to %(number)s arrive here now.")
        return said % {"number": numbers.written(made.number)}

    return _done(request, item, act)


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
def give_up_number(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    item = shown.load_own(request, item_id)
    if request.method != "POST":
        number = numbers.of(item)
        written = numbers.written(number.number) if number else ""
        return render(request, "vault/give_up_number.html", {"item": item, "written": written})

    def act() -> str:
        numbers.give_up_number(by=request.user, item=item, at=timezone.now())
        return _("The phone number is given up.")

    return _done(request, item, act)


@requires(Permission.VAULT_OWN)
@step_up
@require_http_methods(METHODS)
def forwarding(request: ConsoleRequest, item_id: UUID) -> HttpResponse:
    """Who gets copies by mail."""
    item = shown.load_own(request, item_id)
    rule = Forwarding.objects.filter(item=item).first()
    initial = {"to": rule.to, "with_codes": rule.with_codes} if rule else {"to": ForwardTo.NOBODY}
    form = ForwardingForm(request.POST or None, initial=initial)
    if submitted(form, lambda: _forward(request, item, form.cleaned_data)):
        messages.success(request, _("Saved: who gets a copy of what arrives."))
        return redirect("vault:inbox", item.pk)
    return render(request, "vault/forwarding.html", {"item": item, "form": form})


def _forward(request: ConsoleRequest, item: StoredAccount, said: dict[str, Any]) -> bool:
    mailboxes.forward(
        by=request.user,
        item=item,
        to=ForwardTo(said["to"]),
        with_codes=said["with_codes"],
        at=timezone.now(),
    )
    return True


def _told(rule: Forwarding | None) -> str:
    if rule is None:
        return str(ForwardTo.NOBODY.label)
    return rule.person.display_name if rule.person else str(rule.get_to_display())


def _done(
    request: ConsoleRequest, item: StoredAccount, act: Callable[[], str], page: str = "vault:inbox"
) -> HttpResponse:
    try:
        messages.success(request, act())
    except DomainError as error:
        messages.error(request, error.message)
    except SealBroken:
        said = _("Its notes cannot be opened here: the key that sealed them is missing.")
        messages.error(request, said)
    return redirect(page, item.pk)
