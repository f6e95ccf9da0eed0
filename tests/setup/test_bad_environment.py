"""Whatever is wrong in the environment is told in one line that names the variable and the mend."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from console.environment import BadValue, read
from tests.setup.running import environment, manage, run

pytestmark = pytest.mark.sqlite

SECRET = "correct-horse"

REFUSED = [
    ({"STEWARD_COLOUR": "red"}, "STEWARD_COLOUR is not a setting"),
    ({"HOST": "http://localhost"}, "HOST is 'http://localhost'; set an IP address"),
    ({"HOST": "-bad-"}, "HOST is '-bad-'"),
    ({"PORT": "http"}, "PORT is 'http'; set a whole number from 1 to 65535"),
    ({"PORT": "0"}, "PORT is '0'"),
    ({"PORT": "65536"}, "PORT is '65536'"),
    ({"PORT": "８０００"}, "PORT is"),
    ({"STEWARD_PUBLIC_URL": "steward.example.com"}, "STEWARD_PUBLIC_URL is 'steward.example.com'"),
    ({"STEWARD_PUBLIC_URL": "ftp://example.com"}, "not http or https"),
    ({"STEWARD_PUBLIC_URL": "https://example.com/am"}, "with more than a host"),
    ({"STEWARD_PUBLIC_URL": "https://example.com:0"}, "without a usable host"),
    ({"STEWARD_PUBLIC_URL": "https://"}, "without a usable host"),
    ({"STEWARD_PUBLIC_URL": f"https://me:{SECRET}@example.com"}, "holds a user name"),
    ({"STEWARD_PUBLIC_URL": "https://[::1"}, "STEWARD_PUBLIC_URL is not a URL"),
    ({"DATABASE_URL": f"mysql://me:{SECRET}@db/steward"}, "DATABASE_URL is neither SQLite"),
    ({"DATABASE_URL": f"postgresql://me:{SECRET}@db:port/x"}, "DATABASE_URL is not a URL"),
    ({"DATABASE_URL": f"postgresql://me:{SECRET}@db"}, "DATABASE_URL names no database"),
    ({"DATABASE_URL": "sqlite://:memory:"}, "DATABASE_URL names no file"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL names no file"),
    ({"CACHE_URL": f"memcache://{SECRET}"}, "CACHE_URL is no cache"),
    ({"CACHE_URL": "dbcache://Robert'); drop"}, "CACHE_URL names no table"),
    ({"EMAIL_URL": f"pigeon://{SECRET}"}, "EMAIL_URL is no way to send mail"),
    ({"EMAIL_URL": f"smtp://me:{SECRET}@"}, "EMAIL_URL names no host"),
    ({"STEWARD_MAIL_FROM": "steward"}, "STEWARD_MAIL_FROM is 'steward'"),
    ({"STEWARD_MAIL_FROM": "a@b\nBcc: c@d"}, "STEWARD_MAIL_FROM holds a control"),
    ({"STEWARD_ENVIRONMENT": "x" * 41}, "STEWARD_ENVIRONMENT has 41 characters; use at most 40"),
    ({"STEWARD_ENVIRONMENT": "prod\u202eved"}, "STEWARD_ENVIRONMENT holds a control"),
    ({"STEWARD_COMPAT_FRODO_DOUBLE_PORT": "perhaps"}, "set one of auto, on, off"),
    ({"STEWARD_SOURCES_ON_LOOPBACK": "never"}, "set one of auto, on, off"),
    ({"STEWARD_TRUSTED_PROXIES": "-1"}, "set a whole number from 0 to 10"),
    ({"STEWARD_LOG_LEVEL": "LOUD"}, "STEWARD_LOG_LEVEL is 'LOUD'; set one of DEBUG"),
    ({"SECRET_KEY": SECRET}, "SECRET_KEY holds fewer than 50 characters"),
    ({"SECRET_KEY": "a" * 80}, "hardly different ones"),
    ({"STEWARD_ADMIN_USERNAME": "ada"}, "STEWARD_ADMIN_EMAIL is missing; set all of"),
    (
        {
            "STEWARD_ADMIN_USERNAME": "ada",
            "STEWARD_ADMIN_EMAIL": "ada",
            "STEWARD_ADMIN_PASSWORD": f"{SECRET}-battery",
        },
        "STEWARD_ADMIN_EMAIL is 'ada'; set an e-mail address",
    ),
    (
        {
            "STEWARD_ADMIN_USERNAME": "ada",
            "STEWARD_ADMIN_EMAIL": "ada@example.com",
            "STEWARD_ADMIN_PASSWORD": SECRET[:11],
        },
        "STEWARD_ADMIN_PASSWORD is shorter than 12 characters",
    ),
    ({"STEWARD_ENV_FILE": "no/such/file"}, "which is absent"),
]


@pytest.mark.parametrize(("variables", "told"), REFUSED)
def test_one_line_names_the_variable_and_the_mend(
    tmp_path: Path, variables: dict[str, str], told: str
) -> None:
    with pytest.raises(BadValue) as refused:
        read(environment(tmp_path / "data", **variables))
    line = str(refused.value)
    assert told in line
    assert "; " in line
    assert "\n" not in line
    assert SECRET[:11] not in line


def test_a_refused_start_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(BadValue):
        read(environment(tmp_path / "data", STEWARD_LOG_LEVEL="LOUD"))
    assert not (tmp_path / "data").exists()


def test_a_line_of_the_env_file_that_says_nothing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(f"# ours\nHOST=127.0.0.1\nSECRET_KEY {SECRET}\n")
    with pytest.raises(BadValue, match="line 3 is not NAME=value") as refused:
        read(environment(tmp_path / "data", STEWARD_ENV_FILE=str(file)))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "manage.py", "check"],
        [sys.executable, "manage.py", "serve"],
        [sys.executable, "-m", "gunicorn", "--config=python:console.gunicorn"],
    ],
    ids=["manage.py check", "manage.py serve", "gunicorn"],
)
def test_every_way_to_start_says_one_line_and_exits_with_2(
    tmp_path: Path, command: list[str]
) -> None:
    done = run(command, environment(tmp_path / "data", PORT="none"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "steward: PORT is 'none'; set a whole number from 1 to 65535\n"


def test_gunicorn_without_our_configuration_gives_up_too(tmp_path: Path) -> None:
    """A worker that ended with 2 would be started again for ever."""
    done = run(
        [sys.executable, "-m", "gunicorn", "--no-control-socket", "-b", "127.0.0.1:0"]
        + ["console.wsgi"],
        environment(tmp_path / "data", PORT="none"),
    )
    assert done.returncode == 3
    assert done.stderr.count("steward: PORT is 'none'") == 1


def test_the_env_file_sets_what_the_environment_does_not(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# a comment\nSTEWARD_ENVIRONMENT=staging\nSTEWARD_LOG_LEVEL=DEBUG\n")
    code = "from console.settings import ENVIRONMENT as e; print(e.name, e.log_level)"
    variables = {"STEWARD_ENV_FILE": str(file), "STEWARD_LOG_LEVEL": "ERROR"}
    done = manage(tmp_path / "data", "shell", "--no-imports", "-c", code, **variables)
    assert (done.stdout, done.stderr) == ("staging ERROR\n", "")
