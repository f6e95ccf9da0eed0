"""Several answers, or several workers, at the same moment."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Event, Identity, ServiceAccount, Takeover
from accounts.takeovers import actions, passing
from tests.at_once import at_once
from tests.factories import make_account, make_person
from tests.takeovers.conftest import fresh, leave

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def people() -> tuple[Identity, Identity]:
    owner, boss = make_person("owner"), make_person("boss")
    Identity.objects.filter(pk=owner.pk).update(manager=boss)
    return owner, boss


def test_two_workers_pass_each_account_on_once(people: tuple[Identity, Identity]) -> None:
    owner, boss = people
    for number in range(20):
        make_account(f"bot-{number}", owner=owner, scopes=[])
    leave(owner)
    answers = at_once([partial(passing.pass_on, at=timezone.now())] * 4)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    passing.pass_on(at=timezone.now())
    assert ServiceAccount.objects.filter(owner=boss).count() == 20
    assert Takeover.objects.count() == 20
    assert Event.objects.filter(action="service_account.passed_on").count() == 20


def test_accepting_and_withdrawing_at_once_does_one_of_them(
    people: tuple[Identity, Identity],
) -> None:
    owner, boss = people
    account = make_account("audit01", owner=owner).account
    now = timezone.now()
    takeover = actions.offer(by=owner, account=account, to=boss, note="", at=now)
    accept = partial(actions.confirm, by=boss, takeover=takeover, keep_old_tokens=False, at=now)
    keep = partial(actions.withdraw, by=owner, takeover=takeover, at=now)
    answers = at_once([accept, keep] * 5)
    done = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(done) == 1
    state = Takeover.objects.get().state
    assert fresh(account).owner == (boss if state == "confirmed" else owner)
