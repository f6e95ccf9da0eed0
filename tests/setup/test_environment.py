"""What the environment means when it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.environment import Environment, read
from tests.setup.running import environment

pytestmark = pytest.mark.sqlite


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def of(data_dir: Path, **variables: str) -> Environment:
    return read(environment(data_dir, **variables))


def test_nothing_needs_to_be_set(data_dir: Path) -> None:
    found = of(data_dir)
    assert found.public_url == "http://127.0.0.1:8000"
    assert found.database["NAME"] == str(data_dir / "steward.sqlite3")
    assert found.mail["EMAIL_FILE_PATH"] == str(data_dir / "outbox")
    assert found.mail_from == "Steward <steward@localhost>"
    assert found.name == "development"
    assert found.first_administrator is None
    assert found.trusted_proxies == 0


@pytest.mark.parametrize(
    ("given", "issuer"),
    [
        ({"HOST": "::1", "PORT": "9000"}, "http://[::1]:9000"),
        ({"HOST": "0.0.0.0", "PORT": "9000"}, "http://127.0.0.1:9000"),  # noqa: S104
        ({"STEWARD_PUBLIC_URL": "https://Steward.Example.COM/"}, "https://steward.example.com"),
        ({"STEWARD_PUBLIC_URL": "https://example.com:443"}, "https://example.com"),
        ({"STEWARD_PUBLIC_URL": "https://example.com:8443"}, "https://example.com:8443"),
        ({"STEWARD_PUBLIC_URL": ""}, "http://127.0.0.1:8000"),
    ],
)
def test_the_issuer_has_one_spelling(data_dir: Path, given: dict[str, str], issuer: str) -> None:
    assert of(data_dir, **given).public_url == issuer


def test_loopback_names_are_answered_only_where_one_was_named(data_dir: Path) -> None:
    loopback = ["127.0.0.1", "[::1]", "localhost"]
    assert of(data_dir).hosts == loopback
    public = {"STEWARD_PUBLIC_URL": "https://steward.example.com"}
    assert of(data_dir, **public).hosts == [*loopback, "steward.example.com"]
    assert of(data_dir, HOST="10.0.0.7", **public).hosts == ["10.0.0.7", "steward.example.com"]
    everywhere = of(data_dir, HOST="0.0.0.0", **public)  # noqa: S104
    assert everywhere.hosts == ["steward.example.com"]


@pytest.mark.parametrize(
    ("choice", "url", "accepted"),
    [
        ("auto", "http://127.0.0.1:8000", True),
        ("auto", "http://localhost:8000", True),
        ("auto", "https://steward.example.com", False),
        ("ON", "https://steward.example.com", True),
        ("off", "http://127.0.0.1:8000", False),
    ],
)
def test_what_is_meant_for_this_machine_is_on_there_unless_said_otherwise(
    data_dir: Path, choice: str, url: str, accepted: bool
) -> None:
    variables = {"STEWARD_COMPAT_FRODO_DOUBLE_PORT": choice, "STEWARD_PUBLIC_URL": url}
    assert of(data_dir, **variables).frodo_double_port is accepted
    variables = {"STEWARD_SOURCES_ON_LOOPBACK": choice, "STEWARD_PUBLIC_URL": url}
    assert of(data_dir, **variables).sources_on_loopback is accepted


def test_several_processes_share_a_cache(data_dir: Path) -> None:
    assert of(data_dir).cache["BACKEND"].endswith("LocMemCache")
    shared = of(data_dir, DATABASE_URL="postgresql://me:pw@127.0.0.1:5432/steward").cache
    assert shared == {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "steward_cache",
    }


def test_postgresql_connections_are_kept_and_checked(data_dir: Path) -> None:
    url = "postgresql://me:p%40w@127.0.0.1:5433/steward?sslmode=require"
    database = of(data_dir, DATABASE_URL=url).database
    assert database["PASSWORD"] == "p@w"
    assert database["PORT"] == 5433
    assert database["OPTIONS"] == {"sslmode": "require"}
    assert database["CONN_MAX_AGE"] == 600
    assert database["CONN_HEALTH_CHECKS"] is True


def test_mail_goes_out_by_smtp_with_tls(data_dir: Path) -> None:
    mail = of(data_dir, EMAIL_URL="smtp+tls://me:p%40w@mail.example.com:587").mail
    assert mail == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "me",
        "EMAIL_HOST_PASSWORD": "p@w",
        "EMAIL_USE_TLS": True,
    }


def test_secrets_are_left_out_of_the_representation(data_dir: Path) -> None:
    found = of(
        data_dir,
        DATABASE_URL="postgresql://me:hidden-1@127.0.0.1/steward",
        EMAIL_URL="smtp://me:hidden-2@127.0.0.1:25",
        SECRET_KEY="hidden-3" * 8,
        STEWARD_ADMIN_USERNAME="ada",
        STEWARD_ADMIN_EMAIL="ada@example.com",
        STEWARD_ADMIN_PASSWORD="hidden-4-hidden-4",
    )
    assert "hidden" not in repr(found)
    assert found.first_administrator is not None
    assert found.first_administrator.password == "hidden-4-hidden-4"
