"""Tenant settings > User levels: the table that everything obeys, for people to read."""

from __future__ import annotations

import html
from collections.abc import Callable

from django.test import Client

from accounts.authorization.levels import LEVELS
from accounts.authorization.permissions import IN_WORDS, SUBJECTS, Permission
from accounts.models import Identity
from tests.factories import make_person

ClientOf = Callable[[Identity], Client]
PAGE = "/tenant-settings/user-levels/"


def test_it_is_the_table_itself(client_of: ClientOf, vera: Identity) -> None:
    answer = client_of(vera).get(PAGE)
    page = html.unescape(answer.content.decode())

    for said in (*IN_WORDS.values(), *SUBJECTS.values(), *(x.label for x in LEVELS.values())):
        assert str(said) in page
    shown = {
        str(row["words"]): [cell["carried"] for cell in row["cells"]]
        for subject in answer.context["subjects"]
        for row in subject["rows"]
    }
    assert shown == {
        str(IN_WORDS[permission]): [permission in level.permissions for level in LEVELS.values()]
        for permission in Permission
    }


def test_every_tick_is_said_too(client_of: ClientOf, vera: Identity) -> None:
    page = client_of(vera).get(PAGE).content.decode()
    table = page.partition('class="table matrix"')[2].partition("</table>")[0]
    cells = len(LEVELS) * len(Permission)

    assert table.count("Yes") + table.count(">No<") == cells


def test_it_says_how_many_hold_each_and_leads_to_them(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    make_person("hel", levels=["helpdesk"])
    browser = client_of(vera)

    counts = {c["level"].code: c["count"] for c in browser.get(PAGE).context["levels"]}
    assert (counts["admin"], counts["auditor"], counts["helpdesk"]) == (1, 1, 1)
    assert counts["source_admin"] == 0
    listed = browser.get("/identities/?level=helpdesk").content.decode()
    assert "hel@example.com" in listed
    assert "ada@example.com" not in listed


def test_many_holders_cost_no_more_statements(
    client_of: ClientOf, vera: Identity, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    browser = client_of(vera)
    browser.get(PAGE)
    for number in range(20):
        make_person(f"h{number}", levels=["helpdesk"])

    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        browser.get(PAGE)


def test_who_sees_no_settings_does_not_see_it(client_of: ClientOf, otto: Identity) -> None:
    assert client_of(otto).get(PAGE).status_code == 403
