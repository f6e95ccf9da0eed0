"""How long an import takes, and how much memory: first, unchanged, delta, and in no order.

Each is the whole job, as a worker does it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.bench.accounts_file import HEADER, write
from tests.bench.fresh import peak_rss_mb, prepare, tell, timed, total


def make_source(name: str) -> Any:
    from tests.factories import imports

    return imports.make_source(name, header=HEADER.strip())


def bring(name: str, source: Any, path: Path, rows: int) -> None:
    """One import, from the file to the result."""
    from django.utils import timezone

    from accounts.audit.actors import SYSTEM
    from accounts.imports import actions
    from tests.factories.imports import work

    source.refresh_from_db()
    run: Any = None

    def upload() -> None:
        nonlocal run
        with path.open("rb") as file:
            chunks = iter(lambda: file.read(65536), b"")
            run = actions.upload(
                by=SYSTEM, source=source, file_name=path.name, chunks=chunks, at=timezone.now()
            )

    def confirm() -> None:
        if run.is_finished:  # a file that changes nothing is done when it was compared
            return
        actions.confirm(by=SYSTEM, import_run=run, at=timezone.now())
        work(run)

    uploaded = timed(upload)
    planned, applied = timed(lambda: work(run)), timed(confirm)
    assert run.state == "applied", run.failure
    whole = total(planned, applied)
    tell(
        f"import {name}",
        **whole,
        rows_per_second=int(rows / whole["seconds"]),
        upload=uploaded["seconds"],
        plan=planned["seconds"],
        apply=applied["seconds"],
        **{count: getattr(run, count) for count in ("new", "changed", "unchanged", "removed")},
        peak_rss_mb=peak_rss_mb(),
    )


def main(rows: int) -> None:
    folder = prepare()
    source, first = make_source("Service Accounts"), write(folder / "first.csv", rows)
    bring("first", source, first, rows)
    bring("unchanged", source, first, rows)
    bring("delta", source, write(folder / "delta.csv", rows, delta=True, moved=2), rows)
    shuffled = write(folder / "shuffled.csv", rows, delta=True, moved=2, shuffled=True)
    bring("unchanged, in no order", source, shuffled, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
