"""The scopes of a token are searched without a script, and nobody is offered what others give."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity, ServiceAccount
from console.ui import scope_choice
from console.ui.confirmation import CONFIRMED_AT
from tests.factories.apis import make_api, make_scope
from tests.factories.people import PASSWORD
from tests.factories.tokens import make_token
from tests.personal_access_tokens.test_new_page import NEW, form, new_for
from tests.service_accounts.test_starting_scopes import ticked
from tokens.models import Credential
from tokens.personal_access_tokens import queries
from tokens.scopes.effective import of_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def wiping(account: ServiceAccount) -> ServiceAccount:
    """Otto's account may pay:wipe, which an administrator gave it."""
    api = make_api()
    make_scope(api, "pay:wipe", parent=make_scope(api, "pay:*"), restricted=True)
    account.scopes = ["fr:am:*", "pay:*", "pay:wipe"]
    account.save()
    return account


def edit_of(token: Credential) -> str:
    return f"/personal-access-tokens/{token.pk}/edit/"


def boxes(page: str) -> dict[str, bool]:
    """The scopes on a page, and whether each can be ticked."""
    found = re.findall(r'<input type="checkbox" name="scopes" value="([^"]*)"([^>]*)>', page)
    return {name: "disabled" not in rest for name, rest in found}


def search(text: str, **changed: Any) -> dict[str, Any]:
    return form(scopes_search="1", scopes_filter=text, **changed)


def test_a_search_shows_what_fits_and_what_is_ticked_and_makes_nothing(
    admin: Client, ada: Identity
) -> None:
    typed = search(
        "Transforms READ", scopes=["sp:scopes:all"], expiry="date", expires_on="2031-05-06"
    )
    answer = admin.post(NEW, typed | {"access_token_seconds": "many"})
    page = answer.content.decode()
    # the parent has to stand there for its child
    assert list(boxes(page)) == [
        "sp:scopes:all",
        *("idn:transform:manage", "idn:transform:read"),
        *("steward:transforms:manage", "steward:transforms:read"),
    ]
    assert ticked(page) == ["sp:scopes:all"]
    assert 'value="Transforms READ"' in page
    assert "errorlist" not in page, "nothing is judged yet"
    shown = answer.context["form"]
    kept = ("name", "expiry", "expires_on", "access_token_seconds", "submission")
    assert [str(shown[name].value()) for name in kept] == [
        "Nightly export",
        "date",
        "2031-05-06",
        "many",
        typed["submission"],
    ]
    assert not queries.held_by(ada).exists()


def test_what_is_found_is_ticked_and_saved(owner: Client, otto: Identity) -> None:
    """Twice searched: the tick of the first time goes along."""
    first = owner.post(NEW, search("public identities", scopes=[])).content.decode()
    found = next(iter(boxes(first)))
    second = owner.post(NEW, search("scopes default", scopes=[found])).content.decode()
    assert ticked(second) == [found]
    assert "sp:scopes:default" in boxes(second)
    owner.post(NEW, form(scopes=[found, "sp:scopes:default"]))
    assert set(queries.held_by(otto).get().scopes) == {found, "sp:scopes:default"}


def test_a_token_is_searched_while_it_is_edited_and_keeps_what_it_has(
    owner: Client, account: ServiceAccount, otto: Identity
) -> None:
    token = make_token(account.identity, scopes=["fr:am:*"], by=otto).token
    typed = {"name": "Renamed", "scopes": ["fr:am:*"], "expiry": "keep"}
    page = owner.post(
        edit_of(token), typed | {"scopes_search": "1", "scopes_filter": "fr:idm"}
    ).content.decode()
    assert list(boxes(page)) == ["fr:am:*", "fr:idm:*"]
    assert ticked(page) == ["fr:am:*"]
    assert 'value="Renamed"' in page
    token.refresh_from_db()
    assert (token.name, token.scopes) == ("Nightly export", ["fr:am:*"])
    owner.post(edit_of(token), typed | {"scopes": ["fr:am:*", "fr:idm:*"]})
    token.refresh_from_db()
    assert (token.name, token.scopes) == ("Renamed", ["fr:am:*", "fr:idm:*"])


def test_a_search_without_a_match_says_so_and_a_hostile_one_is_text(owner: Client) -> None:
    typed = search('"><script>x' + "y" * 999, scopes=["<script>z", "idn:nothing:read"])
    page = owner.post(NEW, typed).content.decode()
    assert boxes(page) == {}
    assert "<script>x" not in page
    assert "<script>z" not in page
    assert re.search(r"data-scopes-nothing>", page)
    assert "has no scope that a token could have" not in page


def test_without_a_script_there_is_a_button_and_all_is_folded_by_vendor(
    admin: Client, wiping: ServiceAccount
) -> None:
    page = admin.get(NEW).content.decode()
    assert re.search(r'<noscript><button type="submit"[^>]*name="scopes_search"', page)
    page = admin.get(new_for(wiping)).content.decode()
    assert "Payroll</span>" in page
    assert re.search(r"scopes-number\">\s*2 scopes", page)


def test_a_search_asks_for_the_password_where_that_is_due_and_goes_on(owner: Client) -> None:
    session = owner.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    typed = search("scopes default", scopes=[])
    asked = owner.post(NEW, typed).content.decode()
    assert 'name="scopes_filter" value="scopes default"' in asked
    page = owner.post(NEW, typed | {"step_up_password": PASSWORD}).content.decode()
    assert list(boxes(page)) == ["sp:scopes:default"]


def test_an_owner_sees_what_only_administrators_give_struck_through(
    owner: Client, admin: Client, wiping: ServiceAccount, otto: Identity
) -> None:
    page = owner.get(new_for(wiping)).content.decode()
    assert [name for name, free in boxes(page).items() if not free] == ["pay:wipe"]
    assert '<del class="refused">pay:wipe</del>' in page
    assert "You cannot give it: ask an administrator" in page
    page = admin.get(new_for(wiping)).content.decode()
    assert boxes(page)["pay:wipe"]
    assert "You cannot give it" not in page
    assert "after confirming their password" in page


def test_who_sends_it_all_the_same_is_told_and_it_is_ticked_no_more(
    owner: Client, wiping: ServiceAccount
) -> None:
    page = owner.post(new_for(wiping), form(scopes=["pay:*", "pay:wipe"])).content.decode()
    assert "Only an administrator gives pay:wipe." in page
    assert ticked(page) == ["pay:*"]
    assert not Credential.objects.filter(kind="personal_access_token").exists()


def test_an_owner_keeps_it_on_a_token_that_has_it(
    owner: Client, wiping: ServiceAccount, ada: Identity
) -> None:
    made = make_token(wiping.identity, scopes=["pay:wipe"], by=ada).token
    page = owner.get(edit_of(made)).content.decode()
    assert boxes(page)["pay:wipe"]
    assert ticked(page) == ["pay:wipe"]
    owner.post(edit_of(made), {"name": "Same", "scopes": ["pay:wipe", "pay:*"]})
    made.refresh_from_db()
    assert made.scopes == ["pay:*", "pay:wipe"]
    owner.post(edit_of(made), {"name": "Same", "scopes": ["pay:*"]})
    assert not boxes(owner.get(edit_of(made)).content.decode())["pay:wipe"]


def test_what_is_barred_counts_as_not_chosen(wiping: ServiceAccount) -> None:
    held = of_identity(wiping.identity)
    found = scope_choice.offered(held, ["pay:*", "pay:wipe"], barred=["pay:wipe"])
    (payroll,) = [section for section in found if section["publisher"] == "Payroll"]
    assert (payroll["count"], payroll["chosen"]) == (2, 1)
