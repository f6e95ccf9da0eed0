"""Every address as every level: what a page's mark says is what the page does.

The addresses come from the URL map, so that one that is added is held to its mark at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.authorization.levels import LEVELS, OWNER, USER
from accounts.authorization.permissions import Permission
from accounts.identities import actions
from accounts.models import Event, Identity, Session
from tests.addresses import View, filled, pages
from tests.authorization.conftest import Examples
from tests.factories import make_person

ClientOf = Callable[[Identity], Client]

# who may do what asks nothing of the database, and the other pass has the browser to wait for
pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.timeout(600)]

FINE = {200, 204, 302, 404, 405, 400}
"""How a page answers that lets somebody in, also to a form of nothing or an object nowhere."""
EVERYBODYS = {None, "public", "signed in", Permission.CONSOLE_OPEN}
POST_ASKS_FOR_MORE = {
    "/tenant-settings/global/": Permission.TENANT_MANAGE,
    "/tenant-settings/mail-templates/<slug:name>/": Permission.TENANT_MANAGE,
    "/tenant-settings/outgoing/": Permission.TENANT_MANAGE,
    "/tenant-settings/sign-in/": Permission.TENANT_MANAGE,
}
"""Pages that may be read by more people than change them."""
READING = {"view", "view_all", "look_up", "export", "open", "claim", "own"}
"""What is one's own is changed by oneself alone: the examples are others'."""
ONES_OWN = (
    *("/key-pickups/", "/personal-access-tokens/pickups/", "/takeovers/<uuid:takeover_id>/"),
    *("/service-accounts/<uuid:account_id>/successor/", "/outbox/"),
    "/tenant-settings/provisioning/<uuid:account_id>/",
    *(f"/vault/accounts/<uuid:item_id>/{act}/" for act in ("edit", "password", "share", "delete")),
    *(f"/vault/accounts/<uuid:item_id>/{act}/" for act in ("authenticator", "backup-codes")),
    "/vault/vaults/<uuid:local_vault_id>/members/",
    *(f"/vault/trusted-sessions/<uuid:trusted_session_id>/{act}" for act in ("", "remove/")),
    *(
        f"/vault/accounts/<uuid:item_id>/inbox/{act}/"
        for act in ("mailbox", "number", "forwarding")
    ),
    "/inbox/<uuid:message_id>/",
)
"""What an owner, or who takes over, sees alone; no mail is kept here, and the account that there is
provisions nothing."""
READ_BY_JOB = ("/audit/proof/",)
"""Whose POST asks for a job that only reads."""
READERS = [
    code
    for code, level in LEVELS.items()
    if all(permission.value.partition(".")[2] in READING for permission in level.permissions)
]


def marked() -> Iterator[tuple[str, View, Permission]]:
    """The addresses that not everybody who signs in may ask for."""
    for address, view in pages():
        mark = getattr(view, "access", None)
        if mark not in EVERYBODYS:
            assert isinstance(mark, Permission)
            yield address, view, mark


def holder(code: str) -> Identity:
    return make_person("holder", levels=[] if code == USER else [code])


def test_readers_are_who_change_nothing() -> None:
    assert READERS == [
        "auditor",
        "cert_admin",
        "report_admin",
        "user",
    ]


@pytest.mark.parametrize("code", LEVELS)
def test_a_page_lets_in_who_holds_what_its_mark_names(client_of: ClientOf, code: str) -> None:
    browser = client_of(holder(code))
    wrong = {}
    for address, _view, mark in marked():
        for method in ("get", "post"):
            needed = {mark}
            if method == "post" and address in POST_ASKS_FOR_MORE:
                needed.add(POST_ASKS_FOR_MORE[address])
            expected = FINE if needed <= LEVELS[code].permissions else {403}
            answer = getattr(browser, method)(filled(address))
            if answer.status_code not in expected:
                wrong[f"{method} {address} ({mark})"] = answer.status_code
            assert "/sign-in/" not in answer.headers.get("Location", ""), address
    assert wrong == {}


def test_everybody_who_signs_in_opens_what_is_everybodys(
    client_of: ClientOf, mallory: Identity
) -> None:
    browser = client_of(mallory)
    own = [a for a, view in pages() if getattr(view, "access", None) == Permission.CONSOLE_OPEN]

    assert own
    assert {a for a in own if browser.get(filled(a)).status_code not in FINE} == set()


def state() -> dict[str, list[dict[str, Any]]]:
    """All that stands in our tables, but what is only noted about who came by: a session notes once
    a minute that it is used."""
    models: list[type[Model]] = [
        model
        for app in ("accounts", "tokens")
        for model in apps.get_app_config(app).get_models()
        if model not in (Event, Session)
    ]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models
    }


@pytest.mark.parametrize("code", READERS)
def test_a_reader_changes_nothing_anywhere(client_of: ClientOf, world: Examples, code: str) -> None:
    browser = client_of(holder(code))
    before = state()
    for address, _view, _mark in marked():
        if address in READ_BY_JOB:
            continue
        url = filled(address, world)
        for method in (browser.post, browser.put, browser.patch, browser.delete):
            method(url, {"confirmed": "yes"})
    assert state() == before


def test_everything_is_shown_to_the_owner(client_of: ClientOf, world: Examples) -> None:
    """The examples are real: else the tests that are refused would prove nothing."""
    browser = client_of(holder(OWNER))
    missing = [
        address
        for address, _view, _mark in marked()
        if browser.get(filled(address, world)).status_code not in {200, 302, 405}
        and not address.startswith(ONES_OWN)
    ]
    assert missing == []


@pytest.mark.parametrize("levels", [["source_subadmin"], ["source_subadmin", "auditor"]])
def test_sources_of_others_are_changed_by_nobody_who_manages_their_own(
    client_of: ClientOf, world: Examples, sue: Identity, ada: Identity, levels: list[str]
) -> None:

    actions.set_levels(by=ada, identity=sue, levels=levels, at=timezone.now())
    browser = client_of(sue)
    before = state()
    wrong = {}
    for address, _view, mark in marked():
        if "<uuid:source_id>" not in address:
            continue
        sees = "auditor" in levels and mark == Permission.SOURCE_VIEW
        refused = {403, 405} if "auditor" in levels else {403, 404, 405}
        url = filled(address, world)
        got, posted = browser.get(url).status_code, browser.post(url).status_code
        if got not in ({200} if sees else refused) or posted not in refused:
            wrong[f"{address} ({mark})"] = (got, posted)
    assert wrong == {}
    assert state() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_asked_to(method: str) -> None:
    browser = Client()
    found = {a: getattr(browser, method)(filled(a)) for a, _view, _mark in marked()}

    asked = {a for a, r in found.items() if r.headers.get("Location", "").startswith("/sign-in/")}
    refused = {a for a, r in found.items() if r.status_code == 403}
    assert found.keys() == (asked if method == "get" else asked | refused)
