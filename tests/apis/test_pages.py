"""The pages below Tenant settings on which the tenant's own APIs are added, changed and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Event, Identity
from console.ui.confirmation import CONFIRMED_AT
from tests.factories import make_account
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tests.factories.people import PASSWORD
from tests.factories.tokens import make_token
from tokens.models import Api, ApiScope

ClientOf = Callable[[Identity], Client]
LIST = "/tenant-settings/apis/"
TYPED = {"name": "Payroll", "audience": AUDIENCE, "description": "Pays <b>people</b>."}


@pytest.fixture
def admin(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def _page(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def _post(browser: Client, url: str, data: dict[str, Any]) -> Any:
    """Through the question for the password, where it comes."""
    answer = browser.post(url, data)
    if "step_up_password" in answer.content.decode():
        answer = browser.post(url, data | {"step_up_password": PASSWORD})
    return answer


def test_from_nothing_to_an_api_with_a_scope(admin: Client) -> None:
    assert "No API of your own yet" in _page(admin, LIST)
    answer = _post(admin, f"{LIST}new/", TYPED)
    api = Api.objects.get()
    assert answer["Location"] == reverse("apis:detail", args=[api.pk])
    page = _page(admin, answer["Location"])
    assert "No scope yet" in page
    assert "Pays &lt;b&gt;people&lt;/b&gt;." in page
    new = reverse("apis:new_scope", args=[api.pk])
    _post(admin, new, {"name": "pay:*", "description": "All of it."})
    parent = ApiScope.objects.get()
    _post(
        admin,
        new,
        {
            "name": "pay:read",
            "description": "Read payslips.",
            "parent": str(parent.pk),
            "restricted": "on",
        },
    )
    page = _page(admin, reverse("apis:detail", args=[api.pk]))
    assert "Below pay:*" in page
    assert "Restricted" in page
    assert "scope=pay:*" in page
    assert AUDIENCE in _page(admin, LIST)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(admin: Client) -> None:
    page = admin.post(f"{LIST}new/", TYPED | {"audience": "payroll"}).content.decode()
    assert "Type an absolute URI" in page
    assert 'value="Payroll"' in page
    api = make_api()
    page = admin.post(f"{LIST}new/", TYPED).content.decode()
    assert "Another API has this audience" in page
    new = reverse("apis:new_scope", args=[api.pk])
    answer = _post(admin, new, {"name": "idn:mine", "description": "Mine."})
    assert "belong to SailPoint Identity Security Cloud" in answer.content.decode()
    answer = _post(admin, new, {"name": "x", "description": "X.", "parent": str(uuid4())})
    assert "Choose a scope of this API." in answer.content.decode()
    assert not ApiScope.objects.exists()


def test_another_scope_may_follow_at_once(admin: Client) -> None:
    new = reverse("apis:new_scope", args=[make_api().pk])
    answer = _post(admin, new, {"name": "a", "description": "A.", "another": "on"})
    assert answer["Location"] == new


def test_what_says_who_may_do_more_asks_for_the_password(admin: Client) -> None:
    scope = make_scope(make_api())
    session = admin.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    for name, pk in (
        ("edit", scope.api_id),
        ("remove", scope.api_id),
        ("new_scope", scope.api_id),
        ("edit_scope", scope.pk),
        ("remove_scope", scope.pk),
    ):
        assert "step_up_password" in _page(admin, reverse(f"apis:{name}", args=[pk]))


def test_editing_starts_with_what_stands_and_saves_it(admin: Client) -> None:
    scope = make_scope(make_api())
    url = reverse("apis:edit", args=[scope.api_id])
    _post(admin, url, TYPED | {"name": "Pay", "revision": "1"})
    assert Api.objects.get().name == "Pay"
    assert 'value="Pay"' in _page(admin, url)
    url = reverse("apis:edit_scope", args=[scope.pk])
    page = _page(admin, url)
    assert "pay:read" in page
    assert 'name="name"' not in page
    _post(admin, url, {"description": "Read.", "restricted": "on", "revision": "1"})
    scope.refresh_from_db()
    assert (scope.description, scope.restricted) == ("Read.", True)


def test_removing_names_who_has_it_and_asks_for_the_name(admin: Client, ada: Identity) -> None:
    scope = make_scope(make_api())
    account = make_account("payslips", scopes=["fr:am:*", "pay:read"], owner=ada).account
    make_token(account.identity, "Month end", scopes=["pay:read"], by=ada)
    url = reverse("apis:remove_scope", args=[scope.pk])
    page = _post(admin, url, {}).content.decode()
    assert "It is taken from 1 service account." in page
    assert "It is taken from 1 personal access token." in page
    assert reverse("service_accounts:detail", args=[account.pk]) in page
    assert "Month end of payslips" in page
    seen = admin.get(url).context["digest"]
    wrong = admin.post(url, {"name": "pay", "seen": seen}).content.decode()
    assert "This is not its name." in wrong
    stale = admin.post(url, {"name": "pay:read", "seen": "0" * 64}).content.decode()
    assert "Who holds it changed meanwhile." in stale
    assert admin.post(url, {"name": "pay:read", "seen": seen}).status_code == 302
    account.refresh_from_db()
    assert account.scopes == ["fr:am:*"]


def test_an_api_is_removed_with_its_scopes_named(admin: Client) -> None:
    scope = make_scope(make_api())
    url = reverse("apis:remove", args=[scope.api_id])
    page = _post(admin, url, {}).content.decode()
    assert "pay:read" in page
    assert "nobody loses anything" in page
    answer = admin.post(url, {"name": "Payroll", "seen": admin.get(url).context["digest"]})
    assert answer["Location"] == LIST
    assert not Api.objects.exists()


def test_of_many_holders_fifty_are_named_and_the_rest_counted(admin: Client) -> None:
    scope = make_scope(make_api())
    for number in range(53):
        make_account(f"job {number:02}", scopes=["pay:read"])
    page = _post(admin, reverse("apis:remove_scope", args=[scope.pk]), {}).content.decode()
    assert "53 service accounts" in page
    assert "and 3 more" in page
    assert "job 49" in page
    assert "job 50" not in page


def test_who_reads_the_settings_sees_them_and_changes_nothing(
    client: Client, client_of: ClientOf, vera: Identity, otto: Identity
) -> None:
    scope = make_scope(make_api())
    seen = reverse("apis:detail", args=[scope.api_id])
    writing = [
        reverse("apis:new"),
        *(reverse(f"apis:{n}", args=[scope.api_id]) for n in ("edit", "remove", "new_scope")),
        *(reverse(f"apis:{n}", args=[scope.pk]) for n in ("edit_scope", "remove_scope")),
    ]
    auditor, owner = client_of(vera), client_of(otto)
    for url in (LIST, seen):
        page = _page(auditor, url)
        assert not any(f'href="{address}"' in page for address in writing)
        assert owner.get(url).status_code == 403
        assert client.get(url)["Location"].startswith("/sign-in/")
        assert auditor.post(url).status_code == 405
    for url in writing:
        for browser in (auditor, owner):
            assert browser.get(url).status_code == 403
            assert browser.post(url, TYPED).status_code == 403
    assert not Event.objects.filter(action="own_api.edited").exists()


def test_what_is_not_there_is_not_found(admin: Client) -> None:
    for name in ("detail", "edit", "remove", "new_scope", "edit_scope", "remove_scope"):
        url = reverse(f"apis:{name}", args=[uuid4()])
        assert _post(admin, url, {}).status_code in (404, 405)


def test_twenty_apis_cost_as_many_statements_as_three(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        account = make_account(f"api {number}").account if number % 2 else None
        api = make_api(f"API {number}", f"urn:api:{number}", account=account)
        for each in range(3):
            make_scope(api, f"a{number}:{each}")
    with django_assert_max_num_queries(10):
        admin.get(LIST)
    with django_assert_max_num_queries(10):
        admin.get(reverse("apis:detail", args=[api.pk]))


def test_events_lead_to_the_page_of_the_api(admin: Client) -> None:
    api = make_api()
    assert reverse("apis:detail", args=[api.pk]) in _page(admin, "/audit/")


def test_apis_stand_by_their_names_digits_in_their_place(admin: Client) -> None:
    """Not by the keys that tell lookalikes apart, in which 0 and 1 are letters."""
    for name in ("API 2", "API 10", "api 01", "API 1"):
        make_api(name, f"https://{name.replace(' ', '-').casefold()}.example.com")
    page = _page(admin, LIST)
    places = [page.index(f">{name}</a>") for name in ("api 01", "API 1", "API 10", "API 2")]
    assert places == sorted(places)
