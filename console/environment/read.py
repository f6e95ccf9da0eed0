from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import environ

from console.environment import addresses, backends, files
from console.environment.values import BASE_DIR, BadValue, choice, number, path, text

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
METRICS_TOKEN = re.compile(r"[A-Za-z0-9._~-]{32,200}")
PASSWORD_CHARACTERS = 12
"""Shortest password, here and in the validators of the settings."""

OWN_NAMES = frozenset(
    {
        "STEWARD_ADMIN_EMAIL",
        "STEWARD_ADMIN_PASSWORD",
        "STEWARD_ADMIN_USERNAME",
        "STEWARD_COMPAT_FRODO_DOUBLE_PORT",
        "STEWARD_SOURCES_ON_LOOPBACK",
        "STEWARD_DATA_DIR",
        "STEWARD_ENVIRONMENT",
        "STEWARD_ENV_FILE",
        "STEWARD_LOG_LEVEL",
        "STEWARD_MAIL_FROM",
        "STEWARD_METRICS_TOKEN",
        "STEWARD_PUBLIC_URL",
        "STEWARD_SEALING_KEY_FILE",
        "STEWARD_TRUSTED_PROXIES",
    }
)
"""A name with our prefix that is not here is a slip of the pen, and refused."""


@dataclass(frozen=True)
class FirstAdministrator:
    """Who is made administrator at start, if there is none yet."""

    user_name: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Environment:
    """The checked environment; what may hold a secret is left out of its `repr`."""

    host: str
    port: int
    data_dir: Path
    public_url: str
    name: str
    database: backends.Config = field(repr=False)
    cache: backends.Config = field(repr=False)
    mail: backends.Config = field(repr=False)
    mail_from: str
    secret_key: str = field(repr=False)
    sealing_key_file: Path
    first_administrator: FirstAdministrator | None
    frodo_double_port: bool
    sources_on_loopback: bool
    trusted_proxies: int
    log_level: str
    metrics_token: str = field(repr=False)

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return bool(self.database["ENGINE"] == backends.SQLITE)

    @property
    def hosts(self) -> list[str]:
        """Host names under which requests are answered."""
        hosts = {self.public_host, self.host}
        if any(addresses.is_loopback(host) for host in hosts):
            hosts |= set(addresses.LOOPBACK_NAMES)
        return sorted(addresses.in_url(h) for h in hosts if not addresses.is_every_address(h))


def read(variables: Mapping[str, str]) -> Environment:
    """Check every variable; make the data folder and the secrets that are absent.

    Raises:
        BadValue: the first variable that is unknown or cannot be used.
    """
    files.read_env_file(variables)
    _refuse_unknown(variables)
    env = environ.Env()
    env.ENVIRON = variables
    host, port = addresses.host(env), addresses.port(env)
    public_url = addresses.public_url(env, host, port)
    public_host = urlsplit(public_url).hostname or ""
    data_dir = path(env, "STEWARD_DATA_DIR", BASE_DIR / ".data")
    database = backends.database(env, data_dir)
    without_files = partial(
        Environment,
        host=host,
        port=port,
        data_dir=data_dir,
        public_url=public_url,
        database=database,
        cache=backends.cache(env, database),
        mail=backends.mail(env, data_dir),
        mail_from=backends.mail_from(env, public_host),
        name=_name(env),
        first_administrator=_first_administrator(env),
        frodo_double_port=_on_this_machine(env, "STEWARD_COMPAT_FRODO_DOUBLE_PORT", public_host),
        sources_on_loopback=_on_this_machine(env, "STEWARD_SOURCES_ON_LOOPBACK", public_host),
        trusted_proxies=number(env, "STEWARD_TRUSTED_PROXIES", 0, 0, 10),
        log_level=choice(env, "STEWARD_LOG_LEVEL", "INFO", LOG_LEVELS),
        metrics_token=_metrics_token(env),
    )
    # last, so that a start that is refused leaves nothing behind
    files.make_data_dir(data_dir)
    return without_files(
        secret_key=files.secret_key(env, data_dir),
        sealing_key_file=files.sealing_key_file(env, data_dir),
    )


def _refuse_unknown(variables: Mapping[str, str]) -> None:
    unknown = sorted(n for n in variables if n.startswith("STEWARD_") and n not in OWN_NAMES)
    if unknown:
        raise BadValue(
            unknown[0], "is not a setting of Steward", "unset it, or see .env.example for the names"
        )


def _metrics_token(env: environ.Env) -> str:
    """What `/metrics` asks for; empty where there is no such address."""
    value = text(env, "STEWARD_METRICS_TOKEN")
    if value and not METRICS_TOKEN.fullmatch(value):
        raise BadValue(
            "STEWARD_METRICS_TOKEN",
            "is no token that cannot be guessed",
            "set 32 to 200 letters, digits, dots, dashes or underscores, or nothing",
        )
    return value


def _name(env: environ.Env) -> str:
    value = text(env, "STEWARD_ENVIRONMENT") or "development"
    if len(value) > 40:
        raise BadValue("STEWARD_ENVIRONMENT", f"has {len(value)} characters", "use at most 40")
    return value


def _first_administrator(env: environ.Env) -> FirstAdministrator | None:
    names = [f"STEWARD_ADMIN_{part}" for part in ("USERNAME", "EMAIL", "PASSWORD")]
    user_name, email = text(env, names[0]), text(env, names[1])
    password = str(env.str(names[2], default=""))
    given = dict(zip(names, (user_name, email, password), strict=True))
    if not any(given.values()):
        return None
    for variable, value in given.items():
        if not value:
            raise BadValue(variable, "is missing", f"set all of {', '.join(names)}, or none")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise BadValue(names[1], f"is {email!r}", "set an e-mail address")
    if len(password) < PASSWORD_CHARACTERS:
        raise BadValue(
            names[2], f"is shorter than {PASSWORD_CHARACTERS} characters", "set a longer one"
        )
    return FirstAdministrator(user_name, email, password)


def _on_this_machine(env: environ.Env, name: str, public_host: str) -> bool:
    """On or off; `auto` is on where the public URL is on this machine."""
    value = choice(env, name, "auto", ("auto", "on", "off"))
    return addresses.is_loopback(public_host) if value == "auto" else value == "on"
