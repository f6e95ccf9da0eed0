from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import openldap
from tests.directories.certificates import Authority, make_authority
from tests.directories.reading import services
from tests.openldap import Directory


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_authority("Steward test authority")


@pytest.fixture(scope="session")
def directory(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[Directory]:
    """One server for all tests that change nothing in it; 120 accounts, more than it hands out."""
    folder = tmp_path_factory.mktemp("openldap")
    certificates = authority.issue(folder / "tls", "localhost", "127.0.0.1")
    with openldap.directory(folder / "server", services(120), certificates=certificates) as running:
        yield running


@pytest.fixture
def own_directory(tmp_path: Path) -> Iterator[Directory]:
    """A server of 120 accounts that the test may change, pause or kill."""
    with openldap.directory(tmp_path / "own", services(120)) as running:
        yield running
