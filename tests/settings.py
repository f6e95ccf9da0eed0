"""Settings of the tests: the real ones over a throw-away environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

OWN = ("HOST", "PORT", "CACHE_URL", "EMAIL_URL", "SECRET_KEY", "SECRET_KEY_FILE")

# what the developer's shell or `.env` says must not change what the tests see
for name in [n for n in os.environ if n.startswith("STEWARD_") or n in OWN]:
    del os.environ[name]
os.environ["STEWARD_ENV_FILE"] = ""
os.environ["STEWARD_DATA_DIR"] = tempfile.mkdtemp(prefix="steward-tests-")
os.environ["STEWARD_LOG_LEVEL"] = "WARNING"
os.environ.setdefault("DATABASE_URL", f"sqlite:///{os.environ['STEWARD_DATA_DIR']}/tests.sqlite3")

from console.settings import *  # noqa: E402, F403

# Argon2 takes a tenth of a second, by design
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Path(os.environ["STEWARD_DATA_DIR"], "static").mkdir()
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
