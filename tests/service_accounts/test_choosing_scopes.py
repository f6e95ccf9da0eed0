"""Scopes are chosen from all catalogues and the tenant's own APIs, also without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import ServiceAccount
from console.ui import scope_choice
from console.ui.confirmation import CONFIRMED_AT
from tests.factories.accounts import Made
from tests.factories.apis import make_api, make_scope
from tests.factories.people import PASSWORD
from tests.service_accounts.filled import NEW, edit_form, new_form, page
from tests.service_accounts.test_starting_scopes import ticked
from tokens.models import ApiScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def wipe() -> ApiScope:
    api = make_api()
    return make_scope(api, "pay:wipe", parent=make_scope(api, "pay:*"), restricted=True)


def _names(text: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="scopes" value="([^"]*)"', text)


def _groups(chosen: list[str], search: str = "") -> dict[str, tuple[int, int, bool, bool]]:
    sections = scope_choice.sections(chosen, search=search)
    return {
        s["publisher"]: (s["group_count"], s["group_chosen"], s["group_open"], s["folds"])
        for s in sections
    }


def test_every_catalogue_and_api_is_a_group_and_large_ones_are_folded(wipe: ApiScope) -> None:
    groups = _groups([])
    assert list(groups) == [
        "PingOne Advanced Identity Cloud",
        "SailPoint Identity Security Cloud",
        "SCIM 2.0",
        "ServiceNow",
        "Steward",
        "Payroll",
    ]
    assert groups["SailPoint Identity Security Cloud"] == (275, 0, False, True)
    assert groups["Payroll"] == (2, 0, True, False)
    chosen = _groups(["idn:accounts:read", "pay:*"])
    assert chosen["SailPoint Identity Security Cloud"] == (275, 1, True, True)
    opened = [s["title"] for s in scope_choice.sections(["idn:accounts:read"]) if s["open"]]
    assert opened == ["Accounts"]


@pytest.mark.parametrize("filled", ["new", "edit"])
def test_a_search_shows_what_fits_and_what_is_ticked_and_saves_nothing(
    admin: Client, made: Made, filled: str
) -> None:
    form: dict[str, Any]
    if filled == "new":
        url, form = NEW, new_form(name="kept", scopes=["fr:am:*"])
    else:
        url = page("edit", made.account)
        form = edit_form(admin, made.account, name="kept", scopes=["fr:am:*"])
    answer = admin.post(url, form | {"scopes_search": "1", "scopes_filter": "Transforms READ"})
    text = answer.content.decode()
    # the parent has to stand there for its child
    assert _names(text) == [
        "fr:am:*",
        *("idn:transform:manage", "idn:transform:read"),
        *("steward:transforms:manage", "steward:transforms:read"),
    ]
    assert ticked(text) == ["fr:am:*"]
    assert 'value="Transforms READ"' in text
    assert answer.context["form"]["name"].value() == "kept"
    assert not ServiceAccount.objects.filter(name="kept").exists()


def test_a_search_without_a_match_says_so_and_a_hostile_one_is_text(admin: Client) -> None:
    form = new_form(scopes=[]) | {"scopes_search": "1", "scopes_filter": '"><script>x' + "y" * 999}
    text = admin.post(NEW, form).content.decode()
    assert _names(text) == []
    assert "<script>x" not in text
    assert re.search(r"data-scopes-nothing>", text)


def test_a_parent_whose_child_fits_comes_with_that_child_alone() -> None:
    (section,) = scope_choice.sections([], search="fr:idc:esv:restart")
    (parent,) = section["scopes"]
    assert (parent["name"], [c["name"] for c in parent["children"]]) == (
        "fr:idc:esv:*",
        ["fr:idc:esv:restart"],
    )


def test_scopes_of_all_of_them_are_given_to_one_account(admin: Client, wipe: ApiScope) -> None:
    chosen = ["fr:am:*", "idn:sources:read", "pay:*", "pay:wipe"]
    admin.post(NEW, new_form(name="many", scopes=chosen))
    assert ServiceAccount.objects.get(name="many").scopes == chosen


def test_giving_a_restricted_scope_asks_for_the_password_and_no_other_does(
    admin: Client, made: Made, wipe: ApiScope
) -> None:
    url = page("edit", made.account)
    session = admin.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    plain = edit_form(admin, made.account, scopes=["fr:am:*", "fr:idm:*", "pay:*"])
    assert admin.post(url, plain).status_code == 302
    more = edit_form(admin, made.account, scopes=["fr:am:*", "fr:idm:*", "pay:*", "pay:wipe"])
    asked = admin.post(url, more)
    assert "step_up_password" in asked.content.decode()
    made.account.refresh_from_db()
    assert "pay:wipe" not in made.account.scopes
    assert admin.post(url, more | {"step_up_password": PASSWORD}).status_code == 302
    made.account.refresh_from_db()
    assert "pay:wipe" in made.account.scopes


def test_the_tab_of_scopes_says_what_the_levels_of_the_account_do_not_carry(
    admin: Client, made: Made
) -> None:
    url = page("edit", made.account)
    form = edit_form(admin, made.account, scopes=["fr:am:*", "fr:idm:*", "idn:sources:manage"])
    admin.post(url, form)
    text = admin.get(page("scopes", made.account)).content.decode()
    assert '<del class="refused"><code>idn:sources:manage</code></del>' in text
    assert "the holder has User." in text
