"""An application that is busy, broken or hostile fails clearly, and harms nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.lib.tries import TooManyTries
from accounts.lifecycle_integrations import actions, runs
from accounts.lifecycle_integrations.connectors import scim
from accounts.lifecycle_integrations.connectors.base import Access, Refused, Stopped
from accounts.lifecycle_integrations.members import person
from accounts.models import Group, Identity, LifecycleIntegration, LifecycleRun
from accounts.tenant import outgoing
from console.lifecycle_integrations.mail import send_due
from tests.factories.lifecycle import connected, synchronize, work
from tests.lib.test_web import LISTED
from tests.listener import Listener, listener, ok

pytestmark = pytest.mark.django_db


def answered(value: Any) -> bytes:
    return ok(json.dumps(value).encode(), b"Content-Type: application/scim+json")


def status(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {line}", *headers, "Content-Length: 0", "", ""]).encode()


def one(**values: Any) -> dict[str, Any]:
    return {"totalResults": 1, "Resources": [{"id": "1", "userName": "x"} | values]}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it was waited; nobody waits."""
    kept: list[float] = []
    monkeypatch.setattr(scim, "pause", kept.append)
    return kept


@pytest.fixture
def said() -> Iterator[Callable[[bytes], Listener]]:
    """A server that answers everything with these bytes."""
    opened: list[Any] = []

    def open_one(answer: bytes) -> Listener:
        found = listener(answer)
        opened.append(found)
        return found.__enter__()

    yield open_one
    for each in opened:
        each.__exit__(None, None, None)


def lifecycle_at(url: str, group: Group, **values: Any) -> LifecycleIntegration:
    found = connected(url, [group], validate=False, **values)
    LifecycleIntegration.objects.filter(pk=found.pk).update(status="validated")
    found.refresh_from_db()
    return found


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"<html>"),
        ok(b"[" * 100_000),
        answered([]),
        answered({"Resources": []}),
        answered({"totalResults": True, "Resources": []}),
        answered({"totalResults": "1", "Resources": []}),
        answered({"totalResults": 1, "Resources": {}}),
        answered({"totalResults": 1, "Resources": [None]}),
        answered(one(id=7)),
        answered(one(id="")),
        answered(one(id="..")),
        answered(one(id="x" * 5000)),
        answered(one(id="a\nb")),
        answered(one(userName=None)),
        answered({"totalResults": 1_000_000, "Resources": []}),
        answered({"totalResults": 3, "Resources": [{"id": "1", "userName": "x"}]}),
        answered({"totalResults": 3, "Resources": []}),
        ok(b"x" * (5 * 1024 * 1024)),
        status("302 Found", "Location: http://127.0.0.1:1/"),
        status("401 Unauthorized"),
        status("404 Not Found"),
        status("400 Bad Request"),
        b"",
    ],
    ids=lambda answer: str(answer[:80]),
)
def test_a_listing_that_is_none_stops_everything(
    said: Callable[[bytes], Listener], team: Group, pauses: list[float], answer: bytes
) -> None:
    lifecycle = lifecycle_at(said(answer).url, team)
    run = synchronize(lifecycle)
    assert run.state in ("failed", "retrying")
    assert run.integration.status in ("failed", "retrying", "validation_failed")
    assert run.reason
    assert "html" not in run.reason
    assert not run.steps.exists()


def test_busy_applications_are_asked_again_after_a_bounded_while(
    said: Callable[[bytes], Listener], team: Group, pauses: list[float]
) -> None:
    busy = said(status("429 Too Many Requests", "Retry-After: 7"))
    lifecycle = lifecycle_at(busy.url, team)
    run = synchronize(lifecycle)
    assert pauses == [7.0, 7.0]
    assert len(busy.heard) == 3
    assert run.state == "retrying"
    assert run.integration.next_sync_at is not None


def test_a_long_wait_is_put_off_and_a_very_long_one_bounded(
    said: Callable[[bytes], Listener], team: Group, pauses: list[float]
) -> None:
    busy = said(status("503 Service Unavailable", "Retry-After: 99999999"))
    lifecycle = lifecycle_at(busy.url, team)
    now = timezone.now()
    run = synchronize(lifecycle)
    assert pauses == []
    next_at = run.integration.next_sync_at
    assert next_at is not None
    assert timedelta(minutes=59) < next_at - now < timedelta(minutes=62)


