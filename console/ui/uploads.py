"""Files that people send: written to the disk only where a page takes one, from who may send it.

The body of a request is read before its view runs, even before anybody is asked to sign in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.imports.files.uploads import DISK_FULL
from console.ui.access import ConsoleRequest, Guarded

P = ParamSpec("P")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """Which files a view takes."""

    permission: Permission
    most_bytes: int


def takes_file(permission: Permission, *, most_bytes: int) -> Callable[[Guarded[P]], Guarded[P]]:
    """Mark a view that takes a file of so many bytes from whoever holds the permission.

    A larger one reaches the view as one byte more than that, so that the action refuses it; one
    for which the disk has no room does not reach it at all. Goes below `@requires`.
    """

    def mark(view: Guarded[P]) -> Guarded[P]:
        @wraps(view)
        def with_room(
            request: ConsoleRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            _read_form(request)
            if getattr(request, "disk_is_full", False):
                status = HTTPStatus.INSUFFICIENT_STORAGE
                return render(request, "errors/507.html", status=status)
            return view(request, *args, **kwargs)

        with_room.takes_file = Taken(permission, most_bytes)  # type: ignore[attr-defined]
        return with_room

    return mark


def _read_form(request: HttpRequest) -> None:
    """Have the body read, if nothing has; else the disk could be found full in the view only."""
    if request.method == "POST":
        request.FILES  # noqa: B018  reading it is what does it


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
        with self._noting_a_full_disk():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        kept = raw_data[: self._room]
        self._room -= len(kept)
        if kept and not self._is_full:
            with self._noting_a_full_disk():
                super().receive_data_chunk(kept, start)

    def file_complete(self, file_size: int) -> Any:
        if not self._is_full:
            with self._noting_a_full_disk():
                # what is buffered is written now, so that no later read finds that it cannot be
                self.file.flush()
                return super().file_complete(min(file_size, self._taken_bytes(file_size)))
        return None

    @property
    def _is_full(self) -> bool:
        return getattr(self.request, "disk_is_full", False)

    @contextmanager
    def _noting_a_full_disk(self) -> Iterator[None]:
        """Go on without the file, so that the other fields are read: the view's mark answers."""
        try:
            yield
        except OSError as error:
            if getattr(self, "file", None) is not None:
                # what is still buffered cannot be written either; the file is removed all the same
                with suppress(OSError):
                    self.file.close()
            if error.errno not in DISK_FULL:
                raise
            self.request.disk_is_full = True  # type: ignore[union-attr]
            logger.exception("The disk is full: an upload was not kept")

    def _taken_bytes(self, file_size: int) -> int:
        taken = self._taken()
        return file_size if taken is None else taken.most_bytes + 1

    def _taken(self) -> Taken | None:
        return taken_at(self.request.path_info)  # type: ignore[union-attr]
