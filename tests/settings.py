"""Settings of the tests: the real ones over a throw-away environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_FOLDER = tempfile.TemporaryDirectory(prefix="steward-tests-")
_OURS = ("HOST", "PORT", "CACHE_URL", "DATABASE_URL", "EMAIL_URL", "SECRET_KEY", "SECRET_KEY_FILE")

# what the developer's shell or `.env` says must neither change nor harm anything here
for _name in [n for n in os.environ if n.startswith("STEWARD_") or n in _OURS]:
    del os.environ[_name]
os.environ |= {
    "STEWARD_ENV_FILE": "",
    "STEWARD_DATA_DIR": _FOLDER.name,
    "STEWARD_LOG_LEVEL": "WARNING",
    # one process runs the tests; a cache in the database would be a query in every one of them
    "CACHE_URL": "locmemcache://",
    # set by `tests.postgres`
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
}

from console.settings import *  # noqa: E402, F403
from console.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, as in earnest: in memory, threads would share one connection and prove nothing
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_FOLDER.name, "tests.sqlite3"))}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

# Argon2 takes a tenth of a second, by design
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Path(_FOLDER.name, "static").mkdir()
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
