"""A file is written to the disk only where a page takes one, from who may send it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.authorization.permissions import Permission
from accounts.imports.files import uploads
from accounts.models import Identity, ImportRun
from console.imports.views import lists
from console.ui.uploads import FileWhereTaken, Taken
from tests.factories.imports import make_source

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]
CONTENT = b"id,name,e-mail,purpose\nSA-1,a,,\n"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sizes: list[int] = []
    real = FileWhereTaken.file_complete

    def file_complete(self: FileWhereTaken, file_size: int) -> Any:
        sizes.append(file_size)
        return real(self, file_size)

    monkeypatch.setattr(FileWhereTaken, "file_complete", file_complete)
    return sizes


def send(client: Client, address: str) -> int:
    file = SimpleUploadedFile("accounts.csv", CONTENT)
    return client.post(address, {"file": file, "mode": "full", "encoding": ""}).status_code


def test_the_page_that_takes_it_gets_it_whole(
    ada: Identity, client_of: ClientOf, written: list[int]
) -> None:
    source = make_source()
    assert send(client_of(ada), f"/sources/{source.pk}/imports/") == 302
    assert ImportRun.objects.get().size == len(CONTENT)
    assert written == [len(CONTENT)]


@pytest.mark.parametrize("address", ["/sign-in/", "/service-accounts/new/", "/nowhere/"])
def test_other_pages_pass_over_it(
    ada: Identity, client_of: ClientOf, address: str, written: list[int]
) -> None:
    send(client_of(ada), address)
    assert written == []


def test_of_who_may_not_nothing_is_written(
    vera: Identity, client_of: ClientOf, written: list[int]
) -> None:
    source = make_source()
    assert send(client_of(vera), f"/sources/{source.pk}/imports/") == 403
    assert send(Client(), f"/sources/{source.pk}/imports/") == 403
    assert written == []


def test_of_too_large_a_file_only_so_much_is_written(
    ada: Identity, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists.list_, "takes_file", Taken(Permission.SOURCE_MANAGE, 10))
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    seen: list[int] = []
    real = uploads.store

    def store(chunks: Any) -> Any:
        found = list(chunks)
        seen.append(sum(map(len, found)))
        return real(found)

    monkeypatch.setattr(uploads, "store", store)
    source = make_source()
    assert send(client_of(ada), f"/sources/{source.pk}/imports/") == 200
    assert seen == [11]
    assert not ImportRun.objects.exists()
