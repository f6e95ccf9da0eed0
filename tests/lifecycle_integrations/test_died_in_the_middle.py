"""Killed in the middle and begun again, a synchronization ends the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs.run import run_job
from accounts.lifecycle_integrations import actions, runs
from accounts.lifecycle_integrations.connectors import scim
from accounts.models import Group, Job, LifecycleLink, LifecycleRun
from tests.factories.lifecycle import Application, connected, synchronize

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """As a process ends that is killed."""


def died_after(monkeypatch: pytest.MonkeyPatch, posts: int) -> None:
    """The worker dies once this many accounts were made, before it wrote down the last."""
    ask, count = scim._ask, [0]

    def dying(access: Any, method: str, *rest: Any) -> Any:
        answer = ask(access, method, *rest)
        if method == "POST":
            count[0] += 1
            if count[0] == posts:
                raise Died
        return answer

    monkeypatch.setattr(scim, "_ask", dying)


@pytest.mark.parametrize("posts", [1, 4])
def test_nobody_is_invited_twice(
    acme: Application, team: Group, monkeypatch: pytest.MonkeyPatch, posts: int
) -> None:
    lifecycle = connected(acme.url, [team])
    run = runs.start(by=SYSTEM, lifecycle=lifecycle, plan_only=False, at=timezone.now())
    run.refresh_from_db()
    assert run.job_id is not None
    with monkeypatch.context() as patch:
        died_after(patch, posts)
        with pytest.raises(Died):
            run_job(run.job_id)
    assert len(acme.users()) == posts
    assert LifecycleLink.objects.count() == posts - 1
    # the lease ran out, and another worker takes it
    Job.objects.filter(pk=run.job_id).update(state="queued", lease_until=None)
    run_job(run.job_id)
    run.refresh_from_db()
    assert run.state == "done"
    assert len(acme.users()) == 6
    assert LifecycleLink.objects.filter(is_active=True).count() == 6


def test_a_paused_one_sends_nothing_more(
    acme: Application, team: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle = connected(acme.url, [team])
    ask, sent = scim._ask, []

    def pausing(access: Any, method: str, *rest: Any) -> Any:
        if method == "POST":
            sent.append(rest[0])
            if len(sent) == 2:
                actions.pause(by=SYSTEM, lifecycle=lifecycle, at=timezone.now())
        return ask(access, method, *rest)

    monkeypatch.setattr(scim, "_ask", pausing)
    run = synchronize(lifecycle)
    assert run.state == "failed"
    assert len(sent) == 2
    with pytest.raises(runs.CannotSynchronize):
        synchronize(lifecycle)


def test_what_is_changed_meanwhile_is_begun_anew(
    acme: Application, team: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle, plan_only=True)
    lifecycle.refresh_from_db()
    actions.set_connection(
        by=SYSTEM,
        lifecycle=lifecycle,
        wanted=actions.Connection(acme.url, secret="another"),
        revision=lifecycle.revision,
        at=timezone.now(),
    )
    with pytest.raises(runs.NothingToConfirm):
        runs.confirm(by=SYSTEM, lifecycle_run=run, at=timezone.now())
    with pytest.raises(actions.NotTested):
        synchronize(lifecycle)
    assert acme.users() == {}


def test_only_one_at_a_time(acme: Application, team: Group) -> None:
    lifecycle = connected(acme.url, [team])
    runs.start(by=SYSTEM, lifecycle=lifecycle, plan_only=False, at=timezone.now())
    with pytest.raises(runs.CannotSynchronize, match="being synchronized"):
        runs.start(by=SYSTEM, lifecycle=lifecycle, plan_only=False, at=timezone.now())
    assert LifecycleRun.objects.count() == 1
