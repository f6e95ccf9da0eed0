from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import queries as identities
from accounts.lib.errors import DomainError
from accounts.lib.registry import UnknownPart
from accounts.mail_templates import actions, queries, texts
from accounts.mail_templates.queries import Template
from accounts.mail_templates.texts import Text
from accounts.models import Identity, MailTemplate
from console.mail_templates import jobs
from console.mail_templates.forms import TemplateForm
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error
from console.ui.mail import say_where_mail_is


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    context = {"templates": queries.every(), "may_change": _may_change(request)}
    return render(request, "mail_templates/list.html", context)


@requires(Permission.TENANT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, name: str) -> HttpResponseBase:
    """Word a mail. A preview and a test need what saving needs, and change nothing."""
    if request.method == "POST" and not _may_change(request):
        refuse(request, Permission.TENANT_MANAGE)
    template = _load(name)
    if request.method != "POST":
        return _page(request, template, _form(template), template.text)
    form = TemplateForm(request.POST, kind=template.kind)
    act = request.POST.get("action")
    if not form.is_valid():
        return _page(request, template, form, None)
    text: Text = form.cleaned_data["text"]
    if act == "save":
        return _save(request, name)
    if act == "test":
        _send_test(request, template, text)
    return _page(request, template, form, text)


@requires(Permission.TENANT_MANAGE)
@require_POST
@step_up
def restore(request: ConsoleRequest, name: str) -> HttpResponse:
    template = _load(name)
    if actions.restore(by=request.user, name=name, at=timezone.now()):
        messages.success(request, _("“%(mail)s” has its default text again.") % _named(template))
    return redirect("mail_templates:edit", name)


@step_up
def _save(request: ConsoleRequest, name: str) -> HttpResponse:
    template = _load(name)
    form = TemplateForm(request.POST, kind=template.kind)
    if form.is_valid():
        text: Text = form.cleaned_data["text"]
        revision: int = form.cleaned_data["revision"]
        try:
            changed = actions.save(
                by=request.user, name=name, text=text, revision=revision, at=timezone.now()
            )
        except actions.TemplateConflict as error:
            template = _load(name)
            form.data = {**request.POST.dict(), "revision": str(template.revision)}
            add_error(form, error)
            return _page(request, template, form, text, theirs=template.text)
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("“%(mail)s” is saved: the next mail has this text.")
            said = said if changed else _("Nothing was changed.")
            messages.success(request, said % _named(template))
            return redirect("mail_templates:edit", name)
    return _page(request, template, form, None)


def _send_test(request: ConsoleRequest, template: Template, text: Text) -> None:
    """The text as it is now in the form, to one's own address and no other."""
    if not request.user.email:
        messages.error(request, _("You have no e-mail address. Add one to your identity first."))
        return
    sent = texts.render(text, _samples(template) | _values_of(request.user))
    jobs.send_test.enqueue(sent.subject, sent.body, request.user.email)
    tested = MailTemplate(name=template.name)  # there is no row of a default text
    record("mail_template.tested", by=request.user, subject=tested)
    messages.success(
        request, _("A test with samples goes to %(email)s.") % {"email": request.user.email}
    )
    say_where_mail_is(request)


def _load(name: str) -> Template:
    try:
        return queries.get(name)
    except UnknownPart as error:
        raise Http404 from error


def _form(template: Template) -> TemplateForm:
    initial = {
        "subject": template.text.subject,
        "body": template.text.body,
        "revision": template.revision,
    }
    return TemplateForm(initial=initial, kind=template.kind)


def _page(
    request: ConsoleRequest,
    template: Template,
    form: TemplateForm,
    text: Text | None,
    *,
    theirs: Text | None = None,
) -> HttpResponse:
    values = _samples(template)
    whom = _chosen(request, form)
    if whom is not None:
        values |= _values_of(whom)
    context: dict[str, Any] = {
        "template": template,
        "form": form,
        "may_change": _may_change(request),
        "preview": texts.render(text, values) if text else None,
        "whom": whom,
        "theirs": theirs,
        "placeholders": [
            {"written": texts.written(p.name), "meaning": p.meaning, "value": values[p.name]}
            for p in template.kind.placeholders
        ],
    }
    return render(request, "mail_templates/edit.html", context)


def _chosen(request: ConsoleRequest, form: TemplateForm) -> Identity | None:
    """Whose values the preview shows; a name that nobody has is said at its field."""
    typed = str(form.data.get("shown_for", "")).strip() if form.is_bound else ""
    if not typed or "shown_for" in form.errors:
        return None
    try:
        found = Identity.objects.get_by_natural_key(typed)
    except Identity.DoesNotExist:
        found = None
    if found is None or not identities.visible_to(request.user).filter(pk=found.pk).exists():
        form.add_error("shown_for", _("Nobody has this user name. Type it as the list shows it."))
        return None
    return found


def _samples(template: Template) -> dict[str, str]:
    """The samples, with what is known of this installation."""
    values = template.kind.samples() | {"environment": settings.STEWARD_ENVIRONMENT}
    for name in ("link", "sign_in"):
        if name in values:
            path = "/register/…" if name == "link" else reverse("account_login")
            values[name] = f"{settings.STEWARD_PUBLIC_URL}{path}"
    return values


def _values_of(identity: Identity) -> dict[str, str]:
    return {"name": identity.display_name, "user_name": identity.user_name}


def _named(template: Template) -> dict[str, str]:
    return {"mail": str(template.kind.label)}


def _may_change(request: ConsoleRequest) -> bool:
    return may(request.user, Permission.TENANT_MANAGE)
