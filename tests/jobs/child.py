"""A worker that tests can kill: it forks for each round, so that a round costs milliseconds.

Started by `worker`, as a process of its own with the settings of an installation.
"""

from __future__ import annotations

import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import OperationalError, connection
from django.utils.functional import Promise

from accounts.jobs.kinds import JobKind

PROJECT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 0.6
PATIENCE_SECONDS = 60
NEVER = 1e9
TOO_SLOW = 3
"""The status of a worker that had work left when its time was over."""


class Effort(NamedTuple):
    """What an attempt took that nothing happened to."""

    seconds: float
    statements: int


@dataclass
class Worker:
    """The forking process, seen from the test. Each worker that it forks does all there is to do,
    with the sweep, unless something happens to it before."""

    process: subprocess.Popen[str]

    def kill(self, *, after: float = NEVER, when: Path | str = "", statement: int = 0) -> int:
        """Kill a worker so many seconds after it began an attempt, once that file exists, or as
        it asks that statement of the database: an odd one before it is done, an even one after.

        Answers the status with which it ended: 0 if it had done everything before.
        """
        asked = self._ask(do="kill", after=after, when=str(when), statement=statement)
        return int(asked["status"])

    def finish(self) -> Effort:
        """Let a worker do all there is to do."""
        answer = self._ask(do="kill", after=NEVER, when="", statement=0)
        assert answer["status"] == 0, answer
        return Effort(answer["seconds"], answer["statements"])

    def kill_some(self, dice: random.Random, effort: Effort, times: int = 3) -> int:
        """Attempts die at random moments of the effort that one takes, then one may live.

        The first dies for sure, at a statement of the first half: a moment may come too late.
        Answers how many were killed. More than four would make the job be given up.
        """
        killed = int(self.kill(statement=dice.randint(1, max(1, effort.statements // 2))) < 0)
        for _ in range(times - 1):
            if dice.random() < 0.5:
                status = self.kill(after=dice.uniform(0, effort.seconds))
            else:
                status = self.kill(statement=dice.randint(1, effort.statements))
            killed += status < 0
        self.finish()
        return killed

    def together(self) -> list[int]:
        """Two workers at once, until both have ended."""
        return list(self._ask(do="together")["status"])

    def stop_for_a_while(self, *, after: float) -> list[int]:
        """Stop a worker so long that its lease ends, with another beside it, and let it go on."""
        return list(self._ask(do="stop", after=after)["status"])

    def with_a_full_disk(self, *, seconds: float) -> int:
        """A worker that can write nothing, killed after a while."""
        return int(self._ask(do="full_disk", seconds=seconds)["status"])

    def _ask(self, **what: object) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


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
    """A worker on the database and data folder of the tests.

    The connection of the test is a new one: where an earlier test left a statement half read,
    SQLite would go on showing what was there before the worker wrote.
    """
    connection.close()
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


@contextmanager
def real_worker() -> Iterator[subprocess.Popen[bytes]]:
    """The worker of an installation, with its queue and its sweep."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.child", "worker"], cwd=PROJECT, env=environment()
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_running(attempt: int) -> bool:
    from accounts.models import Job

    return Job.objects.filter(state="running", attempt=attempt).exists()


def is_done() -> bool:
    from accounts.models import Job

    return not Job.objects.unfinished().exists()


def work() -> bool:
    """Do all jobs, as worker and sweep do together, until none is unfinished; False where that
    takes too long."""
    from django.utils import timezone

    from accounts.jobs import actions
    from accounts.jobs.run import run_job
    from accounts.models import Job

    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if not Job.objects.unfinished().exists():
                return True
            actions.recover_lost(at=timezone.now())
            for job in Job.objects.due_at(timezone.now()):
                run_job(job.pk)
        except OperationalError:  # as the sweep, which comes again
            connection.close()
        time.sleep(0.02)
    return False


def make_short() -> None:
    """Small steps, so that there is much to be killed between, and a lease that soon ends."""
    from accounts.imports import staging
    from accounts.jobs import heartbeat, run
    from accounts.profiles.processing import evaluating, plan, scan
    from accounts.sealing import jobs as sealing

    vars(sealing)["BATCH"] = 100
    run.LEASE = timedelta(seconds=LEASE_SECONDS)
    run.PAUSE = timedelta(seconds=0.1)
    run.PROGRESS_SECONDS = 0.05
    heartbeat.EVERY_SECONDS = LEASE_SECONDS / 4
    staging.BATCH_ROWS = 250
    scan.STEP, evaluating.LINES_AT_ONCE, plan.CHUNK_LINES = 250, 500, 200


def main() -> None:
    import django

    django.setup()
    from accounts.jobs.kinds import kinds

    make_short()
    if sys.argv[1:] == ["worker"]:
        from django.core.management import call_command

        from console.jobs import sweep

        vars(sweep)["EVERY_SECONDS"] = LEASE_SECONDS
        call_command("worker")
        return
    kinds.register("test.counting", Counting())
    for line in sys.stdin:
        asked = json.loads(line)
        answer = DOINGS[asked.pop("do")](**asked)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


@dataclass
class Fork:
    """A worker, and the pipe by which it tells that it has begun an attempt, then how many
    statements that took."""

    pid: int
    told: int
    began_at: float | None = None

    def has_begun(self) -> bool:
        if self.began_at is None and select.select([self.told], [], [], 0)[0]:
            self.began_at = time.monotonic()
        return self.began_at is not None

    @property
    def seconds(self) -> float:
        return time.monotonic() - (self.began_at or time.monotonic())


@contextmanager
def forked(*, statement: int = 0, most_bytes: int = 0) -> Iterator[Fork]:
    told, tells = os.pipe()
    pid = os.fork()
    if pid == 0:
        counted = Counted(tells, fatal=statement)
        if most_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        with connection.execute_wrapper(counted):
            is_done = work()
        os.write(tells, str(counted.statements).encode())
        os._exit(0 if is_done else TOO_SLOW)
    os.close(tells)
    try:
        yield Fork(pid, told)
    finally:
        os.close(told)


class Counted:
    """Counts the statements of the first attempt, and ends this process with one of them."""

    def __init__(self, tells: int, *, fatal: int) -> None:
        from accounts.jobs import run

        self.statements = 0
        self._fatal = fatal
        self._has_begun = False
        take = run._take

        def taking(*arguments: Any) -> Any:
            if (job := take(*arguments)) is not None and not self._has_begun:
                self._has_begun = True
                os.write(tells, b".")
            return job

        vars(run)["_take"] = taking

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        self.statements += self._has_begun
        is_fatal = self._has_begun and self.statements == self._fatal
        if is_fatal and self._fatal % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = execute(*arguments)
        if is_fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


def wait_for(worker: Fork) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1])


def kill(after: float, when: str, statement: int) -> dict[str, Any]:
    """Kill a worker when it is time; until we have waited for it, its id is nobody else's."""
    with forked(statement=statement) as worker:
        while True:
            ended, status = os.waitpid(worker.pid, os.WNOHANG)
            if ended:
                told = os.read(worker.told, 100) if worker.has_begun() else b""
                return {
                    "status": os.waitstatus_to_exitcode(status),
                    "seconds": worker.seconds,
                    "statements": int(told.strip(b".") or 0),
                }
            if worker.has_begun() and (worker.seconds >= after or (when and Path(when).exists())):
                os.kill(worker.pid, signal.SIGKILL)
            time.sleep(0.001)


def together() -> dict[str, Any]:
    with forked() as one, forked() as other:
        return {"status": [wait_for(one), wait_for(other)]}


def stop(after: float) -> dict[str, Any]:
    with forked() as one:
        while not (one.has_begun() and one.seconds >= after):
            time.sleep(0.001)
        os.kill(one.pid, signal.SIGSTOP)
        with forked() as other:
            # on SQLite the other may have to wait for a lock that the first one holds
            time.sleep(3 * LEASE_SECONDS)
            os.kill(one.pid, signal.SIGCONT)
            return {"status": [wait_for(one), wait_for(other)]}


def full_disk(seconds: float) -> dict[str, Any]:
    with forked(most_bytes=1) as worker:
        time.sleep(seconds)
        os.kill(worker.pid, signal.SIGKILL)
        return {"status": wait_for(worker)}


DOINGS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "kill": kill,
    "together": together,
    "stop": stop,
    "full_disk": full_disk,
}


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