def test_after_four_more_tries_it_has_failed_and_its_owner_is_told_once(
    said: Callable[[bytes], Listener], team: Group, pauses: list[float], otto: Identity
) -> None:
    lifecycle = lifecycle_at(said(status("500 Oops")).url, team, owner=otto)
    run = synchronize(lifecycle)
    for _number in range(4):
        assert run.state == "retrying"
        found = run.integration.next_sync_at
        assert found is not None
        assert runs.start_due(at=found - timedelta(seconds=5)) == 0
        with time_machine.travel(found, tick=False):
            assert runs.start_due(at=found) == 1
            run = work(run)
    assert (run.state, run.tries) == ("failed", 4)
    assert run.finished_at is not None
    assert LifecycleRun.objects.count() == 1
    with time_machine.travel(run.finished_at, tick=False):
        send_due()
    assert [message.to for message in mail.outbox] == [["otto@example.com"]]
    assert "People in Acme failed" in mail.outbox[0].subject
    with time_machine.travel(run.finished_at + timedelta(days=1), tick=False):
        synchronize(lifecycle)
        send_due()
    assert len(mail.outbox) == 1


def test_redirects_and_other_hosts_are_not_followed(
    said: Callable[[bytes], Listener], team: Group
) -> None:
    inside = said(answered({"totalResults": 0, "Resources": []}))
    sent = said(status("307 Temporary Redirect", f"Location: {inside.url}/Users"))
    run = synchronize(lifecycle_at(sent.url, team))
    assert run.integration.status == "validation_failed"
    assert "elsewhere" in run.reason
    assert inside.heard == []


def test_ids_cannot_leave_their_place_in_an_address(
    said: Callable[[bytes], Listener], team: Group
) -> None:
    there = said(answered({}))
    access = Access(there.url, "bearer", "", "token", LISTED)
    scim.Scim().deactivate(access, "../../admin?x=1#y")
    scim.Scim().remove(access, "a/b")
    first, second = (head.split(b"\r\n")[0] for head in there.heard)
    assert first == b"PATCH /Users/..%2F..%2Fadmin%3Fx%3D1%23y HTTP/1.1"
    assert second == b"DELETE /Users/a%2Fb HTTP/1.1"


def test_what_is_not_listed_is_never_called(
    said: Callable[[bytes], Listener], team: Group, ada: Identity
) -> None:
    there = said(answered({"totalResults": 0, "Resources": []}))
    lifecycle = connected(there.url, [team], validate=False)
    outgoing.set_targets(by=SYSTEM, lines=[], at=timezone.now())
    with pytest.raises(Stopped, match="Use https"):
        actions.validate(by=ada, lifecycle=lifecycle, at=timezone.now())
    lifecycle.refresh_from_db()
    assert lifecycle.status == "validation_failed"
    assert there.heard == []


def test_a_filter_that_is_not_heeded_links_nobody_wrong(
    said: Callable[[bytes], Listener], team: Group, people: list[Identity]
) -> None:
    there = said(answered(one(userName="their-admin")))
    access = Access(there.url, "bearer", "", "token", LISTED)
    assert scim.Scim().find(access, person(people[0])) is None


def test_an_answer_to_an_invitation_that_is_none_is_no_link(
    said: Callable[[bytes], Listener], people: list[Identity]
) -> None:
    for answer in (status("204 No Content"), answered({"id": 3}), status("200 OK")):
        access = Access(said(answer).url, "bearer", "", "token", LISTED)
        with pytest.raises((Stopped, Refused)):
            scim.Scim().invite(access, person(people[0]))


def test_only_so_many_connections_are_tried(
    said: Callable[[bytes], Listener], team: Group, ada: Identity
) -> None:
    there = said(status("401 Unauthorized"))
    lifecycle = connected(there.url, [team], validate=False)
    with time_machine.travel(timezone.now(), tick=False):
        for _number in range(10):
            lifecycle.refresh_from_db()
            with pytest.raises(Stopped):
                actions.validate(by=ada, lifecycle=lifecycle, at=timezone.now())
        with pytest.raises(TooManyTries):
            actions.validate(by=ada, lifecycle=lifecycle, at=timezone.now())
    assert len(there.heard) == 10
