"""The theme is a cookie that the server writes, so that nothing flashes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity


def choose(client: Client, **form: str) -> Any:
    return client.post("/preferences/theme/", form)


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_the_choice_holds_on_the_next_page(
    client_of: Callable[[Identity], Client], ada: Identity, theme: str
) -> None:
    browser = client_of(ada)

    answer = choose(browser, theme=theme, next="/profile/?a=b")

    assert (answer.status_code, answer["Location"]) == (302, "/profile/?a=b")
    assert f'data-theme="{theme}"' in browser.get("/profile/").content.decode()


def test_the_cookie_is_kept_for_a_year_and_out_of_scripts(client: Client, db: None) -> None:
    cookie = choose(client, theme="dark").cookies["steward_theme"]

    assert cookie["max-age"] == 365 * 24 * 60 * 60
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("theme", ["", "pink", 'dark"><script>', "dark\r\nSet-Cookie: x=y"])
def test_an_unknown_theme_changes_nothing(client: Client, db: None, theme: str) -> None:
    answer = choose(client, theme=theme)

    assert answer.status_code == 302
    assert "steward_theme" not in answer.cookies


def test_a_forged_cookie_is_not_written_into_the_page(client: Client, db: None) -> None:
    client.cookies["steward_theme"] = '"><script>'

    assert 'data-theme="system"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", ""]
)
def test_it_leads_back_to_our_own_pages_only(client: Client, db: None, wanted: str) -> None:
    assert choose(client, theme="dark", next=wanted)["Location"] == "/"


def test_a_link_cannot_choose(client: Client, db: None) -> None:
    assert client.get("/preferences/theme/?theme=dark").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/preferences/theme/").status_code == 403
