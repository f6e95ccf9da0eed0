"""The one answer that shows a private key, and the page for a form that came twice."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.identities import policies as policies_of_identities
from accounts.lib.names import file_name
from accounts.models import ServiceAccount
from accounts.service_accounts import policies
from console.ui import abilities, links, samples, times
from console.ui.installation import keeps_mail
from console.ui.mail import outbox_url
from tokens.credentials.actions import AlreadySubmitted, Issued
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types import key_pair
from tokens.models import Credential
from tokens.scopes.effective import of_identity

NO_STORE = "no-store, private"


@dataclass(frozen=True)
class Download:
    """A file inside the page: a link to a `data:` address works without JavaScript."""

    format: str
    label: str
    filename: str
    href: str


def new_submission() -> uuid.UUID:
    """The id of a form that issues something, to be put into it as a hidden field."""
    return uuid.uuid4()


def show_once(
    request: HttpRequest, issued: Issued, *, title: str, done_url: str = ""
) -> HttpResponse:
    """Answer a POST that issued a key, with the private key if Steward made it.

    The secret is taken here, and stands in this answer alone. Done leads to `done_url`, by
    default the account's page.
    """
    credential = issued.credential
    done_url = done_url or account_url(issued.account)
    if credential is None:
        return _offered(request, issued, done_url)
    if credential.origin == KeyOrigin.UPLOADED:
        return _uploaded(request, issued.account, credential, title, done_url)
    secret = _secret_of(issued.account, credential, title, done_url)
    secret |= _no_token(request, issued.account)
    if issued.private is not None:
        secret |= _plain(issued.private.take(), issued.account, secret["file_stem"])
    return never_stored(render(request, "credentials/created.html", {"secret": secret}))


def already_submitted(request: HttpRequest, error: AlreadySubmitted) -> HttpResponse:
    """Say that the form came before and that nothing was issued this time (409)."""
    account = ServiceAccount.objects.visible_to(_person(request)).filter(pk=error.account_id)
    context = {"account": account.first(), "message": error.message}
    return never_stored(render(request, "credentials/already_submitted.html", context, status=409))


def account_url(account: ServiceAccount) -> str:
    return reverse("service_accounts:detail", args=[account.pk])


def _edit_url(request: HttpRequest, account: ServiceAccount) -> str:
    """Where its scopes are chosen; empty for whoever may not."""
    may_edit = policies.may_manage(_person(request))
    return reverse("service_accounts:edit", args=[account.pk]) if may_edit else ""


def _no_token(request: HttpRequest, account: ServiceAccount) -> dict[str, Any]:
    """Why a key gets no token yet, and where that is mended, for `components/no_scopes.html`."""
    sets = policies_of_identities.may_act_on(
        _person(request), account.identity, Permission.LEVEL_GRANT
    )
    return {
        "edit_url": _edit_url(request, account),
        "levels_url": reverse("identities:set_levels", args=[account.pk]) if sets else "",
        "no_token": abilities.why_no_token(account),
        "has_scopes": bool(of_identity(account.identity).all),
    }


def _person(request: HttpRequest) -> Any:
    return request.user


def never_stored(response: HttpResponse) -> HttpResponse:
    """Nothing between us and the eyes of the reader may keep this answer."""
    response.headers["Cache-Control"] = NO_STORE
    response.headers["Pragma"] = "no-cache"
    return response


def _secret_of(
    account: ServiceAccount, credential: Credential, title: str, done_url: str
) -> dict[str, Any]:
    """What the page says of a key, without the key: the browser that made it fills that in."""
    stem = file_name(account.name, "_privateKey")
    return {
        "title": title,
        "warning": _(
            "You must download the private key at this point as it will not be available again"
        ),
        "facts": facts_of(account, credential),
        "value": "",
        "downloads": _downloads(stem, jwk="", pem="", bundle=""),
        "examples": samples.for_key(account, credential, file_stem=stem),
        "done_url": reverse("credentials:stored", args=[credential.pk]),
        "done_fields": [{"name": "next", "value": done_url}],
        "in_browser": credential.origin == KeyOrigin.BROWSER,
        "account_id": str(account.pk),
        "token_url": samples.token_url(),
        "file_stem": stem,
    }


def _plain(private_jwk: str, account: ServiceAccount, stem: str) -> dict[str, Any]:
    key = json.loads(private_jwk)
    bundle = {"id": str(account.pk), "token_url": samples.token_url(), "key": key}
    return {
        "value": json.dumps(key, indent=2),
        "downloads": _downloads(
            stem,
            jwk=private_jwk,
            pem=key_pair.private_pem(private_jwk),
            bundle=json.dumps(bundle, indent=2),
        ),
    }


def _downloads(stem: str, *, jwk: str, pem: str, bundle: str) -> list[Download]:
    return [
        Download("jwk", _("Download Key"), f"{stem}.jwk", data_url("application/jwk+json", jwk)),
        Download("pem", _("PEM"), f"{stem}.pem", data_url("application/x-pem-file", pem)),
        Download("json", _("JSON with ID"), f"{stem}.json", data_url("application/json", bundle)),
    ]


def data_url(media_type: str, text: str) -> str:
    """A file as an address of its own; empty for an empty file."""
    return f"data:{media_type},{quote(text, safe='')}" if text else ""


def _offered(request: HttpRequest, issued: Issued, done_url: str) -> HttpResponse:
    account, pickup = issued.account, issued.pickup
    context = {
        "account": account,
        "pickup": pickup,
        "is_new": pickup is not None and pickup.created_at == account.created_at,
        "facts": [
            {"label": _("ID"), "value": str(account.pk), "copy": True},
            {"label": _("Name"), "value": account.name},
        ],
        **_no_token(request, account),
        "done_url": done_url,
        "mail_is_kept": keeps_mail(),
        "pickup_url": links.to_pickup(pickup) if pickup else "",
        "outbox_url": outbox_url(request),
    }
    return never_stored(render(request, "credentials/offered.html", context))


def facts_of(account: ServiceAccount, credential: Credential) -> list[dict[str, Any]]:
    """The description list of a new key: the account's ID first."""
    expires_at = credential.expires_at
    return [
        {"label": _("ID"), "value": str(account.pk), "copy": True},
        {"label": _("Name"), "value": account.name},
        {"label": _("Key ID (kid)"), "value": credential.key_id, "copy": True},
        {"label": _("SHA-256 thumbprint"), "value": credential.thumbprint, "mono": True},
        {"label": _("Algorithm"), "value": credential.algorithm},
        {
            "label": _("Expires"),
            "value": times.exact(expires_at) if expires_at else _("No expiry"),
        },
        {"label": _("Token URL"), "value": samples.token_url(), "copy": True},
    ]


def _uploaded(
    request: HttpRequest, account: ServiceAccount, credential: Credential, title: str, url: str
) -> HttpResponse:
    context = {
        "title": title,
        "facts": facts_of(account, credential),
        "examples": samples.for_key(account, credential, file_stem=""),
        **_no_token(request, account),
        "done_url": url,
    }
    return never_stored(render(request, "credentials/uploaded.html", context))
