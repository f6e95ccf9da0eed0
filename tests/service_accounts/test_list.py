"""The list: what a row says, search, filters, order and pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Identity
from accounts.service_accounts import actions, queries
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.service_accounts.filled import LIST
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db

TRIGRAMS = "service_account_name_trigrams"


def names(client: Client, **query: str) -> list[str]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row["account"].name for row in answer.context["rows"]]


def use(made: Made, days_ago: float) -> None:
    buffer.add(
        identity_id=made.account.pk,
        use=Use.TOKEN,
        credential_id=made.credential.pk,
        scopes=["fr:am:*"],
        address="192.0.2.1",
        client="curl",
        at=timezone.now() - timedelta(days=days_ago),
    )


def test_a_row_says_what_one_compares(admin: Client, made: Made) -> None:
    page = admin.get(LIST).content.decode()
    assert "<h1>Service Accounts</h1>" in page
    for said in ("audit01", str(made.account.pk), "Otto", "Active", "Never used", "No expiry"):
        assert said in page
    use(made, 0.1)
    assert "2 hours ago" in admin.get(LIST).content.decode()


def test_the_ellipsis_menu_leads_to_every_act(admin: Client, made: Made) -> None:
    page = admin.get(LIST).content.decode()
    for label in ("Edit", "Regenerate Key", "Disable", "Delete"):
        assert re.search(
            rf'class="menu-item[^>]*href="[^"]*{made.account.pk}/[^>]*>.*?{label}', page
        )
    assert 'popovertarget="menu-' in page


def test_a_disabled_account_offers_enable(admin: Client, ada: Identity, made: Made) -> None:
    actions.disable(by=ada, account=made.account, at=timezone.now())
    page = admin.get(LIST).content.decode()
    assert f'formaction="/service-accounts/{made.account.pk}/enable/"' in page


def test_an_empty_tenant_says_one_sentence_and_has_one_button(admin: Client) -> None:
    page = admin.get(LIST).content.decode()
    assert "A service account lets a program get access tokens" in page
    assert page.count("New Service Account") == 1
    assert "Export CSV" not in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("audit", ["audit01"]),
        ("AUDIT", ["audit01"]),
        ("dit0", ["audit01"]),
        ("bot", ["release-bot"]),
        ("%", []),
        ("_", []),
        ("nothing", []),
        ("' OR 1=1 --", []),
        ("\x00", ["audit01", "release-bot"]),
    ],
)
def test_search_finds_part_of_a_name(
    admin: Client, made: Made, text: str, found: list[str]
) -> None:
    make_account("release-bot")
    assert names(admin, q=text) == found


def test_search_finds_ids_and_key_ids_by_their_beginning(admin: Client, made: Made) -> None:
    make_account("release-bot")
    whole, key_id = str(made.account.pk), made.credential.key_id
    for text in (whole, whole.upper(), whole[:13], made.account.pk.hex, key_id, key_id[:12]):
        assert names(admin, q=text) == ["audit01"], text


def test_a_search_that_finds_nothing_says_how_to_go_on(admin: Client, made: Made) -> None:
    page = admin.get(LIST, {"q": "<nothing>"}).content.decode()
    assert "No service account matches" in page
    assert "&lt;nothing&gt;" in page
    assert "Clear all" in page


def test_filters_narrow_and_stand_as_chips(
    admin: Client, ada: Identity, otto: Identity, made: Made
) -> None:
    off = make_account("off").account
    actions.disable(by=ada, account=off, at=timezone.now())
    over = make_account("over", owner=ada).account
    type(over).objects.filter(pk=over.pk).update(ends_at=timezone.now() - timedelta(days=1))
    brief = make_account("brief", owner=ada, key_lifetime=timedelta(days=29))
    old = make_account("old", owner=ada, at=timezone.now() - timedelta(days=91))
    use(brief, 0)
    assert names(admin, status="disabled") == ["off"]
    assert names(admin, status="ended") == ["over"]
    assert names(admin, status="active") == ["audit01", "brief", "old"]
    assert names(admin, status="no_owner") == ["off"]
    assert names(admin, owner=str(otto.pk)) == ["audit01"]
    assert names(admin, expiring="30") == ["brief"]
    assert names(admin, unused="90") == ["old"]
    use(old, 1)
    assert names(admin, unused="90") == []
    page = admin.get(LIST, {"status": "active", "owner": str(otto.pk)}).content.decode()
    assert "Owner: Otto" in page
    assert f'class="filter-chip" href="/service-accounts/?owner={otto.pk}"' in page


def test_an_owner_who_was_disabled_counts_as_none(
    admin: Client, ada: Identity, otto: Identity, made: Made
) -> None:
    identities.disable(by=ada, identity=otto, at=timezone.now())
    assert names(admin, status="no_owner") == ["audit01"]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "'; DROP TABLE"},
        {"owner": "not-a-uuid"},
        {"sort": "secret_hash"},
        {"sort": "-owner__password"},
        {"after": "forged"},
        {"before": "eyJhIjoxfQ:1:x"},
        {"expiring": "yes", "unused": "1e9"},
        {"q": "x" * 10_000},
    ],
)
def test_what_makes_no_sense_in_the_address_breaks_nothing(
    admin: Client, made: Made, query: dict[str, str]
) -> None:
    assert admin.get(LIST, query).status_code == 200


def test_columns_sort_both_ways(admin: Client, ada: Identity) -> None:
    for days, name in enumerate(["beta", "alpha", "gamma"]):
        make_account(name, at=timezone.now() - timedelta(days=days))
    assert names(admin) == ["alpha", "beta", "gamma"]
    assert names(admin, sort="-name") == ["gamma", "beta", "alpha"]
    assert names(admin, sort="created") == ["gamma", "alpha", "beta"]
    assert 'aria-sort="ascending"' in admin.get(LIST).content.decode()


def test_names_sort_as_people_sort_them(admin: Client, ada: Identity) -> None:
    for name in ("Zebra", "alpha", "Beta", "gamma"):
        make_account(name)
    assert names(admin) == ["alpha", "Beta", "gamma", "Zebra"]


def test_a_page_is_read_in_the_order_of_an_index(ada: Identity) -> None:
    """Nothing is sorted, so a page costs the same in a tenant of any size."""
    for field in ("sort_name", "created_at"):
        rows = queries.visible_to(ada).with_sort_name().order_by(field, "pk")[:51]
        plan = rows.explain()
        assert "service_account_" in plan or connection.vendor == "postgresql", plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.postgres
def test_part_of_a_name_has_an_index_of_trigrams(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [TRIGRAMS])
        assert "gin_trgm_ops" in cursor.fetchone()[0]


def test_pages_follow_each_other_without_gap_or_double(admin: Client, ada: Identity) -> None:
    for number in range(103):
        actions.create(
            by=ada,
            details=actions.Details(f"bot-{number:03}", "", None, []),
            at=timezone.now(),
        )
    seen: list[str] = []
    url, back = LIST, ""
    while url:
        answer = admin.get(url)
        page: Any = answer.context["page"]
        seen += [row["account"].name for row in answer.context["rows"]]
        url, back = page.next_url, page.previous_url
    assert seen == [f"bot-{number:03}" for number in range(103)]
    assert "of 103" in answer.content.decode()
    rows = admin.get(back).context["rows"]
    assert [row["account"].name for row in rows] == seen[50:100]


def test_twenty_rows_cost_as_many_statements_as_three(
    admin: Client, otto: Identity, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        make_account(f"bot-{number}", owner=otto)
    admin.get(LIST)
    # session, rules of sign-in, person, levels; rows, keys, use; owners of the filter; jobs
    with django_assert_num_queries(11):
        admin.get(LIST)
    for number in range(3, 20):
        make_account(f"bot-{number}", owner=otto)
    with django_assert_num_queries(11):
        assert len(names(admin)) == 20


def test_htmx_gets_the_list_alone_but_a_history_the_whole_page(admin: Client, made: Made) -> None:
    part = admin.get(LIST, {"q": "audit"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="results"' in part
    assert 'hx-swap-oob="true"' in part
    assert "/service-accounts/export/?q=audit" in part
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in admin.get(LIST, headers=headers).content.decode()


def test_a_key_that_only_gives_way_to_a_newer_one_is_no_alarm(admin: Client, made: Made) -> None:
    ends = timezone.now() + timedelta(days=3)
    type(made.credential).objects.filter(pk=made.credential.pk).update(retires_at=ends)
    assert "Ends soon" in admin.get(LIST).content.decode()
    other = make_account("other").credential
    type(other).objects.filter(pk=other.pk).update(identity=made.account.identity)
    page = admin.get(LIST).content.decode()
    assert "Ends soon" not in page
    assert "in 3 days" in page
