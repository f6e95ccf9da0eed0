"""The list of tokens: whose one sees, what state each is in, and how the list is narrowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from tests.factories import make_account, make_person
from tests.factories.tokens import make_token
from tests.personal_access_tokens.conftest import ClientOf
from tokens.models import Credential
from tokens.personal_access_tokens import actions, queries
from tokens.personal_access_tokens.queries import TokenStatus, Wanted

pytestmark = pytest.mark.django_db
LIST = "/personal-access-tokens/"


def names(browser: Client, address: str = LIST) -> list[str]:
    return [row.token.name for row in browser.get(address).context["rows"]]


def test_one_sees_ones_own_and_those_of_ones_accounts(
    client_of: ClientOf,
    owner: Client,
    admin: Client,
    vera: Identity,
    mallory: Identity,
    otto: Identity,
    ada: Identity,
    account: ServiceAccount,
) -> None:
    make_token(otto, "own")
    make_token(account.identity, "account", by=ada)
    make_token(ada, "another's", scopes=["sp:scopes:all"])
    assert sorted(names(owner)) == ["account", "own"]
    assert names(owner, f"{LIST}?whose=mine") == ["own"]
    assert names(client_of(mallory)) == []
    for browser in (admin, client_of(vera)):
        assert sorted(names(browser)) == ["account", "another's", "own"]
        assert names(browser, f"{LIST}?whose=service_accounts") == ["account"]
    assert sorted(names(admin, f"{LIST}?whose=people")) == ["another's", "own"]


def test_of_a_deleted_account_its_owner_sees_nothing_more(
    owner: Client, ada: Identity, account: ServiceAccount
) -> None:
    token = make_token(account.identity, by=ada).token
    service_accounts.delete(by=ada, account=account, at=timezone.now())
    assert names(owner) == []
    assert owner.get(f"{LIST}{token.pk}/").status_code == 404


def in_every_state(ada: Identity) -> None:
    now = timezone.now()
    person = make_person("pat")
    make_token(person, "works", expires_in=timedelta(days=90))
    make_token(person, "soon", expires_in=timedelta(days=6, hours=1))
    make_token(person, "late", at=now - timedelta(days=60))
    actions.revoke(by=person, token=make_token(person, "gone").token, at=now)
    off = make_person("off")
    make_token(off, "held")
    identities.set_disabled(by=ada, identity=off, at=now)
    ended = make_account("ended").account
    make_token(ended.identity, "past", by=ada)
    ServiceAccount.objects.filter(pk=ended.pk).update(ends_at=now - timedelta(days=1))


def test_each_state_is_said_and_can_be_asked_for(admin: Client, ada: Identity) -> None:
    in_every_state(ada)
    seen = {row.token.name: (row.state, row.label) for row in admin.get(LIST).context["rows"]}
    assert seen == {
        "works": ("active", ""),
        "soon": ("expiring", "Expires in 6 days"),
        "late": ("expired", ""),
        "held": ("suspended", ""),
        "past": ("suspended", ""),
    }
    assert "its holder is disabled" in admin.get(LIST).content.decode()
    assert names(admin, f"{LIST}?expiring=30&status=active") == ["soon"]
    assert names(admin, f"{LIST}?status=revoked") == ["gone"]


def test_the_filter_and_the_row_agree(ada: Identity) -> None:
    in_every_state(ada)
    now = timezone.now()
    for status in TokenStatus:
        wanted = Wanted(status=status)
        found = queries.narrow(queries.tokens(), wanted, person=ada, now=now)
        by_hand = [t for t in queries.tokens() if queries.status_of(t, now) is status]
        assert set(found) == set(by_hand) != set()


def test_search_by_name_holder_or_id(admin: Client, otto: Identity, ada: Identity) -> None:
    token = make_token(otto, "Nightly export").token
    make_token(ada, "Other", scopes=["sp:scopes:all"])
    for text in ("nightly", "EXPORT", "otto", token.client_id, str(token.pk)):
        assert names(admin, f"{LIST}?q={text}") == ["Nightly export"], text
    assert names(admin, f"{LIST}?q=%00%00nobody") == []
    assert len(names(admin, f"{LIST}?status=x&whose=y&sort=secret_hash&after=forged")) == 2


def test_unused_ones(admin: Client, otto: Identity) -> None:
    long_ago = timezone.now() - timedelta(days=91)
    make_token(otto, "idle", at=long_ago, expires_in=timedelta(days=365))
    used = make_token(otto, "used", at=long_ago, expires_in=timedelta(days=365)).token
    Credential.objects.filter(pk=used.pk).update(last_used_at=timezone.now())
    make_token(otto, "new")
    assert names(admin, f"{LIST}?unused=90") == ["idle"]


def test_pages_and_orders(admin: Client) -> None:
    for person in range(6):
        holder = make_person(f"person{person}")
        for number in range(9):
            make_token(holder, f"Token {person}{number}")
    first = admin.get(f"{LIST}?sort=name")
    assert len(first.context["rows"]) == 50
    assert names(admin, f"{LIST}?sort=name")[0] == "Token 00"
    assert names(admin, first.context["page"].next_url) == [f"Token 5{n}" for n in range(5, 9)]
    for order in ("created", "expires", "-expires", "used", "-used", "-name"):
        assert len(names(admin, f"{LIST}?sort={order}")) == 50


def test_twenty_rows_cost_as_many_statements_as_three(admin: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(LIST)
        return len(captured)

    for number in range(3):
        make_token(make_person(f"few{number}"))
    few = cost()
    for number in range(17):
        make_token(make_account(f"many{number}").account.identity, by=make_person_admin(number))
    assert cost() == few


def make_person_admin(number: int) -> Identity:
    return make_person(f"admin{number}", levels=["admin"])


def test_the_tab_of_an_account(
    owner: Client, client_of: ClientOf, vera: Identity, account: ServiceAccount, otto: Identity
) -> None:
    tab = f"/service-accounts/{account.pk}/personal-access-tokens/"
    assert "New Token" in owner.get(tab).content.decode()
    make_token(account.identity, "for the account", by=otto)
    assert "for the account" in owner.get(tab).content.decode()
    seen = client_of(vera).get(tab).content.decode()
    assert "for the account" in seen
    assert "New Token" not in seen
    assert client_of(make_person("stranger")).get(tab).status_code == 404


def test_the_account_signed_in_as_itself_has_the_page_too(
    client_of: ClientOf, mallory: Identity
) -> None:
    assert "You have no personal access tokens" in (
        client_of(mallory).get(f"{LIST}?whose=mine").content.decode()
    )


@pytest.mark.parametrize(
    ("left", "label"),
    [
        (timedelta(minutes=20), "Expires within an hour"),
        (timedelta(hours=23, minutes=5), "Expires in 23 hours"),
        (timedelta(hours=1, minutes=5), "Expires in 1 hour"),
    ],
)
def test_the_last_day_is_told_in_hours(
    owner: Client, otto: Identity, left: timedelta, label: str
) -> None:
    """Not as today: it may well be tomorrow by the clock."""
    make_token(otto, expires_in=left)
    assert owner.get(LIST).context["rows"][0].label == label


def test_ones_own_list_leaves_out_whose_they_are_and_offers_the_first_one_once(
    owner: Client, otto: Identity
) -> None:
    empty = owner.get(f"{LIST}?whose=mine").content.decode()
    main = empty[empty.index("<main") : empty.index("</main>")]
    assert main.count('class="button primary"') == 1
    make_token(otto)
    assert "Acts for" not in owner.get(f"{LIST}?whose=mine").content.decode()
    assert "Acts for" in owner.get(LIST).content.decode()
