"""What the audit log keeps of a refusal: all of it, and nothing of the proof."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.audit import queries
from accounts.audit.models import Event
from tests.factories import make_account
from tests.oauth.holder import Holder, sign
from tests.oauth.keys import curve_key
from tokens.edge import refusals
from tokens.edge.refusals import EACH_PER_WINDOW

pytestmark = pytest.mark.django_db


def refusal() -> Event:
    return Event.objects.filter(action="token.refused").latest("pk")


def test_the_account_finds_it_on_its_own_page(holder: Holder) -> None:
    holder.ask(holder.assertion(exp=1))
    account = holder.made.account
    (event,) = queries.recent_refusals(account.audit_type, account.pk)
    assert event.reason == "exp has passed."
    assert event.detail == {"error": "invalid_grant", "kid": holder.made.credential.key_id}
    assert (event.address, event.user_agent) == ("127.0.0.1", "a program/1.0")
    assert event.request_id


def test_who_is_only_claimed_is_not_the_actor(holder: Holder) -> None:
    holder.ask(sign(holder.claims(), curve_key("P-256")))
    event = refusal()
    assert (event.actor_kind, event.actor_id) == ("anonymous", "")
    assert event.actor_label == holder.id
    assert event.subject_id == holder.id


def test_no_part_of_the_assertion_is_kept(holder: Holder) -> None:
    assertion = holder.assertion(exp=1)
    holder.ask(assertion)
    event = refusal()
    kept = f"{event.reason} {event.detail} {event.actor_label}"
    assert not any(part in kept for part in assertion.split("."))


@pytest.mark.parametrize(
    "claim",
    ["a\r\nforged: line", "\x1b[31mred", "\u202eabc", "x" * 5_000, "\x00", "\ud800", "=1+1"],
)
def test_a_claim_cannot_forge_a_line(holder: Holder, claim: Any) -> None:
    assert holder.ask(holder.assertion(iss=claim, sub=claim)).status_code == 400
    label = refusal().actor_label
    assert label.isprintable()
    assert len(label) <= 200


@pytest.mark.parametrize("agent", ["a\x07b", "x" * 5_000, "\u00e4", ""])
def test_a_user_agent_cannot_either(holder: Holder, agent: str) -> None:
    holder.client.headers["User-Agent"] = agent
    holder.ask(holder.assertion(exp=1))
    assert refusal().user_agent.isprintable()
    assert len(refusal().user_agent) <= 300


def test_a_flood_is_written_one_by_one_to_a_bound_and_counted_beyond(holder: Holder) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _time in range(EACH_PER_WINDOW + 25):
            holder.ask("x")
        assert Event.objects.filter(action="token.refused").count() == EACH_PER_WINDOW
        refusals.write_counted(start)
        assert Event.objects.filter(action="token.refused").count() == EACH_PER_WINDOW
    refusals.write_counted(start + timedelta(seconds=61))
    counted = refusal()
    assert counted.detail["count"] == 25
    assert counted.detail["error"] == "invalid_grant"
    assert counted.address == "127.0.0.1"


def test_a_flood_from_one_address_hides_nobody_elses_refusals(holder: Holder) -> None:
    for _time in range(EACH_PER_WINDOW + 1):
        holder.ask("x")
    other = Holder(make_account("other"))
    other.ask(scope="fr:iga:*")
    assert refusal().subject_id == other.id
