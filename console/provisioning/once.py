"""The one answer that shows a provisioning token, and the page for a form that came twice."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.lib.names import file_name
from console.ui import times
from console.ui.once import Download, data_url, never_stored
from tokens.access_tokens.claims import issuer
from tokens.doors.scim.calls import ROOT
from tokens.provisioning.actions import Issued


def base_url() -> str:
    """What a directory asks for as tenant URL."""
    return f"{issuer()}{ROOT}"


def show_once(request: HttpRequest, issued: Issued) -> HttpResponse:
    """Answer a POST that made a token, with it; it stands in this answer alone."""
    token, plain = issued.token, issued.secret.take()
    secret = {
        "title": _("Provisioning token successfully created!"),
        "warning": _("Copy the token now. It is not kept here, and cannot be shown again."),
        "facts": [
            {"label": _("Tenant URL"), "value": base_url(), "copy": True},
            {"label": _("Provisioning client"), "value": issued.account.name},
            {"label": _("Scopes"), "value": " ".join(token.scopes), "mono": True},
            {
                "label": _("Expires"),
                "value": times.exact(token.expires_at) if token.expires_at else _("Never"),
            },
        ],
        "value": plain,
        "value_label": _("Secret token"),
        "stored_label": _("I have stored the token"),
        "leave": _("The token has not been marked as stored. It will not be available again."),
        "downloads": [
            Download(
                "txt",
                _("Download token"),
                file_name(token.name, "_scim.txt"),
                data_url("text/plain", f"{plain}\n"),
            )
        ],
        "examples": [
            {
                "id": "example-curl",
                "title": "curl",
                "code": f'curl -H "Authorization: Bearer $TOKEN" {base_url()}/Users?count=1',
            }
        ],
        "done_url": reverse("provisioning:stored", args=[token.pk]),
        "done_fields": [],
    }
    return never_stored(render(request, "provisioning/created.html", {"secret": secret}))


def already_submitted(request: HttpRequest) -> HttpResponse:
    """Say that the form came before and that nothing was made this time (409)."""
    name = "provisioning/already_submitted.html"
    return never_stored(render(request, name, status=HTTPStatus.CONFLICT))
