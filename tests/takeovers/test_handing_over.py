"""An owner hands an account over; who gets it accepts or declines."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.models import Event, Identity, ServiceAccount, Takeover
from accounts.takeovers import actions, queries
from accounts.takeovers.states import Right, State
from accounts.takeovers.upkeep import run as upkeep
from console.takeovers.mail import send_due
from console.ui.sentences import sentence
from tests.factories import make_account
from tests.factories.tokens import make_token
from tests.takeovers.conftest import come_back, fresh, leave

pytestmark = pytest.mark.django_db


def offer(by: Identity, account: ServiceAccount, to: Identity, note: str = "") -> Takeover:
    return actions.offer(by=by, account=account, to=to, note=note, at=timezone.now())


def confirm(by: Identity, takeover: Takeover, *, keep: bool = False) -> Takeover:
    return actions.confirm(by=by, takeover=takeover, keep_old_tokens=keep, at=timezone.now())


def decline(by: Identity, takeover: Takeover) -> Takeover:
    return actions.decline(by=by, takeover=takeover, at=timezone.now())


def withdraw(by: Identity, takeover: Takeover) -> Takeover:
    return actions.withdraw(by=by, takeover=takeover, at=timezone.now())


def test_it_is_the_owners_until_the_other_accepts(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    takeover = offer(otto, account, nina, "Ask the team")
    assert (fresh(account).owner, takeover.right) == (otto, Right.SUCCESSOR)
    assert not fresh(account).owner_has_left
    confirm(nina, takeover)
    now = fresh(account)
    assert (now.owner, now.successor) == (nina, None)
    taken = Event.objects.get(action="service_account.taken_over")
    assert (taken.actor_label, taken.detail["from"]) == ("nina", "otto")
    send_due()
    assert [message.to for message in mail.outbox] == [["otto@example.com"]]
    assert mail.outbox[0].subject == "audit01: Taken over"


@pytest.mark.parametrize("keep", [False, True])
def test_tokens_that_the_old_owner_made_end_unless_they_are_kept(
    account: ServiceAccount, otto: Identity, nina: Identity, keep: bool
) -> None:
    token = make_token(account.identity, by=otto).token
    confirm(nina, offer(otto, account, nina), keep=keep)
    token.refresh_from_db()
    assert (token.revoked_at is None) == keep


def test_declined_or_withdrawn_it_stays(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    declined = decline(nina, offer(otto, account, nina))
    withdrawn = withdraw(otto, offer(otto, account, boss))
    assert (declined.state, withdrawn.state) == (State.DECLINED, State.WITHDRAWN)
    assert fresh(account).owner == otto
    for takeover in (declined, withdrawn):
        with pytest.raises(actions.Answered):
            confirm(takeover.taker, takeover)


def test_only_the_owner_offers_and_only_who_is_meant_answers(
    account: ServiceAccount, otto: Identity, nina: Identity, ada: Identity, mallory: Identity
) -> None:
    for stranger in (ada, mallory, nina, account.identity):
        with pytest.raises(NotAllowed):
            offer(stranger, account, mallory)
    takeover = offer(otto, account, nina)
    for stranger in (ada, mallory, otto, account.identity):
        with pytest.raises(NotAllowed):
            confirm(stranger, takeover)
        with pytest.raises(NotAllowed):
            decline(stranger, takeover)
    for stranger in (ada, mallory, nina):
        with pytest.raises(NotAllowed):
            withdraw(stranger, takeover)
    assert fresh(account).owner == otto


def test_it_goes_to_another_person_who_can_sign_in(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    leave(nina)
    nina.refresh_from_db()
    for nobody in (otto, nina, make_account("audit09").account.identity):
        with pytest.raises(DomainError) as refused:
            offer(otto, account, nobody)
        assert refused.value.field == "to"


def test_a_second_offer_ends_the_first(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    first, second = offer(otto, account, nina), offer(otto, account, boss)
    with pytest.raises(actions.Answered):
        confirm(nina, first)
    confirm(boss, second)
    assert fresh(account).owner == boss


def test_one_waits_at_a_time(account: ServiceAccount, otto: Identity, nina: Identity) -> None:
    waiting = offer(otto, account, nina)
    waiting.pk = uuid.uuid4()
    with (
        pytest.raises(IntegrityError, match=r"one_takeover_at_a_time|UNIQUE"),
        transaction.atomic(),
    ):
        waiting.save(force_insert=True)


def test_who_got_it_from_who_left_confirms_it_or_names_somebody_else(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    leave(otto)
    upkeep()
    came = queries.waiting_for(nina).get()
    with pytest.raises(actions.Answered):
        decline(nina, came)
    on = offer(nina, account, boss)
    came.refresh_from_db()
    assert came.state == State.PASSED_ON
    assert fresh(account).owner_has_left, "until somebody answers for it"
    decline(boss, on)
    assert fresh(account).owner == nina
    came.refresh_from_db()
    assert (came.state, came.closed_at) == (State.WAITING, None)
    leave(boss)
    come_back(otto)
    otto.refresh_from_db()
    confirm(otto, offer(nina, account, otto))
    now = fresh(account)
    assert (now.owner, now.owner_has_left) == (otto, False)
    came.refresh_from_db()
    assert came.state == State.PASSED_ON


@pytest.mark.parametrize("end", ["declined", "withdrawn", "taker left"])
def test_an_offer_that_comes_to_nothing_shakes_nothing_off(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity, end: str
) -> None:
    leave(otto)
    upkeep()
    on = offer(nina, account, boss)
    upkeep()
    assert fresh(account).owner_has_left
    match end:
        case "declined":
            decline(boss, on)
        case "withdrawn":
            withdraw(nina, on)
        case _:
            leave(boss)
    for _again in range(2):
        upkeep()
    assert queries.waiting_for(nina).get().giver == otto
    assert fresh(account).owner_has_left
    confirm(nina, queries.waiting_for(nina).get())
    upkeep()
    assert not fresh(account).owner_has_left


def test_an_offer_of_who_leaves_as_well_is_nobodys_to_accept(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    leave(otto)
    upkeep()
    on = offer(nina, account, boss)
    leave(nina)
    upkeep()
    on.refresh_from_db()
    assert on.state == State.OVER
    assert Event.objects.filter(action="service_account.owner_left").count() == 1
    with pytest.raises(actions.Answered):
        confirm(boss, on)
    assert fresh(account).owner_has_left


def test_an_owner_who_offers_what_they_answer_for_has_nothing_to_answer_again(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    leave(otto)
    upkeep()
    confirm(nina, queries.waiting_for(nina).get())
    decline(boss, offer(nina, account, boss))
    upkeep()
    assert not queries.waiting_for(nina).exists()
    assert not fresh(account).owner_has_left


def test_the_log_says_who_answered_before_and_who_does_now(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    confirm(boss, offer(otto, account, boss))
    taken = Event.objects.get(action="service_account.taken_over")
    assert taken.detail["before"] == {"owner": "otto", "successor": "nina"}
    assert taken.detail["after"] == {"owner": "boss", "successor": None}
    assert sentence(taken) == "boss took audit01 over from otto"
    ServiceAccount.objects.filter(pk=account.pk).update(successor=nina)
    leave(boss)
    upkeep()
    passed = Event.objects.get(action="service_account.passed_on")
    assert passed.detail["before"] == {"owner": "boss", "successor": "nina"}
    assert passed.detail["after"] == {"owner": "nina", "successor": None}


def test_nobody_who_left_takes_an_offer_back(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    waiting = offer(otto, account, nina)
    leave(otto)
    otto.refresh_from_db()
    with pytest.raises(NotAllowed):
        withdraw(otto, waiting)


def test_confirmed_it_is_not_flagged_any_more(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    leave(otto)
    upkeep()
    confirm(nina, queries.waiting_for(nina).get())
    now = fresh(account)
    assert (now.owner, now.owner_has_left) == (nina, False)
    with pytest.raises(actions.Answered):
        confirm(nina, Takeover.objects.get())


def test_an_offer_to_somebody_who_leaves_is_over(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    takeover = offer(otto, account, nina)
    leave(nina)
    upkeep()
    takeover.refresh_from_db()
    assert (takeover.state, fresh(account).owner) == (State.OVER, otto)


def test_an_offer_of_somebody_who_leaves_goes_the_usual_way(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    offered = offer(otto, account, boss)
    leave(otto)
    upkeep()
    offered.refresh_from_db()
    assert offered.state == State.OVER
    assert fresh(account).owner == nina


def test_nobody_is_flooded(
    account: ServiceAccount, otto: Identity, nina: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_A_DAY", 2)
    for _ in range(2):
        offer(otto, account, nina)
    with pytest.raises(actions.TooMany):
        offer(otto, account, nina)
    send_due()
    assert len(mail.outbox) == 1
