"""A worker that tests can kill: it forks for each round, so that a round costs milliseconds.

Started by `worker`, as a process of its own with the settings of an installation.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise

from accounts.jobs.kinds import JobKind

PROJECT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 0.6
PATIENCE_SECONDS = 60


@dataclass
class Worker:
    """The forking process, seen from the test."""

    process: subprocess.Popen[str]

    def kill(self, *, after: float = PATIENCE_SECONDS, when: Path | str = "") -> int:
        """Fork a worker and kill it, after so many seconds or once that file exists.

        Answers the status with which it ended: 0 if it had done everything before.
        """
        self._input.write(f"{after} {when}\n")
        self._input.flush()
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def finish(self) -> None:
        """Let a worker do all there is to do."""
        assert self.kill() == 0

    @property
    def _input(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin


def environment() -> dict[str, str]:
    """That of an installation on the database and data folder of the tests."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        address = f"{database['HOST']}:{database['PORT']}"
        url = f"postgresql://{database['USER']}@{address}/{database['NAME']}"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "STEWARD_DATA_DIR": str(settings.STEWARD_DATA_DIR),
        "STEWARD_ENV_FILE": "",
        "STEWARD_LOG_LEVEL": "CRITICAL",
        "CACHE_URL": "locmemcache://",
        "DATABASE_URL": url,
    }


@contextmanager
def worker() -> Iterator[Worker]:
    """A worker on the database and data folder of the tests."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.child"],
        cwd=PROJECT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Worker(process)
    finally:
        process.kill()
        process.communicate()


def work() -> None:
    """Do all jobs, as worker and sweep do together, until none is unfinished."""
    from django.utils import timezone

    from accounts.jobs import actions
    from accounts.jobs.run import run_job
    from accounts.models import Job

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and Job.objects.unfinished().exists():
        actions.recover_lost(at=timezone.now())
        for job in Job.objects.due_at(timezone.now()):
            run_job(job.pk)
        time.sleep(0.02)


def main() -> None:
    import django

    django.setup()
    from accounts.imports import staging
    from accounts.jobs import run
    from accounts.jobs.kinds import kinds
    from accounts.profiles.processing import plan, scan

    # small, so that there is much to be killed between
    run.LEASE = timedelta(seconds=LEASE_SECONDS)
    run.PROGRESS_SECONDS = 0.05
    staging.BATCH_ROWS = 250
    scan.STEP, plan.LINES_AT_ONCE, plan.CHUNK_LINES = 250, 500, 200
    kinds.register("test.counting", Counting())
    for line in sys.stdin:
        seconds, _, file = line.rstrip("\n").partition(" ")
        pid = os.fork()
        if pid == 0:
            work()
            os._exit(0)
        sys.stdout.write(f"{watch(pid, float(seconds), file)}\n")
        sys.stdout.flush()


def watch(pid: int, seconds: float, file: str) -> int:
    """Kill the process when it is time; until we have waited for it, its id is nobody else's."""
    deadline = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline or (file and Path(file).exists()):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


class Counting(JobKind):
    """Adds one to a number, and hangs where the first attempt is told to."""

    label: str | Promise = "Counting"
    max_attempts = 3

    def run(self, run: Any) -> Mapping[str, Any]:
        from django.db import transaction

        from accounts.models import TenantSetting

        def at(place: str) -> None:
            if run.job.attempt == 1 and run.payload["hang"] == place:
                Path(run.payload["file"]).touch()
                time.sleep(PATIENCE_SECONDS)

        at("before")
        with transaction.atomic():
            row = TenantSetting.objects.select_for_update().get(name="counter")
            row.value += 1
            row.save()
            at("inside")
            run.hold()
            if run.payload["hang"] == "after":
                run.finish({"counted": 1})
        at("after")
        return {"counted": 1}


if __name__ == "__main__":
    main()
