"""Real mail by LMTP and SMTP, to a process of its own; and what is said when it cannot be taken."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope, Session
from django.db import OperationalError

from accounts.inbox import queries, receiving
from accounts.models import Identity, Mailbox, ReceivedMessage
from tests.factories.inbox import CODE, letter, make_mailbox
from tests.factories.vault import make_item
from tests.setup.running import PROJECT, environment, free_port, manage, wait_until
from tokens.doors.inbox import post_office
from tokens.doors.inbox.post_office import PostOffice

SET_UP = """
from django.utils import timezone
from tests.factories import make_person
from tests.factories.vault import make_item
from tests.factories.inbox import make_mailbox
print(make_mailbox(make_item(make_person("otto"))).address)
"""
READ = """
from accounts.inbox import queries
from accounts.models import ReceivedMessage
for each in ReceivedMessage.objects.order_by("received_at"):
    print(queries.opened(each)["code"])
"""


@contextmanager
def taking(data_dir: Path, *options: str) -> Iterator[int]:
    """A process that takes mail; answers its port."""
    port, log = free_port(), data_dir.parent / f"mail{len(options)}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "receive_mail", f"--port={port}", *options],
            cwd=PROJECT,
            env=environment(data_dir),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: "takes mail" in log.read_text() or process.poll() is not None)
        assert "takes mail" in log.read_text(), log.read_text()
        yield port
    finally:
        process.terminate()
        assert process.wait(30) == 0, log.read_text()[-2000:]
        assert CODE not in log.read_text()


def shell(data_dir: Path, code: str) -> list[str]:
    done = manage(data_dir, "shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.sqlite
def test_mail_by_lmtp_and_by_smtp_arrives_and_its_code_is_read_out(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    assert manage(data_dir, "migrate").returncode == 0
    (address,) = shell(data_dir, SET_UP)
    nobody = f"nobody-{address}"
    with taking(data_dir) as port, smtplib.LMTP("127.0.0.1", port) as client:
        refused = client.sendmail("a@b.example", [address, nobody], letter())
        assert {to: status for to, (status, _said) in refused.items()} == {nobody: 550}
        assert client.sendmail("a@b.example", [address], letter()) == {}
    with taking(data_dir, "--smtp") as port, smtplib.SMTP("127.0.0.1", port) as client:
        other = letter("Your code is 2342.", Message_ID="<two@slack.example>")
        assert client.sendmail("a@b.example", [address], other) == {}
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("a@b.example", ["someone@elsewhere.example"], other)
    assert shell(data_dir, READ) == [CODE, "2342"]


@pytest.mark.sqlite
def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = manage(tmp_path / "data", "receive_mail", f"--port={port}")
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr


# --- what is said, without a process ---


def in_a_loop(asked: Coroutine[Any, Any, str]) -> str:
    """In a thread of its own: a browser of other tests may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, asked).result()


@pytest.fixture
def mailbox(otto: Identity) -> Mailbox:
    return make_mailbox(make_item(otto))


def said(address: str, raw: bytes) -> str:
    return post_office._answer("192.0.2.1", post_office._store, address, raw)


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_stored_is_left_to_the_sender(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> bool:
        raise errors.pop()

    errors: list[Exception] = [OperationalError("away"), RuntimeError("odd")]
    with monkeypatch.context() as broken:
        broken.setattr(receiving, "receive_mail", fail)
        assert said(mailbox.address, letter()) == post_office.LATER
        assert said(mailbox.address, letter()) == post_office.LATER
    assert said(mailbox.address, letter()) == post_office.DONE
    assert said(mailbox.address, letter()) == post_office.DONE
    assert ReceivedMessage.objects.count() == 1
    assert queries.opened(ReceivedMessage.objects.get())["code"] == CODE


@pytest.mark.django_db(transaction=True)
def test_each_refusal_has_its_answer(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("nobody@inbox.example.com", letter()) == post_office.UNKNOWN
    monkeypatch.setattr(receiving, "MOST_BYTES", 10)
    assert said(mailbox.address, letter()) == post_office.LARGE
    monkeypatch.undo()
    monkeypatch.setattr(receiving, "MOST_AN_HOUR", 0)
    assert said(mailbox.address, letter()) == post_office.FULL


def test_by_smtp_one_that_must_come_again_comes_again_for_all() -> None:
    for answers_each, expected in ((True, "250\r\n451\r\n250"), (False, "451")):
        office = PostOffice(answers_each=answers_each)
        answers = iter(["250", "451", "250"])

        async def asked(*_args: Any, answers: Iterator[str] = answers) -> str:
            return next(answers)

        office._asked = asked  # type: ignore[method-assign, assignment]
        envelope = Envelope()
        envelope.rcpt_tos = ["a", "b", "c"]
        session = Session(None)  # type: ignore[arg-type]
        found = in_a_loop(office.handle_DATA(None, session, envelope))  # type: ignore[arg-type]
        assert found == expected


def test_one_mail_has_so_many_recipients() -> None:
    envelope = Envelope()
    envelope.rcpt_tos = ["x"] * receiving.MOST_RECIPIENTS
    office, session = PostOffice(answers_each=True), Session(None)  # type: ignore[arg-type]
    found = in_a_loop(office.handle_RCPT(None, session, envelope, "a@b"))  # type: ignore[arg-type]
    assert found == post_office.MANY


@contextmanager
def listening(**changed: int) -> Iterator[int]:
    """A server in a thread of its own, for connections alone."""
    port = free_port()
    code = (
        "import asyncio, django; django.setup();"
        "from tokens.doors.inbox import post_office as p;"
        + "".join(f"p.{name} = {value};" for name, value in changed.items())
        + "from console.management.commands.receive_mail import Command;"
        f"asyncio.run(Command().serve('127.0.0.1', {port}, is_smtp=False))"
    )
    variables = environment(PROJECT, DJANGO_SETTINGS_MODULE="tests.settings", PYTHONPATH=".")
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, env=variables, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert b"takes mail" in process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.sqlite
def test_connections_are_counted_and_silent_ones_are_closed() -> None:
    with listening(MOST_CONNECTIONS=2, MOST_SESSION_SECONDS=3) as port:
        first, second = (socket.create_connection(("127.0.0.1", port), 20) for _each in range(2))
        assert first.recv(100).startswith(b"220")
        assert second.recv(100).startswith(b"220")
        with socket.create_connection(("127.0.0.1", port), 20) as third:
            assert third.recv(100).startswith(b"421")
        assert first.recv(100) == b""
        first.close()
        second.close()
        with socket.create_connection(("127.0.0.1", port), 20) as later:
            assert later.recv(100).startswith(b"220")
