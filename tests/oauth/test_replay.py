"""An assertion gets one token (contract section 10.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.audit.models import Event
from tests.factories import make_account
from tests.oauth.holder import Holder
from tokens.access_tokens import upkeep
from tokens.access_tokens.models import UsedAssertion
from tokens.signing import keys

pytestmark = pytest.mark.django_db


def test_the_second_use_is_refused(holder: Holder) -> None:
    assertion = holder.assertion()
    assert holder.ask(assertion).status_code == 200
    assert holder.ask(assertion).json()["error"] == "invalid_grant"
    assert Event.objects.filter(action="token.issued").count() == 1


def test_another_assertion_with_the_same_id_is_refused(holder: Holder) -> None:
    assert holder.ask(holder.assertion(jti="once")).status_code == 200
    assert holder.ask(holder.assertion(jti="once")).status_code == 400


def test_the_ids_of_two_accounts_have_nothing_to_do_with_each_other(holder: Holder) -> None:
    other = Holder(make_account("other"))
    assert holder.ask(holder.assertion(jti="same")).status_code == 200
    assert other.ask(other.assertion(jti="same")).status_code == 200


def test_the_other_address_of_the_endpoint_does_not_take_it_again(holder: Holder) -> None:
    assertion = holder.assertion()
    assert holder.ask(assertion).status_code == 200
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    body = f"assertion={assertion}&grant_type={grant}&scope=fr:am:*"
    assert holder.post(body, path="/oauth/token").status_code == 400


def test_what_a_stranger_sends_uses_nothing_up(holder: Holder) -> None:
    """AB-78: 200 bad assertions in the name of an account do not keep its holder out."""
    stranger = Holder(make_account("stranger"))
    bad = stranger.assertion(iss=holder.id, sub=holder.id, jti="mine")
    for _time in range(200):
        assert stranger.ask(bad).status_code == 400
    assert holder.ask(holder.assertion(jti="mine")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_restart_forgets_no_use() -> None:
    holder = Holder(make_account())
    assertion = holder.assertion()
    assert holder.ask(assertion).status_code == 200
    keys.forget()
    connection.close()
    assert holder.ask(assertion).status_code == 400


def test_a_use_is_remembered_for_as_long_as_the_assertion_could_be_accepted(
    holder: Holder,
) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        assertion = holder.assertion(exp=int(start.timestamp()) + 900)
        assert holder.ask(assertion).status_code == 200
    with time_machine.travel(start + timedelta(seconds=959), tick=False):
        upkeep.forget_used_assertions()
        assert UsedAssertion.objects.exists()
        assert holder.ask(assertion).status_code == 400


def test_a_clock_that_is_set_back_revives_nothing(holder: Holder) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        assertion = holder.assertion(exp=int(start.timestamp()) + 100)
        assert holder.ask(assertion).status_code == 200
    with time_machine.travel(start + timedelta(hours=2), tick=False):
        upkeep.forget_used_assertions()
    with time_machine.travel(start + timedelta(seconds=10), tick=False):
        assert holder.ask(assertion).status_code == 400


def test_it_is_forgotten_in_the_end(holder: Holder) -> None:
    holder.token()
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        upkeep.forget_used_assertions()
    assert not UsedAssertion.objects.exists()
