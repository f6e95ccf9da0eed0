"""A noun of this API: a word of its addresses, and what can be done there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, get_type_hints

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from accounts.authorization.permissions import Permission
from tokens.doors.rest.answers import answered
from tokens.doors.rest.calls import file_of
from tokens.doors.rest.idempotency import once
from tokens.doors.rest.operations import PREFIX, Operation
from tokens.doors.rest.revisions import check_header
from tokens.doors.rest.schemas.base import Identified

View = TypeVar("View", bound=Callable[..., HttpResponse])

READ: Final = "read"
MANAGE: Final = "manage"
BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})


@dataclass
class Noun:
    """The operations below one word of the address, which is that of their scopes also."""

    word: str
    title: str
    about: str
    operations: list[Operation] = field(default_factory=list)
    router: Router = field(default_factory=Router)

    def read(
        self,
        path: str,
        answers: type[BaseModel],
        *,
        needs: Sequence[Permission] = (),
        scope: str = READ,
    ) -> Callable[[View], View]:
        """GET."""
        return self._add("GET", path, answers, needs, scope)

    def download(
        self,
        path: str,
        *,
        media: str,
        needs: Sequence[Permission] = (),
        scope: str = READ,
    ) -> Callable[[View], View]:
        """GET of a file."""
        return self._add("GET", path, None, needs, scope, media=media)

    def create(
        self,
        path: str,
        answers: type[BaseModel],
        *,
        needs: Sequence[Permission] = (),
        scope: str = MANAGE,
    ) -> Callable[[View], View]:
        """POST that adds something, which has an address of its own then."""
        status = HTTPStatus.CREATED
        return self._add("POST", path, answers, needs, scope, status, once=True)

    def upload(
        self,
        path: str,
        answers: type,
        *,
        most_bytes: int,
        needs: Sequence[Permission] = (),
        scope: str = MANAGE,
    ) -> Callable[[View], View]:
        """POST of a file, which is `request.file` then, that makes something with an address."""
        status = HTTPStatus.CREATED
        return self._add(
            "POST", path, answers, needs, scope, status, once=True, most_bytes=most_bytes
        )

    def read_file(
        self,
        path: str,
        answers: type[BaseModel],
        *,
        most_bytes: int,
        needs: Sequence[Permission] = (),
        scope: str = MANAGE,
        changes: bool = True,
    ) -> Callable[[View], View]:
        """POST of a file, which is `request.file` then, that does something with what it says."""
        return self._add("POST", path, answers, needs, scope, once=changes, most_bytes=most_bytes)

    def act(
        self,
        path: str,
        answers: type[BaseModel] | None = None,
        *,
        needs: Sequence[Permission] = (),
        status: HTTPStatus | None = None,
        scope: str = MANAGE,
        changes: bool = True,
    ) -> Callable[[View], View]:
        """POST that does something with what there is; without an answer 204.

        What `changes` nothing is done again where it is sent again: nothing of it is kept.
        """
        status = status or (HTTPStatus.OK if answers else HTTPStatus.NO_CONTENT)
        return self._add("POST", path, answers, needs, scope, status, once=changes)

    def put(
        self,
        path: str,
        answers: type[BaseModel],
        *,
        needs: Sequence[Permission] = (),
        matches: bool = False,
        scope: str = MANAGE,
    ) -> Callable[[View], View]:
        """PUT of what is there or not afterwards, whoever else changes something beside it."""
        return self._add("PUT", path, answers, needs, scope, matches=matches)

    def change(
        self,
        path: str,
        answers: type[BaseModel],
        *,
        needs: Sequence[Permission] = (),
        matches: bool = True,
        scope: str = MANAGE,
    ) -> Callable[[View], View]:
        """PATCH: a JSON merge patch (RFC 7396) of what `If-Match` has seen."""
        return self._add("PATCH", path, answers, needs, scope, matches=matches)

    def delete(
        self,
        path: str,
        *,
        needs: Sequence[Permission] = (),
        matches: bool = False,
        scope: str = MANAGE,
    ) -> Callable[[View], View]:
        """DELETE."""
        status = HTTPStatus.NO_CONTENT
        return self._add("DELETE", path, None, needs, scope, status, matches=matches)

    def created(
        self,
        document: Identified,
        *,
        revision: object = None,
        secret: bool = False,
        below: str = "",
    ) -> HttpResponse:
        """201, with the address of what was made; `secret` where the answer shows one."""
        return answered(
            document,
            HTTPStatus.CREATED,
            revision=revision,
            location=f"{PREFIX}/{self.word}/{below}{document.id}",
            secret=secret,
        )

    def _add(
        self,
        method: str,
        path: str,
        answers: type[BaseModel] | None,
        needs: Sequence[Permission],
        scope: str,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        matches: bool = False,
        once: bool = False,
        most_bytes: int = 0,
        media: str = "",
    ) -> Callable[[View], View]:
        def add(view: View) -> View:
            operation = Operation(
                name=view.__name__.rstrip("_"),
                method=method,
                path=f"/{self.word}{path}",
                scope=f"steward:{self.word}:{scope}",
                needs=tuple(needs) or (Permission.CONSOLE_OPEN,),
                status=status,
                has_body=method in BODY_METHODS and "body" in inspect.signature(view).parameters,
                matches=matches,
                answers=answers,
                once=once,
                most_bytes=most_bytes,
                media=media,
            )
            self.operations.append(operation)
            documentation = inspect.getdoc(view) or ""
            summary, _blank, more = documentation.partition("\n\n")
            self.router.add_api_operation(
                path,
                [method],
                _prepared(operation, view),
                response={int(status): answers},
                operation_id=operation.name,
                summary=" ".join(summary.split()).rstrip("."),
                description=more or None,
                tags=[self.title],
            )
            return view

        return add


def _prepared(operation: Operation, view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """The view as it is run: what all operations of a method have in common stands around it."""

    @wraps(view)
    def run(request: Any, **values: Any) -> HttpResponse:
        if operation.matches:
            check_header(request)
        if operation.most_bytes:
            request.file = file_of(request, operation.most_bytes)
        if operation.once:
            return once(request, lambda: view(request, **values))
        return view(request, **values)

    # the annotations are names, which only the module of the view knows
    hints = get_type_hints(view, include_extras=True)
    signature = inspect.signature(view)
    parameters = [
        part.replace(annotation=hints.get(name, part.annotation))
        for name, part in signature.parameters.items()
    ]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return run
