"""Tokens a second by the JWT bearer grant, for each algorithm of assertions."""

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
from tests.bench.fresh import Figure
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


def measure(url: str, holder: Holder, options: argparse.Namespace, database: str) -> Figure:
    """Sign beforehand, so that only the server is measured; a tenth more to warm it up."""
    algorithm = proofs.algorithm_of(holder.jwk)
    warm_up = max(options.connections, options.requests // 10)
    bodies = proofs.forms(url, holder.account, holder.jwk, SCOPE, options.requests + warm_up)
    load.run(url, bodies[:warm_up], options.connections)
    result = load.run(url, bodies[warm_up:], options.connections)
    told = {"grant": "jwt-bearer", "assertion": algorithm, "database": database}
    return {"figure": f"tokens, {algorithm}", **told, **result.as_json()}


def figures(options: argparse.Namespace) -> Iterator[Figure]:
    """Of the instance that `options` name, or of one of our own on each database."""
    if options.url:
        holder = Holder(options.account, json.loads(options.key_file.read_text()))
        yield measure(options.url.rstrip("/"), holder, options, "unknown")
        return
    for database in options.database:
        with instance(postgres=database == "postgresql") as (running, variables):
            for algorithm in KEYS:
                holder = make_holder(running, algorithm, variables)
                yield measure(running.url, holder, options, database)
