"""The pages of integrations: found, declared by hand or from what was seen, changed, removed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, Identity, Integration, ServiceAccount
from tests.factories import make_account, make_person
from tests.factories.integrations import make_integration
from tests.factories.uses import call

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    return make_account("nightly", owner=otto).account


def page(browser: Client, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def tab(account: ServiceAccount) -> str:
    return reverse("service_accounts:integrations", args=[account.pk])


def url_of(name: str, one: Integration) -> str:
    return reverse(f"integrations:{name}", args=[one.pk])


def test_an_owner_declares_what_was_seen(
    client_of: ClientOf, account: ServiceAccount, otto: Identity
) -> None:
    browser = client_of(otto)
    assert "No integration is declared" in page(browser, tab(account))
    call(account.identity)
    assert "Seen, but not declared" in page(browser, tab(account))
    new = reverse("integrations:new", args=[account.pk])
    suggested = f"{new}?client=x&amp;address=192.0.2.7&amp;scope=fr%3Aam%3A%2A"
    assert f'href="{suggested}"' in page(browser, tab(account))

    form = page(browser, suggested.replace("&amp;", "&"))
    assert 'value="192.0.2.7"' in form
    typed = {"name": "Export", "application": "Payroll", "environment": "production"}
    typed |= {"owner": "OTTO", "client": "x", "address": "192.0.2.7", "scopes": "fr:am:*"}
    answer = browser.post(new, typed)
    assert answer["Location"] == tab(account)
    made = Integration.objects.get()
    assert (made.owner, made.scopes, made.client) == (otto, ["fr:am:*"], "x")
    shown = page(browser, tab(account))
    assert "Seen, but not declared" not in shown
    assert "Export is declared." in shown
    assert "fr:am:*" in page(browser, url_of("detail", made))


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client_of: ClientOf, account: ServiceAccount, ada: Identity
) -> None:
    browser = client_of(ada)
    new = reverse("integrations:new", args=[account.pk])
    typed = {"name": "", "application": "Payroll <x>", "environment": "moon"}
    typed |= {"owner": "nobody-such", "address": "here", "scopes": "fr:nothing"}
    shown = browser.post(new, typed).content.decode()
    for said in (
        "Type a name.",
        "Payroll &lt;x&gt;",
        "Select a valid choice",
        "Type the user name of another person",
        "The account does not have one of these scopes.",
    ):
        assert said in shown
    typed = {"name": "A", "application": "B", "environment": "test", "address": "here"}
    assert "Type one IP address" in browser.post(new, typed).content.decode()
    assert not Integration.objects.exists()


def test_two_who_edit_at_once_lose_nothing(
    client_of: ClientOf, account: ServiceAccount, ada: Identity
) -> None:
    one = make_integration(account, contact="first")
    browser = client_of(ada)
    form = browser.get(url_of("edit", one)).context["form"]
    opened = {"opened": form["opened"].value(), "revision": "1"}
    base = {"name": one.name, "application": one.application, "environment": "production"}
    browser.post(url_of("edit", one), base | opened | {"contact": "second"})
    shown = browser.post(url_of("edit", one), base | opened | {"contact": "first", "notes": "N"})
    said = shown.content.decode()
    assert "changed this integration while you were editing it" in said
    assert 'value="second"' in said
    again = {name: shown.context["form"][name].value() for name in ("revision", "opened")}
    answer = browser.post(url_of("edit", one), base | again | {"contact": "second", "notes": "N"})
    assert answer["Location"] == url_of("detail", one)
    one.refresh_from_db()
    assert (one.contact, one.notes, one.revision) == ("second", "N", 3)


def test_removed_is_removed_and_a_second_time_is_said(
    client_of: ClientOf, account: ServiceAccount, otto: Identity
) -> None:
    one = make_integration(account)
    browser = client_of(otto)
    assert "is not told of this program any more" in page(browser, url_of("remove", one))
    assert Integration.objects.exists()
    assert browser.post(url_of("remove", one))["Location"] == tab(account)
    assert not Integration.objects.exists()
    assert browser.post(url_of("remove", one)).status_code == 404


def test_who_answers_for_a_program_sees_it_and_not_the_account(
    client_of: ClientOf, account: ServiceAccount
) -> None:
    nina = make_person("nina")
    one = make_integration(account, owner=nina, client="x")
    call(account.identity)
    browser = client_of(nina)
    assert one.name in page(browser, "/integrations/")
    shown = page(browser, url_of("detail", one))
    assert "192.0.2.7" not in shown
    assert f"/service-accounts/{account.pk}/" not in shown
    assert "Remove Integration" not in shown
    assert browser.get(url_of("edit", one)).status_code == 403
    assert browser.post(url_of("remove", one)).status_code == 403
    assert browser.get(tab(account)).status_code == 404


def test_nobody_else_finds_them(
    client_of: ClientOf, account: ServiceAccount, mallory: Identity
) -> None:
    one = make_integration(account)
    browser = client_of(mallory)
    assert "No integration yet" in page(browser, "/integrations/")
    for name in ("detail", "edit", "remove"):
        assert browser.get(url_of(name, one)).status_code == 404
    new = reverse("integrations:new", args=[account.pk])
    assert browser.post(new, {"name": "X"}).status_code == 404
    assert browser.get("/integrations/export/").status_code == 403
    assert browser.get(reverse("integrations:detail", args=[uuid4()])).status_code == 404


def test_an_auditor_reads_and_exports_but_declares_nothing(
    client_of: ClientOf, account: ServiceAccount, vera: Identity
) -> None:
    make_integration(account, "=Sum", scopes=["fr:am:*", "fr:idm:*"], contact="team")
    make_integration(account, "Other")
    browser = client_of(vera)
    assert "Declare Integration" not in page(browser, tab(account))
    assert browser.get(reverse("integrations:new", args=[account.pk])).status_code == 403
    shown = page(browser, "/integrations/?q=team&environment=production")
    assert "=Sum" in shown
    assert "Other" not in shown
    answer = browser.get("/integrations/export/?q=team")
    assert isinstance(answer, StreamingHttpResponse)
    text = answer.getvalue().decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text, newline=""))
    assert (line["name"], line["scopes"]) == ("'=Sum", "fr:am:* fr:idm:*")
    event = Event.objects.get(action="integration.exported")
    assert event.detail == {"filters": {"search": "team"}}


def test_wrong_methods_are_refused(
    client_of: ClientOf, account: ServiceAccount, ada: Identity
) -> None:
    one = make_integration(account)
    browser = client_of(ada)
    assert browser.post("/integrations/").status_code == 405
    assert browser.post(tab(account)).status_code == 405
    assert browser.put(url_of("remove", one)).status_code == 405


def test_twenty_rows_cost_as_many_statements_as_three(
    client_of: ClientOf,
    account: ServiceAccount,
    ada: Identity,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = client_of(ada)
    for number in range(3):
        make_integration(account, f"Program {number}", owner=ada)
    for url in ("/integrations/", tab(account)):
        browser.get(url)
    counts = {url: _statements(browser, url) for url in ("/integrations/", tab(account))}
    for number in range(3, 20):
        make_integration(account, f"Program {number}", owner=make_person(f"p{number}"))
    for url, count in counts.items():
        with django_assert_num_queries(count):
            browser.get(url)


def _statements(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        browser.get(url)
    return len(caught)
