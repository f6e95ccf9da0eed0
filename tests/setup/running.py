"""Starting Steward as its users do: as a process of its own, with an environment of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.setup import prepared
from tests.setup.commands import PATIENCE_SECONDS
from tests.setup.commands import PROJECT as PROJECT
from tests.setup.commands import environment as environment
from tests.setup.commands import manage as manage
from tests.setup.commands import run as run

READY = "Steward is ready on "


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A running instance."""

    process: subprocess.Popen[bytes]
    url: str
    port: int
    data_dir: Path
    log: Path

    def children(self) -> dict[str, int]:
        """Process ids of web server and worker."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except (OSError, IndexError):
                continue  # ended meanwhile
            if parent == self.process.pid:
                found["worker" if b"\0worker\0" in command else "web"] = int(entry.name)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def serving(data_dir: Path, **variables: str) -> Iterator[Running]:
    """A running instance that finds database and static files prepared in its data folder."""
    prepared.lay_out(data_dir)
    with starting(data_dir, **variables) as running:
        yield running


@contextmanager
def starting(data_dir: Path, **variables: str) -> Iterator[Running]:
    """A running instance that has said that it is ready; stopped at the end if it still runs."""
    port = free_port()
    log = data_dir.parent / f"{data_dir.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=PROJECT,
            env=environment(data_dir, PORT=str(port), **variables),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Running(process, f"http://127.0.0.1:{port}", port, data_dir, log)
    try:
        wait_until(lambda: READY in log.read_text() or process.poll() is not None)
        assert READY in log.read_text(), log.read_text()[-4000:]
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def wait_until(condition: object) -> None:
    """Wait for another process; time itself can be waited for in no other way."""
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
