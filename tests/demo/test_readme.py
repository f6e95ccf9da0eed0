"""The README tells the truth."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client

from console.ui.samples import token_url
from tests.architecture.sources import APPS, PROJECT
from tests.factories import make_account

README = (PROJECT / "README.md").read_text("utf-8")
NO_SLICES = {"migrations", "management", "__pycache__"}


def slices() -> dict[str, str]:
    """Every slice with the sentence that says what it owns."""
    return {
        f"{app}/{path.parent.name}": ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        for app in APPS
        for path in (PROJECT / app).glob("*/__init__.py")
        if path.parent.name not in NO_SLICES
    }


@pytest.mark.sqlite
def test_the_index_names_exactly_the_slices_with_their_sentences() -> None:
    listed = dict(
        re.findall(r"^\| `((?:accounts|tokens|console)/\w+)` \| (.+) \|$", README, re.MULTILINE)
    )
    assert listed == slices()


@pytest.mark.sqlite
def test_every_setting_is_explained_in_both_places() -> None:
    example = (PROJECT / ".env.example").read_text("utf-8")
    explained = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    table = README.partition("## Settings")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)} == explained


@pytest.mark.sqlite
def test_every_command_is_named() -> None:
    commands = {path.stem for path in (PROJECT / "console/management/commands").glob("*.py")}
    commands.discard("__init__")
    table = README.partition("## Command line")[2].partition("\n## ")[0]
    assert commands == set(re.findall(r"^\| `(\w+)", table, re.MULTILINE))


@pytest.mark.sqlite
def test_every_target_of_make_that_it_names_is_there() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"(?:`|^)make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.sqlite
def test_the_four_folders_are_there() -> None:
    for folder in re.findall(r"`(\w+/credentials)`", README):
        assert (PROJECT / folder).is_dir(), folder


@pytest.mark.django_db
def test_the_assertion_of_the_example_gets_a_token(tmp_path: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    program, key_file = tmp_path / "assertion.py", tmp_path / "key.jwk"
    program.write_text(code.group(1), "utf-8")
    made = make_account(scopes=["fr:idm:*"], algorithm="RSA-3072")
    key_file.write_text(json.dumps(made.private_jwk), "utf-8")
    url = token_url()
    command = [sys.executable, str(program), str(key_file), str(made.account.pk), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    form = {
        "client_id": "service-account",
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "scope": "fr:idm:*",
        "assertion": done.stdout.strip(),
    }
    answer = Client().post(
        "/am/oauth2/access_token", urlencode(form), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["expires_in"] == 899
