"""What Steward does in a second, beside what others do: one JSON line a figure, then a table.

make bench                                 tokens, imports and Apply Changes; some minutes
make bench ARGS="--rows 1000000"           the same with a million rows
make bench ARGS="imports --database sqlite"
make bench ARGS="tokens --url http://127.0.0.1:8000 --account ID --key-file key.jwk"
                                           tokens of an instance that runs already
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench import tokens
from tests.bench.fresh import DATABASES, PEERS, Figure, measured
from tests.bench.table import table

PARTS: Final = ("tokens", "imports", "profiles")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), help="all of them")
    parser.add_argument("--database", choices=DATABASES, help="both")
    parser.add_argument("--rows", type=int, default=100_000, help="of imports (100000)")
    parser.add_argument("--requests", type=int, default=2_000, help="an algorithm (2000)")
    parser.add_argument("--connections", type=int, default=8, help="kept alive, at once (8)")
    parser.add_argument("--url", help="public URL of an instance that runs already")
    parser.add_argument("--account", help="id of a service account of that instance")
    parser.add_argument("--key-file", type=Path, help="its private JWK")
    found = parser.parse_args()
    if set(found.parts) - set(PARTS):
        parser.error(f"choose of {', '.join(PARTS)}")
    if found.url and not (found.account and found.key_file):
        parser.error("--url needs --account and --key-file")
    if not 1 <= found.requests <= 100_000 or not 1 <= found.connections <= 64:
        parser.error("1 to 100000 requests over 1 to 64 connections")
    if not 1_000 <= found.rows <= 10_000_000:
        parser.error("1000 to 10000000 rows")
    found.database = [found.database] if found.database else list(DATABASES)
    found.parts = ["tokens"] if found.url else found.parts or list(PARTS)
    return found


def figures(options: argparse.Namespace) -> Iterator[Figure]:
    if "tokens" in options.parts:
        yield from tokens.figures(options)
    for database in options.database:
        if "imports" in options.parts:
            # a tenth beside the whole says whether memory grows with the file
            for rows in (options.rows // 10, options.rows):
                yield from measured("import_accounts", database, rows)
            yield from measured("raw", database, options.rows)
            yield from measured("peers", database, options.rows)
        if "profiles" in options.parts:
            for rows in (options.rows // 10, options.rows):
                yield from measured("apply_profile", database, rows)


def main() -> None:
    options = arguments()
    if "imports" in options.parts and not PEERS.is_dir():
        sys.exit("What imports are measured beside is missing; run: make bench")
    found = []
    for figure in figures(options):
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stdout.flush()
        found.append(figure)
    sys.stdout.write("\n" + table(found))


if __name__ == "__main__":
    main()
