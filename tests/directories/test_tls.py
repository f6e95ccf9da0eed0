"""A certificate that does not hold is refused, with what is wrong; none is ever waved through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accounts.models import ImportRun
from tests import openldap
from tests.directories.certificates import Authority, make_authority
from tests.directories.reading import make_ldap_source, person, plan
from tests.openldap import Directory

pytestmark = pytest.mark.django_db


@contextmanager
def server(folder: Path, authority: Authority, *names: str, days: int = 1) -> Iterator[Directory]:
    files = authority.issue(folder / "tls", *names, days=days)
    with openldap.directory(folder / "server", person("one"), certificates=files) as running:
        yield running


def ldaps(directory: Directory, authority: Authority | None, **changed: Any) -> ImportRun:
    settings: dict[str, Any] = {
        "port": directory.tls_port,
        "security": "ldaps",
        "ca": authority.pem if authority else "",
    }
    return plan(make_ldap_source(directory, **settings | changed))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_ldaps_with_an_own_authority(directory: Directory, authority: Authority, host: str) -> None:
    assert ldaps(directory, authority, host=host).new == 120


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_starttls_with_an_own_authority(
    directory: Directory, authority: Authority, host: str
) -> None:
    run = ldaps(directory, authority, host=host, port=directory.port, security="starttls")
    assert run.new == 120


@pytest.mark.parametrize("security", ["ldaps", "starttls"])
def test_an_authority_that_is_not_trusted(directory: Directory, security: str) -> None:
    port = directory.tls_port if security == "ldaps" else directory.port
    for stranger in (None, make_authority("Somebody else")):
        run = ldaps(directory, stranger, security=security, port=port, name=str(id(stranger)))
        assert (run.state, run.failure_reason) == ("failed", "untrusted")
        assert "Paste the certificate of that authority into CA certificate." in run.failure


@pytest.mark.parametrize("security", ["ldaps", "starttls"])
def test_a_certificate_for_another_name(
    tmp_path: Path, authority: Authority, security: str
) -> None:
    with server(tmp_path, authority, "ldap.example.com") as running:
        port = running.tls_port if security == "ldaps" else running.port
        run = ldaps(running, authority, host="localhost", security=security, port=port)
    assert (run.state, run.failure_reason) == ("failed", "wrong_name")


def test_a_certificate_for_a_name_does_not_hold_for_an_address(
    tmp_path: Path, authority: Authority
) -> None:
    with server(tmp_path, authority, "localhost") as running:
        assert ldaps(running, authority).failure_reason == "wrong_name"


def test_a_certificate_that_has_expired(tmp_path: Path, authority: Authority) -> None:
    with server(tmp_path, authority, "localhost", days=-1) as running:
        run = ldaps(running, authority, host="localhost")
    assert run.failure_reason == "certificate_expired"


def test_starttls_that_is_not_offered_is_not_done_without(own_directory: Directory) -> None:
    run = ldaps(own_directory, None, port=own_directory.port, security="starttls")
    assert (run.state, run.failure_reason) == ("failed", "no_starttls")


def test_ldaps_with_a_port_that_speaks_none(own_directory: Directory) -> None:
    run = ldaps(own_directory, None, port=own_directory.port)
    assert (run.state, run.failure_reason) == ("failed", "tls_failed")
    assert "636" in run.failure


def test_plain_ldap_with_a_port_that_speaks_tls(directory: Directory, authority: Authority) -> None:
    run = ldaps(directory, authority, security="plain")
    assert run.failure_reason in ("hung_up", "not_ldap")
