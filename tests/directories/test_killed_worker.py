"""A reading survives a worker that is killed at any moment, and one that is cancelled ends."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.imports import actions
from accounts.jobs import actions as jobs
from accounts.models import SourceAccount
from tests import openldap
from tests.directories.reading import make_ldap_source, services
from tests.jobs.child import worker

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNTS = 3000


def test_what_is_read_is_complete_wherever_the_worker_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])
    dice = random.Random(7)
    with openldap.directory(tmp_path / "own", services(ACCOUNTS)) as directory, worker() as child:
        source = make_ldap_source(directory, page_size=100)
        run = actions.refresh(by=SYSTEM, source=source, at=timezone.now(), confirm=False)
        for _attempt in range(2):
            child.kill(after=dice.uniform(0.1, 0.6))
        child.finish()
        run.refresh_from_db()
        assert (run.state, run.scanned, run.new) == ("planned", ACCOUNTS, ACCOUNTS)
        actions.confirm(by=SYSTEM, import_run=run, at=timezone.now())
        child.finish()
    run.refresh_from_db()
    assert run.state == "applied"
    assert SourceAccount.objects.count() == ACCOUNTS
