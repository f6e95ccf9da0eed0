"""The one answer that shows the secret of a token, and the page for a form that came twice."""

from __future__ import annotations

import json
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.lib.names import file_name
from console.personal_access_tokens import samples
from console.ui import times
from console.ui.once import Download, data_url, never_stored
from tokens.access_tokens.claims import issuer
from tokens.models import Credential
from tokens.personal_access_tokens.actions import Issued
from tokens.scopes.effective import effective, of_identity


def show_once(request: HttpRequest, issued: Issued, *, done_url: str) -> HttpResponse:
    """Answer a POST that made a token, with its secret; it stands in this answer alone."""
    token, plain = issued.token, issued.secret.take()
    expires_at = token.expires_at
    carried = effective(of_identity(token.identity, token=token.scopes)).reach
    secret = {
        "title": _("Personal access token successfully created!"),
        "warning": _(
            "Copy or download the secret now. It is not kept here, and cannot be shown again."
        ),
        "facts": [
            {"label": _("ID (client ID)"), "value": token.client_id, "copy": True},
            {"label": _("What it is for"), "value": token.name},
            {"label": _("Acts for"), "value": token.identity.display_name},
            {"label": _("Scopes"), "value": " ".join(token.scopes), "mono": True},
            {"label": _("Expires"), "value": times.exact(expires_at) if expires_at else _("Never")},
            {"label": _("Token URL"), "value": samples.token_url(), "copy": True},
        ],
        "value": plain,
        "value_label": _("Secret (client secret)"),
        "stored_label": _("I have stored the secret"),
        "leave": _("The secret has not been marked as stored. It will not be available again."),
        "downloads": _downloads(token, plain),
        "examples": samples.for_token(token, carried=carried),
        "done_url": reverse("personal_access_tokens:stored", args=[token.pk]),
        "done_fields": [{"name": "next", "value": done_url}],
    }
    return never_stored(render(request, "personal_access_tokens/created.html", {"secret": secret}))


def _downloads(token: Credential, plain: str) -> list[Download]:
    stem = file_name(token.name, "_token")
    own = {"id": token.client_id, "secret": plain, "token_url": samples.token_url()}
    sailpoint = {"BaseURL": issuer(), "ClientId": token.client_id, "ClientSecret": plain}
    return [
        Download("json", label, name, data_url("application/json", json.dumps(content, indent=2)))
        for label, name, content in (
            (_("Download secret"), f"{stem}.json", own),
            (_("config.json for SailPoint's SDK"), "config.json", sailpoint),
        )
    ]


def already_submitted(request: HttpRequest, *, list_url: str) -> HttpResponse:
    """Say that the form came before and that nothing was made this time (409)."""
    context = {"list_url": list_url}
    name = "personal_access_tokens/already_submitted.html"
    return never_stored(render(request, name, context, status=HTTPStatus.CONFLICT))
