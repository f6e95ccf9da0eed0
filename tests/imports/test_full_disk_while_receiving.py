"""The disk fills up while a file is received, before any view sees it: a page says what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from accounts.imports.states import Mode
from accounts.models import Identity, ImportRun, Source
from tests.factories.imports import make_source, rows

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
FILE = rows(*[f"SA-{n:05d},svc-{n:05d},o@x.y,{'x' * 100}" for n in range(3000)])
"""Longer than what Python buffers, and than what the parser hands over at once."""


@pytest.fixture
def source(ada: Identity) -> Source:
    return make_source()


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def full_at(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has no room from that step on: `open`, `write` or `flush`."""

    def refuse(*_given: Any, **_named: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if place == "open":
        monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    else:
        monkeypatch.setattr(TemporaryUploadedFile, place, refuse)


def send(browser: Client, source: Source) -> Any:
    # the file comes first, so that the other fields stand behind what could not be kept
    given = {
        "file": SimpleUploadedFile("accounts.csv", FILE.encode()),
        "mode": Mode.FULL.value,
        "encoding": "",
    }
    return browser.post(f"/sources/{source.pk}/imports/", given)


@pytest.mark.parametrize("place", ["open", "write", "flush"])
def test_it_is_said_and_nothing_is_kept(
    client_of: ClientOf,
    ada: Identity,
    source: Source,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    browser = client_of(ada)
    with monkeypatch.context() as full:
        full_at(place, full)
        answer = send(browser, source)
    assert answer.status_code == 507
    page = answer.content.decode()
    assert "The disk is full" in page
    assert "send the file again" in page
    assert list(folder.iterdir()) == []
    assert not ImportRun.objects.exists()

    assert send(browser, source).status_code == 302
    assert ImportRun.objects.get().source == source


def test_who_may_not_send_files_learns_nothing_of_the_disk(
    client_of: ClientOf,
    mallory: Identity,
    source: Source,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full_at("write", monkeypatch)
    assert send(client_of(mallory), source).status_code == 403


def test_other_faults_are_not_hidden(
    client_of: ClientOf,
    ada: Identity,
    source: Source,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_given: Any) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(TemporaryUploadedFile, "write", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        send(client_of(ada), source)


def test_a_check_against_forgery_comes_first(
    ada: Identity, source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    full_at("write", monkeypatch)
    assert send(browser, source).status_code == 403
