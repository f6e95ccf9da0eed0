"""The call that stands beside a new key works as it stands."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client, override_settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Identity, ServiceAccount
from tests.credentials.forms import new_account_form
from tests.credentials.keys import private_pem, public_pem
from tests.factories import make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

NEW = "/service-accounts/new/"
DOWNLOAD = re.compile(r'<a [^>]*href="(data:[^"]*)" download="([^"]*)"')
EXAMPLE = re.compile(r'<code id="example-(\w+)">(.*?)</code>', re.DOTALL)


def unpacked(page: str, folder: Path) -> dict[str, str]:
    """Save the downloads of a one-time page; answers its examples, curl first."""
    for href, name in DOWNLOAD.findall(page):
        media_type, text = html.unescape(href).split(",", 1)
        assert media_type.startswith("data:application/")
        (folder / html.unescape(name)).write_text(unquote(text))
    return {number: html.unescape(code) for number, code in EXAMPLE.findall(page)}


def run(command: list[str], code: str, folder: Path) -> Any:
    """Paste `code` into a shell or interpreter that stands in `folder`."""
    done = subprocess.run(
        [*command, code],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def made_by(client: Client, **form: Any) -> str:
    answer = client.post(NEW, new_account_form(**form))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "successfully created!" in page, page
    return page


@pytest.mark.parametrize("algorithm", ["RSA-3072", "P-256", "Ed25519"])
@pytest.mark.parametrize("name", ["audit01", "Ötto's  “audit” & co"])
def test_both_calls_reach_the_api(
    algorithm: str, name: str, live_server: LiveServer, admin: Client, tmp_path: Path
) -> None:
    make_person("someone")
    with override_settings(STEWARD_PUBLIC_URL=live_server.url):
        page = made_by(admin, name=name, algorithm=algorithm)
        examples = unpacked(page, tmp_path)
        for number, command in (("curl", ["bash", "-c"]), ("python", [sys.executable, "-c"])):
            answer = run(command, examples[number], tmp_path)
            assert "someone" in {user["userName"] for user in answer["result"]}


def test_without_the_right_to_identities_the_call_asks_something_else(
    live_server: LiveServer, admin: Client, tmp_path: Path
) -> None:
    with override_settings(STEWARD_PUBLIC_URL=live_server.url):
        page = made_by(admin, algorithm="P-256", scopes=["fr:idc:esv:read"])
        examples = unpacked(page, tmp_path)
        assert "/environment/info" in examples["curl"]
        assert run(["bash", "-c"], examples["curl"], tmp_path)


@pytest.mark.parametrize("kind", ["P-384", "RSA"])
def test_for_an_uploaded_key_only_its_path_is_put_in(
    kind: str, live_server: LiveServer, admin: Client, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key: Any = (
        ec.generate_private_key(ec.SECP384R1())
        if kind == "P-384"
        else rsa.generate_private_key(65537, 2048)
    )
    (tmp_path / "private-key.pem").write_text(private_pem(key))
    with override_settings(STEWARD_PUBLIC_URL=live_server.url):
        page = made_by(admin, key_origin="uploaded", public_key_text=public_pem(key))
        examples = unpacked(page, tmp_path)
        assert run(["bash", "-c"], examples["curl"], tmp_path)["result"]
        assert run([sys.executable, "-c"], examples["python"], tmp_path)["result"]


def test_a_kid_that_would_break_out_of_the_text_does_not(
    live_server: LiveServer, admin: Client, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from tests.credentials.keys import ec_jwk

    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "private-key.pem").write_text(private_pem(key))
    kid = '\'; touch pwned; """ %s $(touch pwned) {x} \\'
    with override_settings(STEWARD_PUBLIC_URL=live_server.url):
        text = json.dumps(ec_jwk(key, kid=kid))
        page = made_by(admin, key_origin="uploaded", public_key_text=text)
        examples = unpacked(page, tmp_path)
        assert run(["bash", "-c"], examples["curl"], tmp_path)["result"]
        assert run([sys.executable, "-c"], examples["python"], tmp_path)["result"]
    assert not (tmp_path / "pwned").exists()


def test_the_files_are_what_they_are_called(admin: Client, ada: Identity, tmp_path: Path) -> None:
    page = made_by(admin, name="audit 01/../x")
    unpacked(page, tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"audit 01-x_privateKey.{suffix}" for suffix in ("json", "jwk", "pem")]
    jwk = json.loads((tmp_path / names[1]).read_text())
    bundle = json.loads((tmp_path / names[0]).read_text())
    assert bundle["key"] == jwk
    assert bundle["token_url"] == "http://127.0.0.1:8000/am/oauth2/access_token"
    pem = (tmp_path / names[2]).read_text()
    assert pem.startswith("-----BEGIN PRIVATE KEY-----\n")
    assert shutil.which("openssl")
    assert stat.S_ISREG((tmp_path / names[2]).stat().st_mode)


def test_the_call_says_which_file_it_needs(admin: Client) -> None:
    assert "Needs the PEM file: download it above." in made_by(admin)


@pytest.mark.parametrize("origin", ["steward", "uploaded"])
def test_an_account_without_scopes_is_told_to_choose_one_first(admin: Client, origin: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    key = public_pem(ec.generate_private_key(ec.SECP256R1()))
    page = made_by(admin, scopes=[], key_origin=origin, public_key_text=key)
    account = ServiceAccount.objects.get()
    assert "Choose a scope first" in page
    assert f'href="/service-accounts/{account.pk}/edit/"' in page
    assert "A call that works" not in page


def test_an_offer_for_an_account_without_scopes_says_so(admin: Client, otto: Identity) -> None:
    form = new_account_form(scopes=[], key_origin="owner", owner=str(otto.pk))
    page = admin.post(NEW, form).content.decode()
    assert "Choose a scope first" in page
    assert "Needs the PEM file" not in page
