"""What becomes of service accounts whose owner leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions as identities
from accounts.letters.queue import MOST_TRIES
from accounts.models import Event, Identity, ServiceAccount, Takeover, TakeoverLetter
from accounts.service_accounts import actions as service_accounts
from accounts.takeovers import actions, passing, queries
from accounts.takeovers.states import Cause, Right, State
from accounts.takeovers.upkeep import run as upkeep
from console.takeovers.mail import send_due
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tests.factories.people import PASSWORD
from tests.factories.tokens import make_token
from tests.takeovers.conftest import come_back, fresh, leave, name_successor
from tokens.service_accounts.left_behind import left_behind

pytestmark = pytest.mark.django_db


def test_they_pass_to_the_named_successor(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    leave(otto)
    assert fresh(account).owner_has_left
    upkeep()
    now = fresh(account)
    assert (now.owner, now.successor, now.owner_has_left) == (nina, None, True)
    takeover = queries.waiting_for(nina).get()
    assert (takeover.giver, takeover.cause, takeover.right) == (otto, Cause.LEFT, Right.SUCCESSOR)
    event = Event.objects.get(action="service_account.passed_on")
    assert (event.detail["from"], event.detail["to"]) == ("otto", "nina")


@pytest.mark.parametrize("successor", ["none", "disabled", "deleted"])
def test_without_an_able_successor_to_the_manager(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity, successor: str
) -> None:
    match successor:
        case "none":
            name_successor(account, None)
        case "disabled":
            leave(nina)
        case _:
            identities.delete(by=SYSTEM, identity=nina, at=timezone.now())
    leave(otto)
    upkeep()
    assert fresh(account).owner == boss
    assert queries.waiting_for(boss).get().right == Right.MANAGER


def test_without_anybody_they_stay_and_are_flagged_once(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    leave(nina, boss, otto)
    for _ in range(3):
        upkeep()
    now = fresh(account)
    assert (now.owner, now.owner_has_left) == (otto, True)
    assert Event.objects.filter(action="service_account.owner_left").count() == 1
    assert not Takeover.objects.exists()
    come_back(boss)
    upkeep()
    assert fresh(account).owner == boss


def test_who_never_registered_is_not_able(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    for person in (nina, boss):
        person.set_unusable_password()
        person.save(update_fields=["password"])
    leave(otto)
    for _again in range(2):
        upkeep()
    now = fresh(account)
    assert (now.owner, now.owner_has_left) == (otto, True)
    nina.set_password(PASSWORD)
    nina.save(update_fields=["password"])
    upkeep()
    assert fresh(account).owner == nina


def test_those_for_whom_there_is_nobody_cost_no_statement_each() -> None:
    def cost(first: int, last: int) -> int:
        for number in range(first, last):
            owner = make_person(f"owner-{number}")
            make_account(f"bot-{number}", owner=owner, scopes=[])
            leave(owner)
        upkeep()
        with CaptureQueriesContext(connection) as caught:
            assert passing.pass_on(at=timezone.now()) == 0
        return len(caught)

    assert cost(0, 3) == cost(3, 23)


def test_who_was_put_out_by_their_manager_holds_up_nobody(otto: Identity, boss: Identity) -> None:
    role = make_role("people", permissions=["identity.disable"])
    make_group(members=[boss], roles=[role])
    by = Identity.objects.get(pk=boss.pk)
    heir = make_person("heir")
    for number in range(4):
        owner = make_person(f"owner-{number}")
        Identity.objects.filter(pk=owner.pk).update(manager=boss if number < 3 else heir)
        make_account(f"bot-{number}", owner=owner, scopes=[])
        identities.disable(by=by, identity=owner, at=timezone.now())
    now = timezone.now()
    done = [passing.pass_on(at=now, most=1) for _again in range(5)]
    assert sum(done) == 4
    assert done[-1] == 0
    assert ServiceAccount.objects.get(owner=heir).name == "bot-3"


def test_a_deleted_owner_is_called_by_the_name_that_everybody_knew(
    account: ServiceAccount, otto: Identity
) -> None:
    identities.delete(by=SYSTEM, identity=otto, at=timezone.now())
    upkeep()
    event = Event.objects.get(action="service_account.passed_on")
    assert event.detail["from"] == "otto"


def test_run_twice_it_does_the_same_once(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    leave(otto)
    now = timezone.now()
    assert passing.pass_on(at=now) == 1
    assert passing.pass_on(at=now) == 0
    upkeep()
    assert Takeover.objects.count() == 1
    assert fresh(account).owner == nina


def test_nothing_moves_back_by_itself(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    leave(otto)
    upkeep()
    come_back(otto)
    upkeep()
    assert fresh(account).owner == nina
    assert queries.waiting_for(nina).exists()


def test_an_owner_who_comes_back_before_it_passed_keeps_it(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    leave(otto)
    come_back(otto)
    upkeep()
    assert (fresh(account).owner, Takeover.objects.count()) == (otto, 0)
    leave(nina, boss, otto)
    upkeep()
    come_back(otto)
    upkeep()
    assert not fresh(account).owner_has_left
    assert Event.objects.filter(action="service_account.owner_back").count() == 1


def test_who_got_them_may_leave_as_well(
    account: ServiceAccount, otto: Identity, nina: Identity, boss: Identity
) -> None:
    Identity.objects.filter(pk=nina.pk).update(manager=boss)
    leave(otto)
    upkeep()
    leave(nina)
    upkeep()
    assert fresh(account).owner == boss
    assert queries.waiting_for(boss).get().giver == nina
    assert not queries.waiting_for(nina).exists()
    leave(boss)
    upkeep()
    now = fresh(account)
    assert (now.owner, now.owner_has_left) == (boss, True)
    assert not Takeover.objects.filter(state=State.WAITING).exists()
    assert Event.objects.filter(action="service_account.owner_left").count() == 1


def test_managers_of_each_other_make_no_circle(otto: Identity, boss: Identity) -> None:
    Identity.objects.filter(pk=otto.pk).update(manager=boss)
    Identity.objects.filter(pk=boss.pk).update(manager=otto)
    account = make_account("audit01", owner=otto).account
    leave(otto, boss)
    for _ in range(3):
        upkeep()
    assert fresh(account).owner == otto
    own = make_person("own")
    Identity.objects.filter(pk=own.pk).update(manager=own)
    mine = make_account("audit02", owner=own).account
    leave(own)
    upkeep()
    assert fresh(mine).owner == own


def test_keys_and_tokens_go_on_and_the_new_owner_is_told_which_to_replace(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    token = make_token(account.identity, by=otto).token
    leave(otto)
    upkeep()
    token.refresh_from_db()
    assert token.revoked_at is None
    assert Event.objects.filter(action="personal_access_token.kept").count() == 1
    assert list(left_behind(account, [], timezone.now()).tokens) == [token]


def test_a_deleted_account_passes_to_nobody(account: ServiceAccount, otto: Identity) -> None:
    service_accounts.delete(by=SYSTEM, account=account, at=timezone.now())
    leave(otto)
    upkeep()
    assert not Takeover.objects.exists()


def test_an_administrator_who_chooses_an_owner_ends_the_question(
    account: ServiceAccount, otto: Identity, nina: Identity, ada: Identity
) -> None:
    leave(otto)
    upkeep()
    now = fresh(account)
    details = service_accounts.Details(now.name, "", ada, now.scopes)
    service_accounts.edit(
        by=ada, account=now, details=details, revision=now.revision, at=timezone.now()
    )
    assert not queries.waiting_for(nina).exists()
    assert not fresh(account).owner_has_left
    with pytest.raises(actions.Answered):
        actions.confirm(
            by=nina,
            takeover=Takeover.objects.get(),
            keep_old_tokens=False,
            at=timezone.now(),
        )
    upkeep()
    assert Takeover.objects.get().state == State.OVER


def many(owner: Identity, count: int) -> None:
    """Accounts of one owner, written as a source would bring them."""
    for number in range(count):
        make_account(f"bot-{number:04}", owner=owner, scopes=[])


def test_hundreds_of_one_owner_are_a_few_statements_each_and_one_mail(
    otto: Identity, boss: Identity
) -> None:
    Identity.objects.filter(pk=otto.pk).update(manager=boss)
    many(otto, 250)
    leave(otto)
    with CaptureQueriesContext(connection) as caught:
        assert passing.pass_on(at=timezone.now()) == 250
    assert len(caught) < 250 * 2
    assert ServiceAccount.objects.filter(owner=boss).count() == 250
    assert queries.waiting_for(boss).count() == 250
    send_due()
    [message] = mail.outbox
    assert message.to == ["boss@example.com"]
    assert message.subject == "250 service accounts wait for you to take over"
    assert "- bot-0000 (from Otto)" in message.body
    assert "- and 240 more" in message.body
    assert "http://127.0.0.1:8000/takeovers/\n" in message.body + "\n"


def test_more_than_one_run_takes_goes_on_at_the_next(otto: Identity, boss: Identity) -> None:
    Identity.objects.filter(pk=otto.pk).update(manager=boss)
    many(otto, 5)
    leave(otto)
    now = timezone.now()
    assert [passing.pass_on(at=now, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_mail_that_is_not_taken_is_tried_again(
    account: ServiceAccount, otto: Identity, nina: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(otto)
    upkeep()

    def dead(*_args: object, **_named: object) -> None:
        raise OSError("no route")

    with monkeypatch.context() as broken:
        broken.setattr("console.ui.letters.send", dead)
        send_due()
    letter = TakeoverLetter.objects.get()
    assert (letter.tries, letter.failure) == (1, "no route")
    assert letter.next_try_at is not None
    assert letter.next_try_at > timezone.now() + timedelta(minutes=1)
    TakeoverLetter.objects.update(next_try_at=timezone.now())
    send_due()
    assert [message.to for message in mail.outbox] == [["nina@example.com"]]
    assert MOST_TRIES == 8


def test_who_answered_before_the_mail_went_gets_none(
    account: ServiceAccount, otto: Identity, nina: Identity
) -> None:
    leave(otto)
    upkeep()
    takeover = queries.waiting_for(nina).get()
    actions.confirm(by=nina, takeover=takeover, keep_old_tokens=False, at=timezone.now())
    send_due()
    assert mail.outbox == []


def test_who_puts_an_owner_out_does_not_come_to_own_what_was_theirs(
    account: ServiceAccount, otto: Identity, boss: Identity
) -> None:
    name_successor(account, None)
    role = make_role("people", permissions=["identity.manage", "identity.disable"])
    make_group(members=[boss], roles=[role])
    identities.disable(by=Identity.objects.get(pk=boss.pk), identity=otto, at=timezone.now())
    for _again in range(2):
        upkeep()
    assert fresh(account).owner == otto
    assert Event.objects.filter(action="service_account.owner_left").count() == 1
    assert not Takeover.objects.exists()
