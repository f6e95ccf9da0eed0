"""Guessing passwords ends soon: what django-axes counts by, what it keeps and what it answers."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.identities.models import typed_alike

LONGEST_NAME = 255
"""Characters; the width of the column of axes."""


def user_name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name that is counted: one for all ways to type it.

    Axes asks with the credentials of Django (`username`) and with its own (`login`).
    """
    known = credentials or {}
    name = known.get("username") or known.get("login") or request.POST.get("login") or ""
    return typed_alike(str(name))[:LONGEST_NAME]


def client_in_log(
    user_name: str, address: str, user_agent: str, path: str, request: HttpRequest
) -> str:
    """How axes calls a client in its log: by the address alone. Who it was is in the audit log."""
    del user_name, user_agent, path, request
    return address or "an unknown address"


class _Formless:
    """A request that does not tell what was posted."""

    GET = POST = QueryDict()

    def __init__(self, request: HttpRequest) -> None:
        vars(self)["request"] = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self.request, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.request, name, value)


class FormlessHandler(AxesDatabaseHandler):
    """Counts failures in the database, without a copy of the form.

    Axes would store all that was posted but the field `password`: also a password that somebody
    typed into another field, and whatever form a confirmation interrupts.
    """

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        formless = None if request is None else _Formless(request)
        super().user_login_failed(sender, credentials, formless, **kwargs)


def is_locked(request: HttpRequest) -> bool:
    """Whether the last attempt of this request was refused unread, or was the one too many."""
    return bool(getattr(request, "axes_locked_out", False))


def was_locked_before(request: HttpRequest) -> bool:
    """Whether it was refused unread: only a password that was looked at is counted."""
    return is_locked(request) and getattr(request, "axes_failures_since_start", None) is None


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The answer, in place of the page, once a user name is locked for an address."""
    wait = settings.AXES_COOLOFF_TIME
    context = {"failures": settings.AXES_FAILURE_LIMIT, "minutes": wait.total_seconds() // 60}
    answer = render(request, "sign_in/locked_out.html", context, status=429)
    answer["Retry-After"] = str(int(wait.total_seconds()))
    return answer


def too_many(request: HttpRequest) -> HttpResponse:
    """The answer to an address that tries too often, whatever the names; allauth asks for it."""
    answer = render(request, "errors/429.html", status=429)
    answer["Retry-After"] = "60"
    return answer
