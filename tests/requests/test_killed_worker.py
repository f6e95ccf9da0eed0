"""Workers die between the approval and what was approved: it is done once, whole, and told once."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from accounts.jobs import actions as jobs
from accounts.models import AccessRequest, Event, Identity, Job, ServiceAccount
from accounts.requests.models import Message
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.requests import ask, ask_for_group, decide
from tests.jobs.child import Worker, worker
from tests.jobs.killed import ROUNDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(jobs, "_carriers", [])
    with worker() as running:
        yield running


@pytest.fixture
def asking() -> Identity:
    person, boss = make_person("asking"), make_person("boss")
    person.manager = boss
    person.save(update_fields=["manager"])
    return person


def approved(request: AccessRequest) -> AccessRequest:
    assert request.requester.manager is not None
    return decide(request.requester.manager, request)


def assert_told_once(request: AccessRequest) -> None:
    request.refresh_from_db()
    assert request.state == "done"
    carried_out = Event.objects.filter(action="request.carried_out")
    assert carried_out.about(AccessRequest.audit_type, request.pk).count() == 1
    assert request.letters.filter(message=Message.ENDED).count() == 1
    assert not Job.objects.unfinished().exists()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_new_account_is_made_once(seed: int, asking: Identity, processes: Worker) -> None:
    approved(ask(asking, "new_service_account", name="first", purpose="To be measured."))
    effort = processes.finish()
    request = approved(ask(asking, "new_service_account", name="nightly", purpose="Exports."))
    assert processes.kill_some(random.Random(seed), effort)
    account = ServiceAccount.objects.get(name="nightly")
    assert account.owner == asking
    created = Event.objects.filter(action="service_account.created")
    assert created.about("service_account", account.pk).count() == 1
    assert_told_once(request)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_member_is_added_once(seed: int, asking: Identity, processes: Worker) -> None:
    first, second = (make_group(name, may_be_requested=True) for name in ("First", "Second"))
    approved(ask_for_group(asking, first))
    effort = processes.finish()
    request = approved(ask_for_group(asking, second))
    assert processes.kill_some(random.Random(seed), effort)
    assert second.memberships.count() == 1
    assert Event.objects.filter(action="group.member_added").count() == 2
    assert_told_once(request)
