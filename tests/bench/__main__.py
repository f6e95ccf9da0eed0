"""Tokens a second by the JWT bearer grant, one JSON line an algorithm.

python -m tests.bench                      an instance of its own, on SQLite
python -m tests.bench --postgres           the same on a throw-away PostgreSQL
python -m tests.bench --url http://127.0.0.1:8000 --account ID --key-file key.jwk
                                           an instance that runs already
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import load, proofs
from tests.postgres import server
from tests.setup.running import Running, manage, serving

SCOPE = "fr:am:*"
KEYS = {"ES256": "P-256", "RS256": "RSA-4096"}
"""What signs the assertions; RSA 4096 is what the console makes by default."""


@dataclass(frozen=True)
class Holder:
    """Who asks: an account and its key."""

    account: str
    jwk: dict[str, Any]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--requests", type=int, default=2_000, help="an algorithm (2000)")
    parser.add_argument("--connections", type=int, default=8, help="kept alive, at once (8)")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--url", help="public URL of an instance that runs already")
    parser.add_argument("--account", help="id of a service account of that instance")
    parser.add_argument("--key-file", type=Path, help="its private JWK")
    found = parser.parse_args()
    if found.url and not (found.account and found.key_file):
        parser.error("--url needs --account and --key-file")
    if not 1 <= found.requests <= 100_000 or not 1 <= found.connections <= 64:
        parser.error("1 to 100000 requests over 1 to 64 connections")
    return found


@contextmanager
def instance(*, postgres: bool) -> Iterator[tuple[Running, dict[str, str]]]:
    """A running instance, and the environment that it was given."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steward-bench-")))
        variables = {"STEWARD_LOG_LEVEL": "WARNING"}
        if postgres:
            variables["DATABASE_URL"] = stack.enter_context(server())
        yield stack.enter_context(serving(folder / "data", **variables)), variables


def make_holder(running: Running, algorithm: str, variables: dict[str, str]) -> Holder:
    key_file = running.data_dir / f"{algorithm}.jwk"
    made = manage(
        running.data_dir,
        *("service_account", "create", f"bench {algorithm}", "--scope", SCOPE),
        *("--algorithm", KEYS[algorithm], "--key-file", str(key_file)),
        PORT=str(running.port),
        **variables,
    )
    if made.returncode:
        sys.exit(made.stderr)
    return Holder(json.loads(made.stdout)["id"], json.loads(key_file.read_text()))


def measure(url: str, holder: Holder, options: argparse.Namespace, database: str) -> None:
    """Sign beforehand, so that only the server is measured; a tenth more to warm it up."""
    algorithm = proofs.algorithm_of(holder.jwk)
    warm_up = max(options.connections, options.requests // 10)
    bodies = proofs.forms(url, holder.account, holder.jwk, SCOPE, options.requests + warm_up)
    load.run(url, bodies[:warm_up], options.connections)
    result = load.run(url, bodies[warm_up:], options.connections)
    told = {"grant": "jwt-bearer", "assertion": algorithm, "database": database}
    sys.stdout.write(json.dumps(told | result.as_json()) + "\n")
    sys.stdout.flush()


def main() -> None:
    options = arguments()
    if options.url:
        holder = Holder(options.account, json.loads(options.key_file.read_text()))
        measure(options.url.rstrip("/"), holder, options, "unknown")
        return
    database = "postgresql" if options.postgres else "sqlite"
    with instance(postgres=options.postgres) as (running, variables):
        for algorithm in KEYS:
            measure(running.url, make_holder(running, algorithm, variables), options, database)


if __name__ == "__main__":
    main()
