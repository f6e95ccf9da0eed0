"""Two people at one form: the second undoes nothing of the first by accident."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import Identity
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile

ClientOf = Callable[[Identity], Client]


class Fields(HTMLParser):
    """What a browser would send of the forms of a page: boxes, texts, choices."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "textarea":
            self._area, self.values[name] = name, ""
        elif tag == "select":
            self._select, self.values[name] = name, ""
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = value
        elif tag == "input" and name:
            is_box = given.get("type") in {"checkbox", "radio"}
            if not is_box or "checked" in given:
                self.values[name] = value or ("on" if is_box else "")

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._select = "" if tag == "select" else self._select

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data.removeprefix("\n")


def fields_of(page: str) -> dict[str, str]:
    """The fields of the page's own form; those of the frame around it are no part of it."""
    return Fields(page[page.index("<main") :]).values


def form_at(browser: Client, path: str) -> dict[str, str]:
    return fields_of(browser.get(path).content.decode())


def both_change(
    browser: Client, path: str, theirs: dict[str, str], mine: dict[str, str]
) -> tuple[str, dict[str, str]]:
    """Two open the form, and the other saves first; the second one's page, and its form."""
    opened = form_at(browser, path)
    assert browser.post(path, opened | theirs).status_code == 302
    answer = browser.post(path, opened | mine)
    assert answer.status_code == 200
    page = answer.content.decode()
    return page, fields_of(page)


def source_path() -> str:
    return f"/sources/{make_source().pk}/configuration/"


def attribute_path() -> str:
    source = make_source()
    return f"/sources/{source.pk}/schema/{source.attributes.get(name='purpose').pk}/"


def profile_path() -> str:
    return f"/identity-profiles/{make_profile(make_source(), mapped={}).pk}/"


def state_path() -> str:
    profile = make_profile(make_source(), mapped={})
    state = profile.lifecycle_states.get(technical_name="active")
    return f"{profile_path_of(profile.pk)}lifecycle-states/{state.pk}/"


def profile_path_of(pk: object) -> str:
    return f"/identity-profiles/{pk}/"


EVERY_FORM = pytest.mark.parametrize(
    ("path_of", "one", "other"),
    [
        (source_path, "description", "name"),
        (attribute_path, "description", "name"),
        (profile_path, "description", "name"),
        (state_path, "description", "name"),
    ],
)


@EVERY_FORM
def test_what_the_second_left_alone_is_theirs_when_saved_again(
    client_of: ClientOf, ada: Identity, path_of: Callable[[], str], one: str, other: str
) -> None:
    browser, path = client_of(ada), path_of()
    page, form = both_change(browser, path, {one: "Theirs"}, {other: "Mine"})
    assert "ada changed this" in page
    assert "You left it alone: theirs is in the form now." in page
    assert (form[one], form[other]) == ("Theirs", "Mine")

    assert browser.post(path, form).status_code == 302
    saved = form_at(browser, path)
    assert (saved[one], saved[other]) == ("Theirs", "Mine")


@EVERY_FORM
def test_what_both_changed_stands_beside_each_other(
    client_of: ClientOf, ada: Identity, path_of: Callable[[], str], one: str, other: str
) -> None:
    browser, path = client_of(ada), path_of()
    page, form = both_change(browser, path, {one: "Theirs"}, {one: "Mine"})
    assert "<ins>Theirs</ins>" in page
    assert form[one] == "Mine"
    assert form_at(browser, path)[one] == "Theirs"  # nothing is saved yet
    assert browser.post(path, form).status_code == 302
    assert form_at(browser, path)[one] == "Mine"


def test_a_tick_that_they_took_away_stays_away(client_of: ClientOf, ada: Identity) -> None:
    browser, path = client_of(ada), attribute_path()
    opened = form_at(browser, path)
    browser.post(path, opened | {"is_entitlement": "on"})
    ticked = form_at(browser, path)
    browser.post(path, {name: v for name, v in ticked.items() if name != "is_entitlement"})
    page = browser.post(path, ticked | {"description": "Mine"}).content.decode()
    assert "<del>yes</del>" in page
    assert "is_entitlement" not in fields_of(page)


def test_a_form_that_does_not_say_what_it_was_opened_on_keeps_what_was_typed(
    client_of: ClientOf, ada: Identity
) -> None:
    browser, path = client_of(ada), source_path()
    opened = form_at(browser, path)
    browser.post(path, opened | {"description": "Theirs"})
    answer = browser.post(path, opened | {"name": "Mine", "opened": "forged"})
    page = answer.content.decode()
    assert "not known" in page
    assert (fields_of(page)["name"], fields_of(page)["description"]) == ("Mine", "")
