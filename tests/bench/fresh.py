"""Measures in a process of its own on a fresh database, so that its peak of memory means it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from tests.postgres import server

DATABASES: Final = ("postgresql", "sqlite")
PEERS: Final = Path(sys.prefix, "bench")
"""Where `make bench` puts what only peers need; nothing else sees it."""

Figure = dict[str, Any]


def measured(module: str, database: str, rows: int, *arguments: str) -> Iterator[Figure]:
    """The figures that `python -m tests.bench.<module> ROWS …` prints, one JSON line each.

    PostgreSQL is thrown away, so it does not wait for the disk; all that is compared runs on the
    same settings.
    """
    is_postgres = database == "postgresql"
    with (
        tempfile.TemporaryDirectory(prefix="steward-bench-") as folder,
        server(shared_buffers="512MB") if is_postgres else nullcontext("") as url,
    ):
        environment = {name: value for name, value in os.environ.items() if "STEWARD" not in name}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "DATABASE_URL": url,
            "STEWARD_DATA_DIR": folder,
            "STEWARD_ENV_FILE": "",
            "STEWARD_LOG_LEVEL": "WARNING",
        }
        if module == "peers":
            environment["PYTHONPATH"] = str(PEERS)
        command = [sys.executable, "-m", f"tests.bench.{module}", str(rows), *arguments]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as done:
            assert done.stdout is not None
            for line in done.stdout:
                yield {"database": database, "rows": rows, **json.loads(line)}
        if done.returncode:
            sys.exit(done.returncode)


def prepare() -> Path:
    """Make Django and the tables ready in the process that measures; answers a folder for files."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    return Path(os.environ["STEWARD_DATA_DIR"])


def tell(figure: str, **values: Any) -> None:
    sys.stdout.write(json.dumps({"figure": figure, **values}) + "\n")
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> Figure:
    """How long it took: seconds on the clock, and of the processor here and in the database."""
    started, cpu, theirs = time.monotonic(), time.process_time(), _database_cpu()
    work()
    return {
        "seconds": round(time.monotonic() - started, 2),
        "our_cpu": round(time.process_time() - cpu, 2),
        "database_cpu": round(_database_cpu() - theirs, 2),
    }


def total(*parts: Figure) -> Figure:
    """Several steps taken together."""
    return {
        name: round(sum(part[name] for part in parts), 2)
        for name in ("seconds", "our_cpu", "database_cpu")
    }


def peak_rss_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _database_cpu() -> float:
    """Seconds of the processor that the server has spent for us; none where it is in us."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
