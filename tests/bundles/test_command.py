"""`manage.py configuration` does what the pages do; its status says whether differences wait."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Event, Identity, IdentityAttribute
from tests.bundles.tenants import empty, fill

pytestmark = pytest.mark.django_db

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; answers its status, what it printed, and what it said of errors."""

    def command(*arguments: object) -> tuple[int, str, str]:
        out, errors, status = StringIO(), StringIO(), 0
        try:
            call_command("configuration", *map(str, arguments), stdout=out, stderr=errors)
        except SystemExit as ended:
            status = int(str(ended.code))
        return status, out.getvalue(), errors.getvalue() + capsys.readouterr().err

    return command


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_from_one_environment_to_another(run: Run, tmp_path: Path) -> None:
    fill()
    file = tmp_path / "configuration.json"
    assert run("export", file) == (0, json.dumps({"file": str(file)}) + "\n", "")
    assert run("export")[1] == file.read_text("utf-8")
    empty()
    status, out, _errors = run("plan", file)
    assert status == 3
    first, *told = lines(out)
    assert first["created"] == len(told) == 8
    status, out, _errors = run("import", file, "--plan", first["plan"])
    assert status == 0
    assert lines(out)[0]["plan"] == first["plan"]
    status, out, _errors = run("plan", file)
    assert status == 0
    assert lines(out)[0]["unchanged"] == 8


def test_a_plan_that_was_not_seen_is_not_imported(run: Run, tmp_path: Path) -> None:
    fill()
    file = tmp_path / "configuration.json"
    run("export", file)
    empty()
    status, out, errors = run("import", file, "--plan", "0" * 64)
    assert (status, out) == (1, "")
    assert errors.startswith("steward: The configuration changed since")
    assert not IdentityAttribute.objects.exists()


def test_problems_come_first_with_status_one(run: Run, tmp_path: Path) -> None:
    fill()
    file = tmp_path / "configuration.json"
    document = json.loads(run("export")[1])
    empty()
    document["mail_templates"][0]["name"] = "unheard-of"
    file.write_text(json.dumps(document))
    status, out, _errors = run("plan", file)
    assert status == 1
    assert lines(out)[1]["fate"] == "problem"
    status, out, errors = run("import", file)
    assert (status, out) == (1, "")
    assert "unheard-of" in errors


def test_who_acts_is_named_and_asked(run: Run, ada: Identity, mallory: Identity) -> None:
    assert run("export", "--as", "mallory")[:2] == (1, "")
    assert run("export", "--as", "ada")[0] == 0
    assert Event.objects.get(action="configuration.exported").actor_label == ada.label


@pytest.mark.parametrize("content", [None, "", "{}", '{"format": "steward.configuration"}'])
def test_what_is_no_bundle_is_told_in_one_line(
    run: Run, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "configuration.json"
    if content is not None:
        file.write_text(content)
    for act in ("plan", "import"):
        status, out, errors = run(act, file)
        assert (status, out) == (1, "")
        assert errors.startswith("steward: ")
        assert errors.count("\n") == 1


def test_a_folder_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    status, _out, errors = run("export", tmp_path / "nowhere" / "file.json")
    assert status == 1
    assert "cannot be written" in errors
