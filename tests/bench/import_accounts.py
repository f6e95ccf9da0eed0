"""How long an import takes, and how much memory: a file planned, applied, and imported again.

    python -m tests.bench.import_accounts --rows 1000000 --database postgresql

Prints one JSON line. Times are seconds of the whole job, as a worker does it; beside them stands
the obvious way, `update_or_create`, on rows of the same file.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from tests.postgres import server

HEADER = "id,name,e-mail,purpose\n"
PEER_ROWS = 3000


def lines(rows: int, *, delta: bool) -> Iterator[str]:
    """The file; with `delta` 2 % of the accounts changed, 1 % are new and 1 % are gone."""
    for number in range(rows):
        if delta and number % 100 == 0:
            yield f"NEW-{number:07d},new-{number:07d},new{number}@example.com,New\n"
        else:
            changed = delta and number % 100 in (1, 2)
            purpose = "Changed" if changed else f"Automate the report number {number}"
            email = f"owner{number % 5000}@example.com"
            yield f"SA-{number:07d},svc-{number:07d},{email},{purpose}\n"


def write(path: Path, rows: int, *, delta: bool = False, shuffled: bool = False) -> Path:
    found: Any = lines(rows, delta=delta)
    if shuffled:
        found = list(found)
        random.Random(1).shuffle(found)
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(found)
    return path


def database_cpu() -> float:
    """Seconds of processor time that the server has spent for us; none where it is in us."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def make_source(name: str) -> Any:
    from django.utils import timezone

    from accounts.audit.actors import SYSTEM
    from accounts.sources import actions, schema

    details = actions.Details(name=name)
    now = timezone.now()
    source = actions.create(by=SYSTEM, connector="delimited_file", details=details, at=now)
    schema.upload(by=SYSTEM, source=source, content=HEADER.encode(), at=now)
    return source


def do_job(import_run: Any) -> float:
    """Do the job of an import that waits for a worker; answers the seconds."""
    from accounts.jobs.run import run_job
    from accounts.models import Job

    import_run.refresh_from_db()
    job_id, started = import_run.job_id, time.monotonic()
    run_job(job_id)
    seconds = time.monotonic() - started
    job = Job.objects.get(pk=job_id)
    assert job.state == "succeeded", job.error
    import_run.refresh_from_db()
    return round(seconds, 2)


def bring(source: Any, path: Path, rows: int) -> dict[str, Any]:
    """One import from the file to the result."""
    from django.utils import timezone

    from accounts.audit.actors import SYSTEM
    from accounts.imports import actions

    source.refresh_from_db()
    started, cpu, theirs = time.monotonic(), time.process_time(), database_cpu()
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(65536), b"")
        run = actions.upload(
            by=SYSTEM, source=source, file_name=path.name, chunks=chunks, at=timezone.now()
        )
    uploaded = round(time.monotonic() - started, 2)
    planned = do_job(run)
    actions.confirm(by=SYSTEM, import_run=run, at=timezone.now())
    applied = do_job(run)
    counts = ("new", "changed", "unchanged", "removed")
    return {
        "upload": uploaded,
        "plan": planned,
        "apply": applied,
        "plan_and_apply": round(planned + applied, 2),
        "rows_a_second": int(rows / (planned + applied)),
        "our_cpu": round(time.process_time() - cpu, 2),
        "database_cpu": round(database_cpu() - theirs, 2),
        **{name: getattr(run, name) for name in counts},
    }


def peer(path: Path) -> float:
    """Rows a second of the obvious way: each looked up and saved by itself, in one transaction."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.models import SourceAccount

    source, now = make_source("Peer"), timezone.now()
    started = time.monotonic()
    with path.open() as file, transaction.atomic():
        for row in islice(csv.DictReader(file), PEER_ROWS):
            values = {
                "name": row["name"],
                "name_key": row["name"],
                "attributes": row,
                "digest": uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(row)),
                "created_at": now,
                "changed_at": now,
            }
            SourceAccount.objects.update_or_create(
                source=source, native_identity=row["id"], defaults=values
            )
    return PEER_ROWS / (time.monotonic() - started)


def measure(rows: int) -> dict[str, Any]:
    """Import into a fresh database, in this process, which `main` started for it."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    folder = Path(os.environ["STEWARD_DATA_DIR"])
    source, first = make_source("Service Accounts"), write(folder / "first.csv", rows)
    results: dict[str, Any] = {
        "database": connection.vendor,
        "rows": rows,
        "first": bring(source, first, rows),
        "unchanged": bring(source, first, rows),
        "delta": bring(source, write(folder / "delta.csv", rows, delta=True), rows),
    }
    results["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = peer(first)
    results["update_or_create_rows_a_second"] = int(rate)
    results["times_as_fast"] = round(results["first"]["rows_a_second"] / rate, 1)
    shuffled = write(folder / "shuffled.csv", rows, delta=True, shuffled=True)
    results["unchanged_in_any_order"] = bring(source, shuffled, rows)
    results["load"] = round(os.getloadavg()[0], 1)
    return results


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        sys.stdout.write(json.dumps(measure(options.rows)) + "\n")
        return
    database = server(shared_buffers="1GB") if options.database != "sqlite" else nullcontext("")
    with tempfile.TemporaryDirectory() as folder, database as url:
        environment = {name: value for name, value in os.environ.items() if "STEWARD" not in name}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "STEWARD_DATA_DIR": folder,
            "STEWARD_ENV_FILE": "",
            "STEWARD_LOG_LEVEL": "WARNING",
            "DATABASE_URL": url,
        }
        command = [sys.executable, "-m", "tests.bench.import_accounts", "--inside"]
        subprocess.run([*command, "--rows", str(options.rows)], env=environment, check=True)


if __name__ == "__main__":
    main()
