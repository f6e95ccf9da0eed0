"""What is installed is pinned by hash, and by nothing that depends on where it comes from."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.architecture.sources import PROJECT

pytestmark = pytest.mark.sqlite

LOCK = PROJECT / ".lock"
LOCKS = sorted([*LOCK.glob("*.txt"), *LOCK.glob("clients/*.txt")])
PINNED = re.compile(r"([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+)")


def requirements(text: str) -> list[str]:
    """The requirements of a lock file, each with its hashes on one line."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_has_a_version_and_a_hash(path: object) -> None:
    assert LOCK in getattr(path, "parents", ())
    for line in requirements(getattr(path, "read_text")()):  # noqa: B009
        assert PINNED.match(line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line


def test_tests_run_with_the_versions_that_run() -> None:
    versions = {
        name: dict(PINNED.match(line).groups() for line in requirements(text))  # type: ignore[union-attr, misc]
        for name, text in ((path.stem, path.read_text()) for path in LOCKS)
    }
    for smaller, larger in (("run", "postgres"), ("postgres", "test"), ("test", "dev")):
        assert versions[smaller].items() <= versions[larger].items()


def test_no_place_to_download_from_is_named() -> None:
    for path in [*LOCKS, *LOCK.glob("clients/*.json"), PROJECT / "Makefile"]:
        assert not re.search(r"https?://(?!127\.0\.0\.1|localhost|steward\.)", path.read_text()), (
            path
        )


def test_the_vendors_client_is_pinned_by_its_digest() -> None:
    lock = json.loads((LOCK / "clients" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages["node_modules/@rockcarver/frodo-cli"]["version"] == "3.1.0"
    assert packages["node_modules/sailpoint-api-client"]["version"] == "1.4.15"
    for name, package in packages.items():
        assert package.get("inBundle") or package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_every_dependency_that_runs_says_why_it_is_there() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    for name in tomllib.loads(text)["project"]["dependencies"]:
        line = next(line for line in text.splitlines() if f'"{name}"' in line)
        assert "  # " in line or " # " in line, name
