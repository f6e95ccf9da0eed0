"""Files that people send: written to the disk only where a page takes one, from who may send it.

The body of a request is read before its view runs, even before anybody is asked to sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.urls import Resolver404, resolve

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may

ViewT = TypeVar("ViewT", bound=Callable[..., Any])


@dataclass(frozen=True)
class Taken:
    """Which files a view takes."""

    permission: Permission
    most_bytes: int


def takes_file(permission: Permission, *, most_bytes: int) -> Callable[[ViewT], ViewT]:
    """Mark a view that takes a file of so many bytes from whoever holds the permission.

    A larger one reaches the view as one byte more than that, so that the action refuses it. Goes
    below `@requires`.
    """

    def mark(view: ViewT) -> ViewT:
        view.takes_file = Taken(permission, most_bytes)  # type: ignore[attr-defined]
        return view

    return mark


def taken_at(path: str) -> Taken | None:
    """Which files the view of an address takes; None if it takes none, or there is no view."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    return getattr(view, "takes_file", None)


class FileWhereTaken(TemporaryFileUploadHandler):
    """Passes over every file that the view of the address does not take."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        taken = self._taken()
        if taken is None or not may(self.request.user, taken.permission):  # type: ignore[union-attr, arg-type]
            raise SkipFile
        self._room = taken.most_bytes + 1
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        kept = raw_data[: self._room]
        self._room -= len(kept)
        if kept:
            super().receive_data_chunk(kept, start)

    def file_complete(self, file_size: int) -> Any:
        return super().file_complete(min(file_size, self._taken_bytes(file_size)))

    def _taken_bytes(self, file_size: int) -> int:
        taken = self._taken()
        return file_size if taken is None else taken.most_bytes + 1

    def _taken(self) -> Taken | None:
        return taken_at(self.request.path_info)  # type: ignore[union-attr]
