"""Who depends on an account, as the pages show it before something is taken away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from tests.factories.tokens import make_token
from tests.oauth.asking import traded
from tests.oauth.holder import Holder
from tokens.access_tokens import actions
from tokens.access_tokens.verify import verify
from tokens.personal_access_tokens import actions as personal
from tokens.usage import queries, upkeep
from tokens.usage.buffer import buffer
from tokens.usage.models import DailyUse

pytestmark = pytest.mark.django_db


def test_an_account_that_nobody_uses_has_no_consumers(holder: Holder) -> None:
    impact = queries.impact(holder.made.account, timezone.now())
    assert (impact.consumers, impact.keys, impact.scopes, impact.live_tokens) == ([], {}, {}, 0)


def test_consumers_are_told_with_address_client_scopes_and_keys(holder: Holder) -> None:
    holder.token(scope="fr:am:*")
    holder.client.headers["User-Agent"] = "frodo/3.1.0"
    token = holder.token(scope="fr:idm:*")
    holder.get("/openidm/info/login", token)
    impact = queries.impact(holder.made.account, timezone.now())
    newest, older = impact.consumers
    assert (newest.client, newest.count) == ("frodo/3.1.0", 2)
    assert newest.scopes == {"fr:idm:*"}
    assert (older.client, older.address) == ("a program/1.0", "127.0.0.1")
    assert newest.key_ids == {holder.made.credential.key_id}
    assert set(impact.scopes) == {"fr:am:*", "fr:idm:*"}
    assert set(impact.keys) == {holder.made.credential.key_id}


def test_live_tokens_are_those_that_were_neither_revoked_nor_ran_out(holder: Holder) -> None:
    now = timezone.now()
    account = holder.made.account
    with time_machine.travel(now - timedelta(seconds=950)):
        holder.token()
    holder.token()
    holder.token()
    assert queries.impact(account, timezone.now()).live_tokens == 2
    actions.revoke_all(by=SYSTEM, holder=account, at=timezone.now())
    assert queries.impact(account, timezone.now()).live_tokens == 0


def test_live_tokens_leave_out_what_stopped_by_itself(holder: Holder, ada: Identity) -> None:
    account = holder.made.account
    made = make_token(account.identity, by=ada, access_token_seconds=7_200)
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        long_lived = make_token(account.identity, "Longer", by=ada, access_token_seconds=7_200)
        traded(long_lived)
    traded(made)
    token = verify(holder.token(), timezone.now())
    assert queries.live_tokens(account, timezone.now()) == 3
    actions.revoke(by=token.holder, token=token, at=timezone.now())
    assert queries.live_tokens(account, timezone.now()) == 2
    personal.revoke(by=ada, token=made.token, at=timezone.now())
    assert queries.live_tokens(account, timezone.now()) == 1
    actions.revoke_all(by=SYSTEM, holder=account, at=timezone.now())
    assert queries.live_tokens(account, timezone.now()) == 0


def test_what_was_used_longer_ago_than_the_window_does_not_count(holder: Holder) -> None:
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=91)):
        holder.token()
    assert queries.impact(holder.made.account, now).consumers == []


def test_each_day_of_a_chart_has_its_sum(holder: Holder) -> None:
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=2)):
        holder.token()
    holder.token()
    holder.token()
    days = queries.by_day(holder.made.account, timezone.now(), days=4)
    assert [count for _day, count in days] == [0, 1, 0, 2]


def test_old_use_is_forgotten_and_newer_kept(holder: Holder) -> None:
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=401)):
        holder.token()
    with time_machine.travel(now - timedelta(days=399)):
        holder.token()
    buffer.flush()
    upkeep.forget_old_use()
    assert DailyUse.objects.count() == 1
