"""How gunicorn serves Steward: `gunicorn --config python:console.gunicorn console.wsgi`.

Reading the settings here makes gunicorn itself refuse a bad environment, with one line and exit 2.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from console import lifeline, settings
from console.environment.addresses import in_url

ON_SQLITE = settings.ENVIRONMENT.is_sqlite

wsgi_app = "console.wsgi:application"
bind = f"{in_url(settings.ENVIRONMENT.host)}:{settings.ENVIRONMENT.port}"
worker_class = "gthread"
# SQLite has one writer at a time: a second process only makes both wait
workers = 1 if ON_SQLITE else 2
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 5
umask = 0o077

# its control socket would let anyone with our user id stop or reload us
control_socket_disable = True
# who may say that a request came by https is for Django to decide: STEWARD_TRUSTED_PROXIES
forwarded_allow_ips = ""
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# paths and queries may hold what must not be logged
accesslog = None
logconfig_dict = settings.LOGGING


def on_starting(server: Any) -> None:
    """Where several processes count, they leave what they counted to each other."""
    del server
    if workers > 1:
        memory = Path("/dev/shm")  # noqa: S108  a folder of its own is made there
        folder = tempfile.mkdtemp(prefix="steward-", dir=memory if memory.is_dir() else None)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder


def on_exit(server: Any) -> None:
    del server
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)


def when_ready(server: Any) -> None:
    del server
    lifeline.follow()


def post_worker_init(worker: Any) -> None:
    """Start what writes the counts of uses: after the fork, since no thread survives one."""
    del worker
    from tokens.edge.flusher import flusher

    flusher.start()
