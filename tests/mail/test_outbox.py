"""Mail that is kept as files, where no mail server is set, can be read by administrators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client
from django.utils import timezone

from accounts.identities import actions, invitations
from accounts.models import Identity
from console.mail import outbox
from console.ui.installation import FILE_BACKEND

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = FILE_BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    return tmp_path / "outbox"


def send(subject: str, body: str = "Hello.") -> None:
    EmailMessage(subject, body, to=["nina@example.com"]).send()


def test_it_shows_the_newest_first(client_of: ClientOf, ada: Identity, folder: Path) -> None:
    for number in (2, 3, 1):
        send(f"Letter {number}")
        [written] = (file for file in folder.iterdir() if not file.name.startswith("2026010"))
        written.rename(folder / f"2026010{number}-120000-77.log")

    letters = outbox.letters()

    assert [letter.subject for letter in letters] == ["Letter 3", "Letter 2", "Letter 1"]
    assert (letters[0].to, letters[0].text) == ("nina@example.com", "Hello.")
    assert letters[0].at is not None
    text = client_of(ada).get("/outbox/").content.decode()
    assert text.index("Letter 3") < text.index("Letter 2") < text.index("Letter 1")


def test_two_mails_of_one_file_are_both_shown(folder: Path, settings: Any) -> None:
    with get_connection() as connection:
        for subject in ("The first", "The second"):
            EmailMessage(subject, "Hi.", to=["n@example.com"], connection=connection).send()

    assert len(list(folder.iterdir())) == 1
    assert [letter.subject for letter in outbox.letters()] == ["The second", "The first"]


def test_a_newcomer_can_follow_the_link(
    client_of: ClientOf,
    client: Client,
    ada: Identity,
    folder: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        person = actions.create_person(
            by=ada,
            user_name="audit01",
            first_name="Nina",
            last_name="Novák",
            email="nina@example.com",
            levels=[],
            at=timezone.now(),
        )
        invitations.invite(by=ada, identity=person, at=timezone.now())

    text = client_of(ada).get("/outbox/").content.decode()
    [letter] = outbox.letters()

    assert "Hello Nina Novák," in text
    assert "Your user name: audit01" in text
    [link] = letter.links
    assert f'href="{link}"' in text
    path = link.removeprefix("http://127.0.0.1:8000")
    assert client.get(path).status_code == 200


def test_what_a_mail_holds_is_text_and_nothing_else(
    client_of: ClientOf, ada: Identity, folder: Path
) -> None:
    send("<script>alert(1)</script>", "<b>bold</b>\n\nhttps://evil.example/x javascript:alert(1)")

    text = client_of(ada).get("/outbox/").content.decode()

    assert "<script>alert" not in text
    assert "<b>bold" not in text
    assert 'href="https://evil.example' not in text
    assert 'href="javascript' not in text


def test_a_broken_or_foreign_file_does_not_break_the_page(
    client_of: ClientOf, ada: Identity, folder: Path
) -> None:
    send("A good one")
    (folder / "20990101-000000-1.log").write_bytes(b"\xff\xfe no mail \x00\n" + b"-" * 79 + b"\n")
    (folder / "20990102-000000-1.log").write_bytes(
        b'Content-Type: text/plain; charset="nonsense"\nDate: never\n\n\xff\xff'
    )
    (folder / "20990103-000000-1.log").write_bytes(b"")
    (folder / "notes.txt").write_text("not a mail")
    (folder / "20990104-000000-1.log").mkdir()

    answer = client_of(ada).get("/outbox/")

    assert answer.status_code == 200
    assert "A good one" in answer.content.decode()
    assert "not a mail" not in answer.content.decode()


def test_an_empty_outbox_says_so(client_of: ClientOf, ada: Identity, folder: Path) -> None:
    assert "No mail yet" in client_of(ada).get("/outbox/").content.decode()


def test_only_administrators_read_it(
    client_of: ClientOf, otto: Identity, vera: Identity, folder: Path
) -> None:
    for person in (otto, vera):
        assert client_of(person).get("/outbox/").status_code == 403
    assert Client().get("/outbox/").status_code == 302


def test_it_is_not_there_when_mail_is_sent(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)

    assert browser.get("/outbox/").status_code == 404
    assert "/outbox/" not in browser.get("/profile/").content.decode()


def test_the_navigation_leads_there(
    client_of: ClientOf, ada: Identity, vera: Identity, folder: Path
) -> None:
    assert 'href="/outbox/"' in client_of(ada).get("/profile/").content.decode()
    assert 'href="/outbox/"' not in client_of(vera).get("/profile/").content.decode()


def test_only_reading(client_of: ClientOf, ada: Identity, folder: Path) -> None:
    assert client_of(ada).post("/outbox/").status_code == 405
