from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.imports import actions as imports
from accounts.jobs.run import run_job
from accounts.models import ImportRun, Source, SourceAccount
from accounts.sources import actions, schema
from accounts.sources.connectors.base import AttributeDraft

HEADER = "id,name,e-mail,purpose"


def make_source(
    name: str = "Service Accounts",
    *,
    header: str = HEADER,
    attributes: Sequence[AttributeDraft] = (),
    config: dict[str, Any] | None = None,
    threshold: int = 10,
    deletion_disabled: bool = False,
    by: Actor = SYSTEM,
) -> Source:
    """A delimited-file source with these columns; `attributes` describe some of them further."""
    now = timezone.now()
    source = actions.create(
        by=by,
        connector="delimited_file",
        details=actions.Details(
            name=name,
            config=config or {},
            delete_threshold_percent=threshold,
            deletion_disabled=deletion_disabled,
        ),
        at=now,
    )
    schema.upload(by=by, source=source, content=header.encode(), at=now)
    for draft in attributes:
        row = source.attributes.get(name=draft.name)
        schema.edit(by=by, source=source, attribute=row, draft=draft, at=now)
    source.refresh_from_db()
    return source


def upload(
    source: Source, content: str | bytes, *, by: Actor = SYSTEM, **options: Any
) -> ImportRun:
    """An import of a file whose plan was not begun."""
    data = content.encode() if isinstance(content, str) else content
    return imports.upload(
        by=by,
        source=source,
        file_name=options.pop("file_name", "accounts.csv"),
        chunks=[data],
        at=timezone.now(),
        **options,
    )


def work(import_run: ImportRun) -> ImportRun:
    """Do what a worker would do for this import now."""
    import_run.refresh_from_db()
    assert import_run.job_id is not None
    run_job(import_run.job_id)
    import_run.refresh_from_db()
    return import_run


def plan(source: Source, content: str | bytes, **options: Any) -> ImportRun:
    """An import with its plan made."""
    return work(upload(source, content, **options))


def apply(import_run: ImportRun, *, by: Actor = SYSTEM) -> ImportRun:
    imports.confirm(by=by, import_run=import_run, at=timezone.now())
    return work(import_run)


def bring(source: Source, content: str | bytes, **options: Any) -> ImportRun:
    """An import from the file to the result; one that changes nothing ends by itself."""
    run = plan(source, content, **options)
    return run if run.is_finished else apply(run)


def accounts_of(source: Source) -> dict[str, dict[str, Any]]:
    """The attributes of every account, by Account ID."""
    rows = SourceAccount.objects.filter(source=source)
    return {
        native: dict(sorted(attributes.items()))
        for native, attributes in rows.values_list("native_identity", "attributes")
    }


def rows(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines, ""])
