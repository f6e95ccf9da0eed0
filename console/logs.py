"""One JSON object a line on standard error, each with the id of the request that it belongs to."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import Http404

_ANSWERED = (PermissionDenied, Http404, DisallowedHost)
"""What is the caller's doing and answered as such: a line says it, a traceback adds nothing."""
OURS = ("accounts", "tokens", "console")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Message and extra data of a record as one line of JSON.

    An extra that is no plain value is left out: a request or a form would bring secrets along.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if request_id := _request_id(record):
            line["request_id"] = request_id
        for name, value in vars(record).items():
            plain = value is None or isinstance(value, str | int | float | bool)
            if plain and name not in _STANDARD and name not in line:
                line[name] = value
        if record.exc_info and not isinstance(record.exc_info[1], _ANSWERED):
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=repr)


def _request_id(record: logging.LogRecord) -> str:
    # not imported: that loads tables, and settings set up logging before there are any
    context = sys.modules.get("accounts.audit.context")
    if context and (request_id := context.current().request_id):
        return str(request_id)
    # Django writes its own line about a refused request after the middleware is through
    request = getattr(record, "request", None)
    return str(getattr(request, "META", {}).get("STEWARD_REQUEST_ID", ""))


def _message(record: logging.LogRecord) -> str:
    """The message; in Django's lines about a request, the route stands for the path.

    Paths hold one-time links.
    """
    path = getattr(getattr(record, "request", None), "path", None)
    if not path:
        return record.getMessage()
    match = getattr(record.request, "resolver_match", None)  # type: ignore[attr-defined]
    if match:
        told = f"/{match.route}"
    else:
        told = path if path.count("/") == 1 else f"/{path.split('/')[1]}/…"
    return record.getMessage().replace(path, told)


def config(level: str) -> dict[str, Any]:
    """The `LOGGING` of Django, and of gunicorn, whose own handlers it replaces.

    `DEBUG` is for what is ours alone: some libraries write down bodies, headers and templates with
    what stands in them.
    """
    of_others = "INFO" if level == "DEBUG" else level
    ours = {name: {"level": level} for name in OURS}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "console.logs.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": of_others, "handlers": ["stderr"]},
        "loggers": {
            **ours,
            # Django's own handlers would mail administrators and write a second, plain line
            "django": {"level": of_others, "handlers": [], "propagate": True},
            # every statement, with its values
            "django.db.backends": {"level": "INFO"},
            # its farewell at every stop is no warning
            "django_tasks_db": {"level": "ERROR"},
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        },
    }
