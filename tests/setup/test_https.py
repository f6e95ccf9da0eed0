"""Behind https, cookies and headers are as strict as browsers allow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.setup.running import manage

pytestmark = pytest.mark.sqlite

PUBLIC = {"STEWARD_PUBLIC_URL": "https://steward.example.com", "STEWARD_TRUSTED_PROXIES": "1"}
ASKED = """
import json
from django.conf import settings as s
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
asked = RequestFactory(HTTP_HOST="steward.example.com")
secured = SecurityMiddleware(lambda request: HttpResponse())
headers = secured(asked.get("/x", HTTP_X_FORWARDED_PROTO="https")).headers
plain = secured(asked.get("/x"))
print(json.dumps({
    "cookies": [s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME],
    "secure": [s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE],
    "origins": s.CSRF_TRUSTED_ORIGINS,
    "hsts": headers.get("Strict-Transport-Security"),
    "redirect": plain.headers.get("Location"),
}))
"""


def told(tmp_path: Path, **variables: str) -> dict[str, object]:
    done = manage(tmp_path / "data", "shell", "--no-imports", "-c", ASKED, **variables)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_https_is_held_on_to(tmp_path: Path) -> None:
    assert told(tmp_path, **PUBLIC) == {
        "cookies": ["__Host-steward_session", "__Host-steward_csrf"],
        "secure": [True, True],
        "origins": ["https://steward.example.com"],
        "hsts": "max-age=31536000",
        "redirect": "https://steward.example.com/x",
    }


def test_the_check_for_deployment_has_nothing_to_say(tmp_path: Path) -> None:
    done = manage(tmp_path / "data", "check", "--deploy", "--fail-level", "WARNING", **PUBLIC)
    assert done.returncode == 0, done.stderr
