"""The overview of one account: what needs attention, the facts, who uses it, what was refused."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.models import Outcome
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from accounts.service_accounts.actions import Details
from console.ui import times
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.service_accounts.filled import page
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin, KeyPickup
from tokens.service_accounts import actions as with_tokens
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db


def overview(client: Client, account: ServiceAccount) -> str:
    answer = client.get(page("detail", account))
    assert answer.status_code == 200
    return answer.content.decode()


def notes(client: Client, account: ServiceAccount) -> list[str]:
    return [note.title for note in client.get(page("detail", account)).context["notes"]]


def stored(made: Made, by: Identity) -> Made:
    credentials.confirm_stored(by=by, credential=made.credential, at=timezone.now())
    return made


def test_the_facts_can_be_copied(admin: Client, made: Made) -> None:
    seen = overview(admin, made.account)
    assert f'data-copy="{made.account.pk}"' in seen
    assert "/am/oauth2/access_token" in seen
    for said in ("Otto", "Active", "ada", "No end", "Never used", "No description"):
        assert said in seen


def test_all_is_well_and_nothing_is_noted(admin: Client, ada: Identity, made: Made) -> None:
    stored(made, ada)
    assert notes(admin, made.account) == []


def test_a_key_that_nobody_confirmed_is_noted_until_it_is_used(admin: Client, made: Made) -> None:
    assert notes(admin, made.account) == ["A key that was perhaps never stored"]
    use(made, timezone.now())
    assert notes(admin, made.account) == []


def test_several_keys_that_nobody_confirmed_are_one_note(
    admin: Client, ada: Identity, made: Made
) -> None:
    credentials.regenerate(
        by=ada,
        account=made.account,
        choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
        keep_old_for=timedelta(days=30),
        revoke_tokens=False,
        within=None,
        at=timezone.now(),
    )
    found = [title for title in notes(admin, made.account) if "stored" in title]
    assert found == ["2 keys that were perhaps never stored"]


def test_no_usable_key_is_the_worst(admin: Client, ada: Identity, made: Made) -> None:
    actions.disable(by=ada, account=made.account, at=timezone.now())
    credentials.revoke(by=ada, credential=made.credential, at=timezone.now())
    assert notes(admin, made.account) == ["No usable key", "This account is disabled"]
    assert f"/service-accounts/{made.account.pk}/regenerate-key/" in overview(admin, made.account)


def test_the_end_of_the_last_key_is_noted_in_time(admin: Client, ada: Identity) -> None:
    made = stored(make_account("brief", owner=ada, key_lifetime=timedelta(days=6.5)), ada)
    assert notes(admin, made.account) == [f"Key {made.credential.key_id[:8]}… ends in 6 days"]
    assert made.credential.expires_at is not None
    assert times.exact(made.credential.expires_at) in overview(admin, made.account)


def test_a_key_that_gives_way_to_a_new_one_is_only_said(
    admin: Client, ada: Identity, made: Made
) -> None:
    issued = credentials.regenerate(
        by=ada,
        account=made.account,
        choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
        keep_old_for=timedelta(days=7),
        revoke_tokens=False,
        within=None,
        at=timezone.now(),
    )
    assert issued.credential is not None
    for credential in (made.credential, issued.credential):
        credentials.confirm_stored(by=ada, credential=credential, at=timezone.now())
    (note,) = admin.get(page("detail", made.account)).context["notes"]
    assert (note.tone, "Another key works on" in note.text) == ("info", True)


def test_an_account_without_scopes_or_end_in_sight_is_noted(admin: Client, ada: Identity) -> None:
    ends_at = timezone.now() + timedelta(days=3.5)
    made = stored(make_account("bare", owner=ada, scopes=[], ends_at=ends_at), ada)
    assert notes(admin, made.account) == ["This account ends in 3 days", "No scopes"]


def test_an_owner_who_cannot_answer_is_noted(
    admin: Client, ada: Identity, otto: Identity, made: Made
) -> None:
    stored(made, ada)
    identities.disable(by=ada, identity=otto, at=timezone.now())
    assert notes(admin, made.account) == ["Its owner left"]
    identities.delete(by=ada, identity=otto, at=timezone.now())
    assert notes(admin, made.account) == ["Its owner left"]
    assert notes(admin, stored(make_account("orphan"), ada).account) == ["No owner"]


def test_an_offer_says_who_and_until_when(
    admin: Client, owner: Client, ada: Identity, otto: Identity
) -> None:
    issued = with_tokens.create(
        by=ada,
        details=Details("audit01", "", otto, ["fr:am:*"]),
        key=KeyChoice(KeyOrigin.OWNER, "P-256"),
        within=None,
        at=timezone.now(),
    )
    pickup = KeyPickup.objects.get()
    until = times.exact(pickup.expires_at)
    seen = overview(admin, issued.account)
    assert f"An offer of a key waits for Otto until {until}" in seen
    assert "No usable key" not in seen
    assert f"/key-pickups/{pickup.pk}/" not in seen
    theirs = overview(owner, issued.account)
    assert "A key waits for you" in theirs
    assert f"/key-pickups/{pickup.pk}/" in theirs


def use(made: Made, at: Any, **changes: Any) -> None:
    values: dict[str, Any] = {
        "identity_id": made.account.pk,
        "use": Use.TOKEN,
        "credential_id": made.credential.pk,
        "scopes": ["fr:am:*"],
        "address": "192.0.2.7",
        "client": "nightly/1.0",
        "at": at,
    }
    buffer.add(**(values | changes))


def test_it_shows_who_uses_it_and_how_much(admin: Client, made: Made) -> None:
    now = timezone.now()
    for days in (0, 0, 1, 29, 31):
        use(made, now - timedelta(days=days))
    use(made, now, address="192.0.2.8", client="", scopes=["fr:idm:*"])
    answer = admin.get(page("detail", made.account))
    assert answer.context["total"] == 5
    assert answer.context["daily"][-1] == 3
    assert len(answer.context["daily"]) == 30
    seen = answer.content.decode()
    for said in ("192.0.2.7", "nightly/1.0", "192.0.2.8", "fr:idm:*", "sparkline"):
        assert said in seen


def test_refusals_are_told_in_full(admin: Client, owner: Client, made: Made) -> None:
    reason = "aud names https://elsewhere.example, none of ours"
    record(
        "token.refused",
        by=UnknownActor(label=str(made.account.pk)),
        subject=made.account,
        outcome=Outcome.REFUSED,
        reason=reason,
        detail={"error": "invalid_grant"},
        at=timezone.now(),
    )
    for client in (admin, owner):
        seen = overview(client, made.account)
        assert reason in seen
        assert "invalid_grant" in seen


def test_a_passed_end_is_said_with_the_remedy(admin: Client, ada: Identity) -> None:
    made = stored(make_account("over", owner=ada), ada)
    ServiceAccount.objects.filter(pk=made.account.pk).update(
        ends_at=timezone.now() - timedelta(days=1)
    )
    assert notes(admin, made.account) == ["This account has ended"]
    assert "Ended" in overview(admin, made.account)


def test_dangerous_things_come_last(admin: Client, made: Made) -> None:
    seen = overview(admin, made.account)
    danger = seen.index("Danger zone")
    assert seen.index("Recent refusals") < danger
    for label in ("Regenerate Key", "Revoke issued tokens", "Disable", "Delete Service Account"):
        assert label in seen[danger:]


@pytest.mark.parametrize("account_id", [uuid.uuid4(), "not-a-uuid", "1"])
def test_what_is_not_there_is_404(admin: Client, account_id: object) -> None:
    assert admin.get(f"/service-accounts/{account_id}/").status_code == 404


def test_the_notes_of_others_have_no_buttons(auditor: Client, made: Made) -> None:
    (note,) = auditor.get(page("detail", made.account)).context["notes"]
    assert (note.url, note.action, note.posts) == ("", "", False)
    assert replace(note, title="x").title == "x"


def test_an_account_with_much_use_costs_no_more_statements(
    admin: Client, made: Made, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    for number in range(40):
        use(made, now - timedelta(days=number % 20), address=f"192.0.2.{number}")
    buffer.flush()
    with django_assert_max_num_queries(28):
        overview(admin, made.account)


def test_an_owner_is_led_to_ask_for_what_they_may_not_mend(
    admin: Client, owner: Client, auditor: Client, ada: Identity, made: Made
) -> None:
    account = made.account
    credentials.revoke(by=ada, credential=made.credential, at=timezone.now())
    ServiceAccount.objects.filter(pk=account.pk).update(
        scopes=[], ends_at=timezone.now() + timedelta(days=3)
    )
    asked = {
        "Ask for a new key": f"/requests/new/new_credential/?account={account.pk}&amp;credential=",
        "Ask for a later end": f"/requests/new/longer_life/?account={account.pk}",
        "Ask for scopes": f"/requests/new/more_scopes/?account={account.pk}",
    }
    seen, others = overview(owner, account), [overview(admin, account), overview(auditor, account)]
    for action, url in asked.items():
        assert action in seen
        assert url in seen
        assert all(action not in each for each in others)
    assert "Ask Ada" not in seen
    assert "Ask Ada" in others[1]


@pytest.mark.parametrize(
    ("tab", "kind"), [("scopes", "more_scopes"), ("groups", "group_membership")]
)
def test_the_tabs_lead_an_owner_to_ask(
    owner: Client, admin: Client, made: Made, tab: str, kind: str
) -> None:
    link = f'href="/requests/new/{kind}/?account={made.account.pk}"'
    assert link in owner.get(page(tab, made.account)).content.decode()
    assert link not in admin.get(page(tab, made.account)).content.decode()
