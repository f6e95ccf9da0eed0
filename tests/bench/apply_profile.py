"""How long identity processing takes, and how much memory: planned, applied, and again.

    python -m tests.bench.apply_profile --rows 1000000 --database postgresql

Prints one JSON line. Times are of the whole job, as a worker does it, in seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.bench.import_accounts import HEADER, write
from tests.postgres import server


def database_cpu() -> float:
    """Seconds of processor time that the server spent on this connection."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def setting(kind: str) -> Any:
    """A source and its profile of five mappings, three of them through transforms."""
    from accounts.profiles.mappings import MappingDraft
    from tests.factories.imports import make_source
    from tests.factories.profiles import make_profile, map_all

    source = make_source(header=HEADER.strip())
    profile = make_profile(source, kind=kind)
    shout = {"type": "upper"}
    whole = {
        "type": "concat",
        "attributes": {
            "values": [
                {
                    "type": "accountAttribute",
                    "attributes": {"sourceName": source.name, "attributeName": "name"},
                },
                " of ",
                {"type": "lower"},
            ]
        },
    }
    return source, map_all(
        profile,
        [
            MappingDraft("uid", "name", definition={"type": "lower"}),
            MappingDraft("email", "e-mail"),
            MappingDraft("lastname", "name", definition=shout),
            MappingDraft("firstname", "name"),
            MappingDraft("displayName", "id", definition=whole),
        ],
    )


class Timed:
    """Measures steps: wall clock, and processor time here and in the database."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}

    def step(self, name: str, work: Any) -> Any:
        started, cpu, theirs = time.monotonic(), time.process_time(), database_cpu()
        answer = work()
        self.results[name] = {
            "seconds": round(time.monotonic() - started, 2),
            "our_cpu": round(time.process_time() - cpu, 2),
            "database_cpu": round(database_cpu() - theirs, 2),
        }
        return answer


def measure(rows: int, kind: str) -> dict[str, Any]:
    """Process a fresh database, in this process, which `main` started for it."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.audit.actors import SYSTEM
    from accounts.imports import actions as imports
    from accounts.models import Identity
    from tests.factories.profiles import apply, plan, work

    call_command("migrate", interactive=False, verbosity=0)
    source, profile = setting(kind)
    folder = Path(os.environ["STEWARD_DATA_DIR"])
    timed = Timed()

    def bring(path: Path) -> None:
        with path.open("rb") as file:
            import_run = imports.upload(
                by=SYSTEM,
                source=source,
                file_name=path.name,
                chunks=iter(lambda: file.read(65536), b""),
                at=timezone.now(),
            )
        work()
        imports.confirm(by=SYSTEM, import_run=import_run, at=timezone.now())
        work()

    def import_file(name: str, *, delta: bool) -> None:
        path = write(folder / name, rows, delta=delta)
        timed.step(f"import_{name}", lambda: bring(path))

    import_file("first", delta=False)
    planned = timed.step("plan", lambda: plan(profile))
    timed.step("apply", lambda: apply(planned))
    again = timed.step("again", lambda: plan(profile))
    assert not again.changes, again.effects
    made = Identity.objects.get_queryset().filter(origin="profile").count()
    assert made == rows, made
    import_file("delta", delta=True)
    planned = timed.step("delta_plan", lambda: plan(profile))
    timed.step("delta_apply", lambda: apply(planned))
    results: dict[str, Any] = {"database": connection.vendor, "rows": rows, "kind": kind}
    return {
        **results,
        **timed.results,
        "delta": planned.effects,
        "plan_and_apply": round(
            timed.results["plan"]["seconds"] + timed.results["apply"]["seconds"], 2
        ),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "threads": threading.active_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kind", choices=["person", "service"], default="person")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        sys.stdout.write(json.dumps(measure(options.rows, options.kind)) + "\n")
        return
    is_postgres = options.database == "postgresql"
    with (
        tempfile.TemporaryDirectory() as folder,
        server() if is_postgres else nullcontext("") as url,
    ):
        environment = {name: value for name, value in os.environ.items() if "STEWARD" not in name}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "DATABASE_URL": url,
            "STEWARD_DATA_DIR": folder,
            "STEWARD_ENV_FILE": "",
        }
        command = [sys.executable, "-m", "tests.bench.apply_profile", "--inside"]
        command += ["--rows", str(options.rows), "--kind", options.kind]
        raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
