"""Database, cache and mail, each from its URL. A URL may hold a password, so none is ever told."""

from __future__ import annotations

import importlib.util
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from console.environment.addresses import is_address
from console.environment.values import BASE_DIR, BadValue, text

Config = dict[str, Any]

SQLITE = "django.db.backends.sqlite3"
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
WAIT_FOR_LOCK_SECONDS = 20
KEEP_CONNECTION_SECONDS = 600
CACHE_TABLE = "steward_cache"


def database(env: environ.Env, data_dir: Path) -> Config:
    """SQLite in the data folder, or what `DATABASE_URL` says."""
    mend = "set sqlite:///<path> or postgresql://<user>:<password>@<host>:<port>/<name>"
    url = text(env, "DATABASE_URL")
    if not url:
        return _sqlite({"ENGINE": SQLITE, "NAME": str(data_dir / "steward.sqlite3")}, mend)
    scheme = url.partition(":")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise BadValue("DATABASE_URL", "is neither SQLite nor PostgreSQL", mend)
    config = _parsed("DATABASE_URL", url, environ.Env.db_url_config, mend)
    if scheme == "sqlite":
        return _sqlite(config, mend)
    if not config["NAME"]:
        raise BadValue("DATABASE_URL", "names no database", mend)
    if importlib.util.find_spec("psycopg") is None:
        raise BadValue(
            "DATABASE_URL",
            "asks for PostgreSQL, whose driver is not installed",
            "run: make postgres",
        )
    return config | {"CONN_MAX_AGE": KEEP_CONNECTION_SECONDS, "CONN_HEALTH_CHECKS": True}


def _sqlite(config: Config, mend: str) -> Config:
    if config["NAME"] in ("", ":memory:"):
        raise BadValue(
            "DATABASE_URL", "names no file, and web server and worker must share one", mend
        )
    return config | {
        "NAME": str(BASE_DIR / config["NAME"]),
        "CONN_MAX_AGE": KEEP_CONNECTION_SECONDS,
        "OPTIONS": {
            # taking the write lock at once lets a second writer wait instead of failing
            "transaction_mode": "IMMEDIATE",
            "timeout": WAIT_FOR_LOCK_SECONDS,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def cache(env: environ.Env, database: Config) -> Config:
    """The one process of SQLite caches in memory; several need a cache that they share."""
    mend = f"set locmemcache://, dbcache://{CACHE_TABLE} or redis://<host>:<port>/<number>"
    usual = "locmemcache://" if database["ENGINE"] == SQLITE else f"dbcache://{CACHE_TABLE}"
    url = text(env, "CACHE_URL") or usual
    scheme, _, rest = url.partition("://")
    if scheme not in ("locmemcache", "dbcache", "redis", "rediss"):
        raise BadValue("CACHE_URL", "is no cache that Steward knows", mend)
    if scheme == "dbcache" and not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", rest):
        raise BadValue("CACHE_URL", "names no table", mend)
    if scheme.startswith("redis") and importlib.util.find_spec("redis") is None:
        raise BadValue("CACHE_URL", "asks for Redis, whose client is not installed", mend)
    return _parsed("CACHE_URL", url, environ.Env.cache_url_config, mend)


def mail(env: environ.Env, data_dir: Path) -> Config:
    """Django's mail settings; without `EMAIL_URL`, one file a message in the data folder."""
    mend = "set smtp+tls://<user>:<password>@<host>:<port>, smtp://<host>:<port> or filemail:///<folder>"
    url = text(env, "EMAIL_URL")
    if not url:
        backend = environ.Env.EMAIL_SCHEMES["filemail"]
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(data_dir / "outbox")}
    scheme = url.partition(":")[0]
    if scheme not in environ.Env.EMAIL_SCHEMES:
        raise BadValue("EMAIL_URL", "is no way to send mail that Steward knows", mend)
    config = _parsed("EMAIL_URL", url, environ.Env.email_url_config, mend)
    config.pop("OPTIONS", None)
    if scheme.startswith("smtp") and not (config["EMAIL_HOST"] and config["EMAIL_PORT"]):
        raise BadValue("EMAIL_URL", "names no host and port", mend)
    if scheme == "filemail":
        if not config["EMAIL_FILE_PATH"]:
            raise BadValue("EMAIL_URL", "names no folder", mend)
        config["EMAIL_FILE_PATH"] = str(BASE_DIR / config["EMAIL_FILE_PATH"])
    return {name: value for name, value in config.items() if value not in (None, "")}


def mail_from(env: environ.Env, public_host: str) -> str:
    value = text(env, "STEWARD_MAIL_FROM")
    if not value:
        return f"Steward <steward@{'localhost' if is_address(public_host) else public_host}>"
    if not re.fullmatch(r"[^@<>\s]+@[^@<>\s]+|[^<>]*<[^@<>\s]+@[^@<>\s]+>", value):
        raise BadValue("STEWARD_MAIL_FROM", f"is {value!r}", "set an address, or Name <address>")
    return value


def _parsed(variable: str, url: str, parse: Callable[[str], Config], mend: str) -> Config:
    try:
        # django-environ only warns of a part that it does not understand
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return parse(url)
    except (ValueError, Warning, ImproperlyConfigured) as error:
        raise BadValue(variable, "is not a URL of the right form", mend) from error
