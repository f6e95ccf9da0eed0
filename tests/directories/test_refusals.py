"""What goes wrong with a directory changes nothing, and says what to do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from accounts.models import ImportRun
from accounts.sources.connectors import connectors
from accounts.sources.connectors.base import BadConfig
from accounts.sources.directory import connection
from accounts.sources.directory.errors import DirectoryRefused
from tests.directories.reading import SERVICES, bring, changed, config, make_ldap_source, plan
from tests.factories.imports import accounts_of
from tests.openldap import LIMITED_DN, SIZE_LIMIT, SUFFIX, Directory

pytestmark = pytest.mark.django_db


def failure(run: ImportRun) -> tuple[str, str]:
    assert run.state == "failed"
    return run.failure_reason, run.failure


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("given", "reason", "said"),
    [
        ({"host": "ldap.invalid"}, "host_unknown", "Check Host"),
        ({"port": 0}, "no_answer", "Check Host and Port"),
        ({"password": "wrong"}, "bad_credentials", "refuses this bind DN"),
        ({"bind_dn": f"cn=nobody,{SUFFIX}"}, "bad_credentials", "refuses this bind DN"),
        ({"bind_dn": "reader"}, "bad_dn", "not written as a DN"),
        ({"base_dn": f"ou=nowhere,{SERVICES}"}, "no_base", f"({SERVICES})"),
        ({"base_dn": "services"}, "bad_base", "not written as a DN"),
        ({"filter": "(uid=nobody)"}, "no_entries", "without a single entry"),
        ({"host": "169.254.169.254"}, "address_refused", "does not connect to such addresses"),
        ({"host": "0.0.0.0"}, "address_refused", "at 0."),  # noqa: S104
        ({"host": "::ffff:169.254.169.254"}, "address_refused", "169.254"),
    ],
)
def test_each_mistake_has_its_own_words(
    directory: Directory, given: dict[str, Any], reason: str, said: str
) -> None:
    if given.get("port") == 0:
        given = {"port": free_port()}
    source = make_ldap_source(directory, **given)
    found, message = failure(plan(source))
    assert found == reason
    assert said in message
    source.refresh_from_db()
    assert source.status == "failing"


def test_a_size_limit_is_not_taken_for_the_end(directory: Directory) -> None:
    source = make_ldap_source(directory)
    bring(source)
    reason, message = failure(plan(changed(source, bind_dn=LIMITED_DN)))
    assert reason == "size_limit"
    assert f"after {SIZE_LIMIT} entries" in message
    assert len(accounts_of(source)) == 120


def test_this_machine_is_read_only_where_that_is_allowed(
    directory: Directory, settings: Any
) -> None:
    settings.STEWARD_SOURCES_ON_LOOPBACK = False
    for host in ("127.0.0.1", "localhost", "::1"):
        source = make_ldap_source(directory, name=host, host=host)
        assert failure(plan(source))[0] == "address_refused"


def test_a_server_that_dies_in_the_middle_changes_nothing(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    bring(source)
    with proxied(own_directory.port, bytes_until_cut=9000) as port:
        reason, message = failure(plan(changed(source, port=port)))
    assert reason == "hung_up"
    assert "Nothing was changed" in message
    assert len(accounts_of(source)) == 120


def test_a_server_that_is_killed_is_told_from_an_empty_one(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    bring(source)
    own_directory.kill()
    assert failure(plan(source))[0] == "no_answer"
    assert len(accounts_of(source)) == 120


def test_a_server_that_says_nothing_is_given_up(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory, timeout_seconds=1)
    own_directory.pause()
    reason, message = failure(plan(source))
    assert reason == "timed_out"
    assert "within 1 seconds" in message


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x80\x00\x00",
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x0c\x02\x01\x63\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\x30" + b"\x82\x10\x00" + b"\x30\x82\x0f\xfc" * 1024,
        b"",
    ],
)
def test_what_speaks_no_ldap_is_refused(directory: Directory, answer: bytes) -> None:
    with answering(answer) as port:
        reason, _message = failure(plan(make_ldap_source(directory, port=port)))
    assert reason in ("not_ldap", "too_large", "hung_up")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "ldap://127.0.0.1"),
        ("host", "127.0.0.1/x"),
        ("host", "a b"),
        ("host", "user@host"),
        ("port", 0),
        ("port", 65536),
        ("security", "none"),
        ("ca", "-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----"),
        ("ca", "hello"),
        ("ca", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        ("filter", "(uid=*"),
        ("filter", "(uid=a)(uid=b)"),
        ("filter", "(uid=\\zz)"),
        ("filter", "(" * 60 + "uid=a" + ")" * 60),
        ("filter", "(!" * 800 + "(uid=a)" + ")" * 800),
        ("filter", ""),
        ("page_size", 0),
        ("timeout_seconds", 301),
        ("mapping", "purpose"),
        ("mapping", "purpose = *"),
        ("mapping", "purpose = a)(b"),
        ("mapping", "a = b\na = c"),
        ("mapping", "hash = userPassword"),
        ("mapping", "hash = unicodePwd;binary"),
        ("scope", "children"),
    ],
)
def test_settings_that_cannot_work_are_refused_when_they_are_typed(
    directory: Directory, field: str, value: object
) -> None:
    with pytest.raises(BadConfig) as refused:
        connectors.get("ldap").clean(config(directory) | {field: value})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("header", "mapping", "reason"),
    [
        ("id,name", "id = entryUUID\nname = uid\npurpose = cn", "unknown_attribute"),
        ("id,full name", "id = entryUUID", "unmapped"),
        ("entryUUID,userPassword", "", "secret_attribute"),
        ("*,uid", "", "unmapped"),
    ],
)
def test_a_schema_that_does_not_fit_the_mapping_is_told(
    directory: Directory, header: str, mapping: str, reason: str
) -> None:
    source = make_ldap_source(directory, header=header, mapping=mapping)
    assert failure(plan(source))[0] == reason


def test_a_value_of_the_filter_stays_a_value(directory: Directory) -> None:
    """Parentheses and stars that are escaped are looked for, not obeyed."""
    source = make_ldap_source(directory, filter=r"(uid=svc-00001\29\28uid=\2a)")
    assert failure(plan(source))[0] == "no_entries"


def test_entries_time_and_sizes_have_bounds(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_ldap_source(directory)
    monkeypatch.setattr(connection, "MOST_ENTRIES", 30)
    assert failure(plan(source))[0] == "too_many"
    monkeypatch.setattr(connection, "MOST_ENTRIES", 1000)
    monkeypatch.setattr(connection, "MOST_MESSAGE_BYTES", 100)
    assert failure(plan(source))[0] == "too_large"
    monkeypatch.setattr(connection, "MOST_MESSAGE_BYTES", 10_000)
    monkeypatch.setattr(connection, "MOST_MINUTES", 0)
    server = connection.Server("127.0.0.1", directory.port, most_seconds=0, loopback=True)
    with pytest.raises(DirectoryRefused) as refused, connection.Directory(server):
        pass
    assert refused.value.reason == "too_long"


def test_nothing_is_believed_that_came_before_tls(directory: Directory) -> None:
    """An answer put between "go on" and the handshake would otherwise count as protected."""
    go_on = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"
    with answering(go_on + b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00") as port:
        source = make_ldap_source(directory, port=port, security="starttls")
        assert failure(plan(source))[0] == "not_ldap"


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A port that says this to whoever comes, and hangs up."""

    def talk(peer: socket.socket) -> None:
        peer.recv(4096)
        peer.sendall(answer)

    with _listening(talk) as port:
        yield port


@contextmanager
def proxied(port: int, *, bytes_until_cut: int) -> Iterator[int]:
    """A way to `port` that breaks after so many bytes of answers."""

    def talk(peer: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=_pour, args=(peer, server, 1 << 30), daemon=True).start()
            _pour(server, peer, bytes_until_cut)
            peer.shutdown(socket.SHUT_RDWR)  # closing waits for the thread that still reads

    with _listening(talk) as own:
        yield own


def _pour(source: socket.socket, target: socket.socket, most: int) -> None:
    try:
        while most > 0 and (data := source.recv(min(most, 1000))):
            target.sendall(data)
            most -= len(data)
    except OSError:
        return


@contextmanager
def _listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _address = listener.accept()
            with peer:
                talk(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)
