"""How long an import takes, and how much memory: a file planned, applied, and imported again.

    python -m tests.bench.import_accounts --rows 1000000 --database postgresql

Prints one JSON line. Times are of the whole job, as a worker does it, in seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
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

PEER_ROWS = 3000
HEADER = "id,name,e-mail,purpose\n"


def lines(rows: int, *, delta: bool) -> Iterator[str]:
    """The file; with `delta` 2 % of the accounts changed, 1 % are new and 1 % are gone."""
    yield HEADER
    for number in range(rows):
        if delta and number % 100 == 0:
            yield f"NEW-{number:07d},new-{number:07d},new{number}@example.com,New\n"
        else:
            changed = delta and number % 100 in (1, 2)
            purpose = "Changed" if changed else f"Automate the report number {number}"
            email = f"owner{number % 5000}@example.com"
            yield f"SA-{number:07d},svc-{number:07d},{email},{purpose}\n"


def write(path: Path, rows: int, *, delta: bool = False) -> Path:
    with path.open("w") as file:
        file.writelines(lines(rows, delta=delta))
    return path


def measure(rows: int) -> dict[str, Any]:
    """Import into a fresh database, in this process, which `main` started for it."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from accounts.audit.actors import SYSTEM
    from accounts.imports import actions as imports
    from accounts.jobs.run import run_job
    from accounts.models import ImportRun, Job, Source, SourceAccount
    from accounts.sources import actions as sources
    from accounts.sources import schema

    call_command("migrate", interactive=False, verbosity=0)
    source = sources.create(
        by=SYSTEM,
        connector="delimited_file",
        details=sources.Details(name="Service Accounts"),
        at=timezone.now(),
    )
    schema.upload(by=SYSTEM, source=source, content=HEADER.encode(), at=timezone.now())
    results: dict[str, Any] = {"database": connection.vendor, "rows": rows}

    def database_cpu() -> float:
        """Seconds of processor time that the server spent for us; none where it is in us."""
        if connection.vendor != "postgresql":
            return 0.0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            process = cursor.fetchone()[0]
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def job(import_run: ImportRun) -> float:
        import_run.refresh_from_db()
        assert import_run.job_id is not None
        started = time.monotonic()
        run_job(import_run.job_id)
        seconds = time.monotonic() - started
        last = Job.objects.order_by("-created_at").first()
        assert last is not None
        assert last.state == "succeeded", last.error
        return round(seconds, 2)

    def bring(name: str, path: Path) -> None:
        source.refresh_from_db()
        started, cpu, theirs = time.monotonic(), time.process_time(), database_cpu()
        with path.open("rb") as file:
            import_run = imports.upload(
                by=SYSTEM,
                source=source,
                file_name=path.name,
                chunks=iter(lambda: file.read(65536), b""),
                at=timezone.now(),
            )
        uploaded = round(time.monotonic() - started, 2)
        planned = job(import_run)
        import_run.refresh_from_db()
        imports.confirm(by=SYSTEM, import_run=import_run, at=timezone.now())
        applied = job(import_run)
        import_run.refresh_from_db()
        counts = {n: getattr(import_run, n) for n in ("new", "changed", "unchanged", "removed")}
        results[name] = {
            "upload": uploaded,
            "plan": planned,
            "apply": applied,
            "plan_and_apply": round(planned + applied, 2),
            "rows_a_second": int(rows / (planned + applied)),
            "our_cpu": round(time.process_time() - cpu, 2),
            "database_cpu": round(database_cpu() - theirs, 2),
            **counts,
        }

    def peer(path: Path) -> None:
        """The obvious way: each row looked up and saved by itself, in one transaction."""
        other = sources.create(
            by=SYSTEM,
            connector="delimited_file",
            details=sources.Details(name="Peer"),
            at=timezone.now(),
        )
        started = time.monotonic()
        with path.open() as file, transaction.atomic():
            for row in islice(csv.DictReader(file), PEER_ROWS):
                SourceAccount.objects.update_or_create(
                    source=other,
                    native_identity=row["id"],
                    defaults={
                        "name": row["name"],
                        "name_key": row["name"],
                        "attributes": row,
                        "digest": uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(row)),
                        "created_at": timezone.now(),
                        "changed_at": timezone.now(),
                    },
                )
        rate = PEER_ROWS / (time.monotonic() - started)
        results["update_or_create_rows_a_second"] = int(rate)
        results["times_as_fast"] = round(results["first"]["rows_a_second"] / rate, 1)

    folder = Path(os.environ["STEWARD_DATA_DIR"])
    first = write(folder / "first.csv", rows)
    bring("first", first)
    bring("unchanged", first)
    bring("delta", write(folder / "delta.csv", rows, delta=True))
    assert Source.objects.get().account_count == rows
    peer(first)
    results["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
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
    is_postgres = options.database == "postgresql"
    with (
        tempfile.TemporaryDirectory() as folder,
        server(shared_buffers="1GB") if is_postgres else nullcontext("") as url,
    ):
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
