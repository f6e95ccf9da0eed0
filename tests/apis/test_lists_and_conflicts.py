"""Many APIs and scopes are searched and paged; two who edit one at once see what differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Identity
from tests.factories import make_account
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tokens.apis import actions
from tokens.apis.actions import ApiDraft, ScopeDraft
from tokens.models import Api, ApiScope

ClientOf = Callable[[Identity], Client]
LIST = "/tenant-settings/apis/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def shown(browser: Client, url: str, **query: str) -> list[str]:
    answer = browser.get(url, query)
    assert answer.status_code == 200
    return [row.name for row in answer.context["page"].rows]


def test_apis_are_searched_sorted_and_paged(client_of: ClientOf, vera: Identity) -> None:
    for number in range(60):
        make_api(f"Api {number:02}", f"https://api{number:02}.example.com/")
    make_api("Payroll", AUDIENCE, "Pays people")
    browser = client_of(vera)
    first = browser.get(LIST).context["page"]
    assert (len(first.rows), first.summary) == (50, "50 of 61")
    assert shown(browser, first.next_url)[-1] == "Payroll"
    for text in ("payroll", "PAYS", "payroll.example.com"):
        assert shown(browser, LIST, q=text) == ["Payroll"], text
    assert shown(browser, LIST, sort="-changed")[0] == "Payroll"
    page = browser.get(LIST, {"q": "nothing"}).content.decode()
    assert "No API matches" in page
    assert "No API of your own yet" not in page


def test_a_list_of_many_costs_what_one_of_few_does(admin: Client) -> None:
    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(url)
        return len(captured)

    api = make_api()
    detail = reverse("apis:detail", args=[api.pk])
    top = make_scope(api, "pay:*")
    for number in range(3):
        make_api(f"Api {number}", f"urn:api:{number}")
        make_scope(api, f"pay:{number}", parent=top)
    few = cost(LIST), cost(detail)
    for number in range(3, 20):
        make_api(f"Api {number}", f"urn:api:{number}")
        make_scope(api, f"pay:{number}", parent=top)
    assert (cost(LIST), cost(detail)) == few


def test_scopes_of_an_api_are_searched_filtered_and_paged(admin: Client) -> None:
    api = make_api()
    top = make_scope(api, "pay:*", description="All of it.", restricted=True)
    for number in range(55):
        make_scope(api, f"pay:{number:02}", parent=top)
    make_scope(make_api("Other", "urn:other"), "other:x")
    url = reverse("apis:detail", args=[api.pk])
    first = admin.get(url).context["page"]
    assert (len(first.rows), first.summary) == (50, "50 of 56")
    assert shown(admin, first.next_url)[-1] == "pay:54"
    assert shown(admin, url, q="ALL OF") == ["pay:*"]
    assert shown(admin, url, show="restricted") == ["pay:*"]
    assert "pay:*" not in shown(admin, url, show="open")
    assert len(shown(admin, url, show="anything")) == 50
    page = admin.get(url, {"q": "nothing"}).content.decode()
    assert "No scope matches" in page
    assert "Add Scope" in page
    assert "scope=pay:00" in page, "what a program asks for is said whatever is searched"


def opened(browser: Client, url: str) -> dict[str, Any]:
    """The form as a browser would send it back."""
    values = browser.get(url).context["form"].initial
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_the_second_who_edits_an_api_sees_both_values_and_saves_again(
    admin: Client, vera: Identity, ada: Identity
) -> None:
    api = make_api(account=make_account("payroll").account)
    url = reverse("apis:edit", args=[api.pk])
    form = opened(admin, url)
    other = make_account("other").account
    draft = ApiDraft("Pay", AUDIENCE, "Theirs", other)
    actions.edit(by=ada, api=api, draft=draft, revision=1, at=timezone.now())
    answer = admin.post(url, form | {"description": "Mine"})
    rows = {row.label: (row.theirs, row.yours) for row in answer.context["conflict"].rows}
    assert rows == {
        "Name": ("Pay", ""),
        "Description": ("Theirs", "Mine"),
        "Service account": ("other", ""),
    }
    page = answer.content.decode()
    assert "ada changed this API while you were editing it" in page
    assert Api.objects.get().description == "Theirs"
    again = dict(answer.context["form"].data.items())
    assert admin.post(url, again)["Location"] == reverse("apis:detail", args=[api.pk])
    api = Api.objects.get()
    assert (api.name, api.description, api.account) == ("Pay", "Mine", other)


def test_the_second_who_edits_a_scope_sees_both_values(admin: Client, ada: Identity) -> None:
    api = make_api()
    top, scope = make_scope(api, "pay:*"), make_scope(api)
    url = reverse("apis:edit_scope", args=[scope.pk])
    form = opened(admin, url)
    draft = ScopeDraft("Theirs.", parent=top, restricted=True)
    actions.edit_scope(by=ada, scope=scope, draft=draft, revision=1, at=timezone.now())
    unrelated = ScopeDraft("All of it now.")
    actions.edit_scope(by=ada, scope=top, draft=unrelated, revision=1, at=timezone.now())
    answer = admin.post(url, form | {"description": "Mine."})
    rows = {row.label: (row.theirs, row.yours) for row in answer.context["conflict"].rows}
    assert rows == {
        "Description": ("Theirs.", "Mine."),
        "Parent": ("pay:*", ""),
        "Restricted": ("yes", ""),
    }
    again = dict(answer.context["form"].data.items())
    assert admin.post(url, again).status_code == 302
    scope = ApiScope.objects.get(pk=scope.pk)
    assert (scope.description, scope.parent, scope.restricted) == ("Mine.", top, True)
