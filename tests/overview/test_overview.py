"""The page after sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.audit.models import Outcome
from accounts.authorization.levels import ADMIN
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from tests.factories import make_account, make_person
from tests.factories.requests import ask
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.service_accounts import actions as with_keys
from tokens.service_accounts import overview
from tokens.usage.buffer import buffer

SignedIn = Callable[[Identity], Client]


def figures(client: Client) -> dict[str, tuple[str, str]]:
    """Label to number and address."""
    answer = client.get("/")
    assert answer.status_code == 200
    return {f["label"]: (f["number"], f["url"]) for f in answer.context["figures"]}


def matters(client: Client) -> list[tuple[str, str]]:
    """Account and what is to be done about it."""
    answer = client.get("/")
    return [(matter.name, matter.action) for matter in answer.context["matters"]]


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_it_only_shows(client_of: SignedIn, ada: Identity) -> None:
    assert client_of(ada).post("/").status_code == 405


def test_an_empty_tenant_says_what_comes_next_to_each(
    client_of: SignedIn, ada: Identity, vera: Identity, mallory: Identity
) -> None:
    for person, said in (
        (ada, "Make the first service account"),
        (vera, "No service accounts yet"),
        (mallory, "You own no service account"),
    ):
        page = client_of(person).get("/").content.decode()
        assert said in page
        assert ('href="/service-accounts/new/"' in page) is (person == ada)


def test_each_number_is_that_of_the_list_it_leads_to(
    client_of: SignedIn, ada: Identity, otto: Identity
) -> None:
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=100)
    make_account("fresh", owner=otto)
    make_account("old-and-unused", owner=otto, at=long_ago)
    make_account("expiring", owner=otto, key_lifetime=timedelta(days=20))
    make_account("nobodys")
    made = make_account("off", owner=otto)
    actions.disable(by=ada, account=made.account, at=now)
    make_account("over", owner=otto, at=long_ago, ends_at=now - timedelta(days=1))
    record("token.refused", by=UnknownActor(), outcome=Outcome.REFUSED)
    client = client_of(ada)
    found = figures(client)
    assert {label: number for label, (number, _url) in found.items()} == {
        "Active": "4",
        "Disabled": "1",
        "Ended": "1",
        "Keys end within 30 days": "1",
        "Unused for 90 days": "2",
        "Without an owner": "1",
        "Refusals in 24 hours": "1",
    }
    for label, (number, url) in found.items():
        answer = client.get(url)
        rows = answer.context["lines" if url.startswith("/audit/") else "rows"]
        assert str(len(rows)) == number, label


def test_use_that_was_not_written_yet_counts(client_of: SignedIn, ada: Identity) -> None:
    made = make_account("old", at=timezone.now() - timedelta(days=100))
    buffer.add(
        identity_id=made.account.pk,
        use="token",
        credential_id=made.credential.pk,
        scopes=["fr:am:*"],
        address="192.0.2.1",
        client="curl",
        at=timezone.now(),
    )
    assert figures(client_of(ada))["Unused for 90 days"][0] == "0"


def test_what_cannot_wait_comes_with_the_way_to_mend_it(
    client_of: SignedIn, ada: Identity, vera: Identity, otto: Identity
) -> None:
    now = timezone.now()
    ended = make_account(
        "ended-key", owner=otto, key_lifetime=timedelta(days=30), at=now - timedelta(days=33)
    )
    make_account("ends-soon", owner=otto, key_lifetime=timedelta(days=5))
    make_account("ends-later", owner=otto, key_lifetime=timedelta(days=25))
    make_account("nobodys")
    refused = make_account("refused", owner=otto)
    for made in (ended, refused):
        record("token.refused", by=UnknownActor(), subject=made.account, outcome=Outcome.REFUSED)
    assert matters(client_of(ada)) == [
        ("ended-key", "Regenerate Key"),
        ("ends-soon", "Regenerate Key"),
        ("refused", "See the refusals"),
        ("nobodys", "Choose an owner"),
    ], "each account once, with the worst"
    assert ("ended-key", "See its keys") in matters(client_of(vera))


def test_an_account_without_a_usable_key_needs_attention(
    client_of: SignedIn, ada: Identity, otto: Identity
) -> None:
    made = make_account("keyless", owner=otto)
    credentials.revoke(by=ada, credential=made.credential, at=timezone.now())
    assert matters(client_of(ada)) == [("keyless", "Regenerate Key")]
    assert matters(client_of(otto)) == [("keyless", "See its keys")]
    page = client_of(otto).get("/").content.decode()
    assert "It has no usable key" in page
    assert "Nothing does" not in page


def test_who_may_not_mend_it_is_told_whom_to_ask_or_where(
    client_of: SignedIn, ada: Identity, otto: Identity, vera: Identity
) -> None:
    Identity.objects.filter(pk=ada.pk).update(display_name="Ada Abel", email="ada@x.example")
    gone = make_person("gone", levels=[ADMIN])
    Identity.objects.filter(pk=gone.pk).update(disabled_at=timezone.now(), disabled_by="ada")
    keyless, bare = make_account("keyless", owner=otto), make_account("bare", owner=otto)
    credentials.revoke(by=ada, credential=keyless.credential, at=timezone.now())
    ServiceAccount.objects.filter(pk=bare.account.pk).update(scopes=[])

    client = client_of(otto)
    assert matters(client) == [("keyless", "See its keys"), ("bare", "See its scopes")]
    assert "Ask Ada Abel (ada@x.example)." in client.get("/").content.decode()
    for made, asked in ((keyless, "Ask for a new key"), (bare, "Ask for scopes")):
        assert asked in client.get(f"/service-accounts/{made.account.pk}/").content.decode()
    path = f"/service-accounts/{bare.account.pk}/"
    assert "Ask Ada Abel (ada@x.example)." in client_of(vera).get(path).content.decode()
    assert 'href="/requests/new/"' in client.get("/").content.decode()
    for path in ("/", *(f"/service-accounts/{made.account.pk}/" for made in (keyless, bare))):
        assert "Ask Ada" not in client_of(ada).get(path).content.decode(), path


def test_where_nobody_can_be_asked_by_name_it_says_the_level_at_least(
    client_of: SignedIn, otto: Identity
) -> None:
    made = make_account("keyless", owner=otto)
    credentials.revoke(by=SYSTEM, credential=made.credential, at=timezone.now())
    assert "Ask a tenant administrator." in client_of(otto).get("/").content.decode()


def test_an_empty_tenant_points_to_sources_also(
    client_of: SignedIn, ada: Identity, vera: Identity
) -> None:
    assert "Or bring many at once" in client_of(ada).get("/").content.decode()
    assert "Or bring many at once" not in client_of(vera).get("/").content.decode()


def test_a_key_that_is_being_replaced_is_no_matter(
    client_of: SignedIn, ada: Identity, otto: Identity
) -> None:
    account = make_account("rotating", owner=otto).account
    credentials.regenerate(
        by=ada,
        account=account,
        choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
        keep_old_for=timedelta(hours=24),
        revoke_tokens=False,
        within=None,
        at=timezone.now(),
    )
    assert matters(client_of(ada)) == []
    assert "Nothing does" in client_of(ada).get("/").content.decode()


def test_an_owner_sees_their_own_and_nothing_else(
    client_of: SignedIn, otto: Identity, mallory: Identity
) -> None:
    make_account("ottos", owner=otto)
    foreign = make_account("foreign", owner=mallory, key_lifetime=timedelta(days=2)).account
    record("token.refused", by=UnknownActor(), subject=foreign, outcome=Outcome.REFUSED)
    client = client_of(otto)
    page = client.get("/").content.decode()
    assert "ottos" in page
    assert "foreign" not in page
    assert "Recent activity" not in page
    assert {label: number for label, (number, _url) in figures(client).items()} == {
        "Active": "1",
        "Keys end within 30 days": "0",
        "Unused for 90 days": "0",
    }
    assert matters(client) == []


def test_a_key_that_waits_is_offered_first(
    client_of: SignedIn, ada: Identity, otto: Identity
) -> None:
    issued = with_keys.create(
        by=ada,
        details=actions.Details(name="waits", description="", owner=otto, scopes=["fr:am:*"]),
        key=KeyChoice(KeyOrigin.OWNER, "P-256"),
        within=None,
        at=timezone.now(),
    )
    assert issued.pickup is not None
    assert matters(client_of(ada)) == [("waits", "See its keys")]
    page = client_of(otto).get("/").content.decode()
    assert "A key of waits waits for you" in page
    for shown in (page, client_of(ada).get("/").content.decode()):
        assert "Nothing does" not in shown, "it has no key yet"
        assert "No usable key" not in shown, "nor is there nothing to be had"
    assert f"/key-pickups/{issued.pickup.pk}/" in page
    assert "waits for you" not in client_of(ada).get("/").content.decode()


def test_people_see_what_happened_lately_if_they_may_read_the_log(
    client_of: SignedIn, ada: Identity, vera: Identity
) -> None:
    make_account(by=ada)
    page = client_of(vera).get("/").content.decode()
    assert "ada created service account audit01" in page
    assert "vera signed in" not in page, "what happens every day is left out"


def test_twenty_accounts_cost_as_much_as_three(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)

    def cost() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    for number in range(3):
        make_account(f"first-{number}", key_lifetime=timedelta(days=2))
    few = cost()
    for number in range(20):
        made = make_account(f"then-{number}", key_lifetime=timedelta(days=2))
        record("token.refused", by=UnknownActor(), subject=made.account, outcome=Outcome.REFUSED)
    assert cost() <= few + 1, "one more, which reads the accounts that were refused"


def test_only_what_took_long_to_read_is_remembered_for_a_while(
    client_of: SignedIn, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_account("first")
    client = client_of(ada)
    assert figures(client)["Active"][0] == "1"
    make_account("second")
    assert figures(client)["Active"][0] == "2", "a small tenant is always told as it is"
    monkeypatch.setattr(overview, "SLOW_SECONDS", -1)
    assert figures(client)["Active"][0] == "2"
    make_account("third")
    assert figures(client)["Active"][0] == "2"
    cache.clear()
    assert figures(client)["Active"][0] == "3"


def test_what_waits_for_ones_decision_comes_first(
    client_of: SignedIn, otto: Identity, mallory: Identity
) -> None:
    boss = make_person("boss")
    Identity.objects.filter(pk=otto.pk).update(manager=boss)
    otto.refresh_from_db()
    for name in ("first-bot", "second-bot"):
        ask(otto, "new_service_account", name=name, purpose="Trial", scopes=[])
    page = client_of(boss).get("/").content.decode()
    assert "2 requests wait for your decision" in page
    assert 'href="/requests/to-approve/"' in page
    for other in (otto, mallory):
        assert "your decision" not in client_of(other).get("/").content.decode()


def test_who_owns_nothing_yet_is_shown_where_to_ask(
    client_of: SignedIn, mallory: Identity, vera: Identity
) -> None:
    assert 'href="/requests/new/"' in client_of(mallory).get("/").content.decode()
    assert 'href="/requests/new/"' not in client_of(vera).get("/").content.decode()
