"""Many decisions on one request at the same moment: one counts."""

from __future__ import annotations

from functools import partial

import pytest

from accounts.models import Event, Identity, Job
from accounts.requests import queries
from accounts.requests.actions import Decided
from accounts.requests.moves import AskedAlready
from accounts.requests.states import Verdict
from tests.at_once import at_once
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.requests import ask_for_group, decide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def asking() -> Identity:
    person, boss = make_person("asking"), make_person("boss")
    person.manager = boss
    person.save(update_fields=["manager"])
    return person


def test_twenty_decisions_decide_once(asking: Identity) -> None:
    request = ask_for_group(asking, make_group(may_be_requested=True))
    boss = asking.manager
    assert boss is not None
    _lines, shown = queries.seen(request)
    acts = [
        partial(decide, boss, request, verdict, "Because.", shown)
        for verdict in (Verdict.APPROVE, Verdict.REJECT) * 10
    ]
    answers = at_once(acts)

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 19
    assert {type(error) for error in refused} == {Decided}
    decided = Event.objects.filter(action__in=["request.approved", "request.rejected"])
    assert decided.count() == 1
    assert Job.objects.count() == decided.filter(action="request.approved").count()


def test_ten_times_the_same_is_asked_once(asking: Identity) -> None:
    group = make_group(may_be_requested=True)
    answers = at_once([partial(ask_for_group, asking, group)] * 10)
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 9
    assert {type(error) for error in refused} == {AskedAlready}
