"""The usual ways to import with Django, on the first rows of the same file and into the same table.

They manage some thousand rows a second, so they get a sample. The quickest begins, and fills the
table so far that PostgreSQL looks accounts up by its index for the others, too.
"""

from __future__ import annotations

import csv
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tests.bench.accounts_file import write
from tests.bench.fresh import peak_rss_mb, prepare, tell, timed
from tests.bench.import_accounts import make_source

MOST_ROWS: Final = {
    "update_or_create": 2_000,
    "django-import-export": 2_000,
    "django-import-export, use_bulk": 5_000,
    "bulk_create": 50_000,
}


def read(path: Path, rows: int) -> Iterator[dict[str, Any]]:
    """What a row needs for our table; a digest by the cheapest way there is."""
    from django.utils import timezone

    now = timezone.now()
    with path.open() as file:
        for row in islice(csv.DictReader(file), rows):
            yield {
                "native_identity": row["id"],
                "name": row["name"],
                "name_key": row["name"],
                "attributes": row,
                "digest": uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(row)),
                "created_at": now,
                "changed_at": now,
            }


def by_update_or_create(source: Any, path: Path, rows: int) -> None:
    from django.db import transaction

    from accounts.models import SourceAccount

    with transaction.atomic():
        for values in read(path, rows):
            native = values.pop("native_identity")
            SourceAccount.objects.update_or_create(
                source=source, native_identity=native, defaults=values
            )


def by_bulk_create(source: Any, path: Path, rows: int) -> None:
    from accounts.models import SourceAccount

    SourceAccount.objects.bulk_create(
        [SourceAccount(source=source, **values) for values in read(path, rows)],
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["source", "native_identity"],
        update_fields=["name", "name_key", "attributes", "digest", "changed_at"],
    )


def by_import_export(source: Any, path: Path, rows: int, *, use_bulk: bool = False) -> None:
    import tablib
    from import_export import resources

    from accounts.models import SourceAccount

    bulk = use_bulk

    class Accounts(resources.ModelResource):
        class Meta:
            model = SourceAccount
            import_id_fields = ("source", "native_identity")
            exclude = ("id",)
            use_bulk = bulk
            use_transactions = True
            skip_unchanged = True
            report_skipped = False

    found = [
        {"source": str(source.pk), **values, "attributes": json.dumps(values["attributes"])}
        for values in read(path, rows)
    ]
    data = tablib.Dataset(*[list(row.values()) for row in found], headers=list(found[0]))
    result = Accounts().import_data(data, raise_errors=True)
    assert not result.has_errors()


WAYS: Final[dict[str, Callable[[Any, Path, int], None]]] = {
    "bulk_create": by_bulk_create,
    "update_or_create": by_update_or_create,
    "django-import-export": by_import_export,
    "django-import-export, use_bulk": lambda source, path, rows: by_import_export(
        source, path, rows, use_bulk=True
    ),
}


def main(rows: int) -> None:
    folder = prepare()
    from django.db import connection

    from accounts.models import SourceAccount

    path = write(folder / "first.csv", rows)
    for name, way in WAYS.items():
        source, sample = make_source(name), min(rows, MOST_ROWS[name])
        took = timed(lambda: way(source, path, sample))  # noqa: B023
        assert SourceAccount.objects.filter(source=source).count() == sample
        tell(
            f"peer: {name}",
            **took,
            rows=sample,
            rows_per_second=int(sample / took["seconds"]),
            peak_rss_mb=peak_rss_mb(),
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    main(int(sys.argv[1]))
