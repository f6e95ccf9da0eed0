"""The private key is in the one answer, and nowhere else. AB-07, AB-28, AB-29, RB-04."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import ServiceAccount, Session
from tests.credentials.forms import new_account_form, regenerate_form, regenerate_url
from tests.credentials.keys import ec_jwk, fresh_public_jwk, private_pem, rsa_key
from tests.credentials.test_regenerate import shown_key
from tests.factories.accounts import Made
from tokens.credentials.models import Credential, KeyPickup

pytestmark = pytest.mark.django_db

SECRET_MEMBERS = ("d", "p", "q", "dp", "dq", "qi")


def markers(key: dict[str, str]) -> set[str]:
    """How the secret numbers of a key might be written down."""
    found: set[str] = set()
    for member in SECRET_MEMBERS:
        if value := key.get(member):
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
            number = int.from_bytes(raw, "big")
            found |= {value, raw.hex(), str(number), raw.decode("latin-1"), repr(raw)}
            found |= {base64.b64encode(raw).decode(), json.dumps(raw.decode("latin-1"))}
    assert found
    return found


def rows() -> Iterator[tuple[str, str]]:
    """Every value of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # names of our own tables
            for row in cursor.fetchall():
                for value in row:
                    binary = isinstance(value, bytes | memoryview)
                    yield table, bytes(value).decode("latin-1") if binary else str(value)


def files() -> Iterator[tuple[str, str]]:
    for path in Path(settings.STEWARD_DATA_DIR).rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes().decode("latin-1")


def kept_by(client: Client) -> Iterator[tuple[str, str]]:
    """What the browser keeps: cookies, also as Django reads them."""
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    request.session = client.session
    yield "cookies", str(request.COOKIES)
    yield "messages in cookies", str([m.message for m in CookieStorage(request)])


def everywhere(client: Client, caplog: pytest.LogCaptureFixture) -> Iterator[tuple[str, str]]:
    yield from rows()
    yield from files()
    yield from kept_by(client)
    for session in Session.objects.all():
        yield "session", str(session.get_decoded())
    for record in caplog.records:
        yield "log", f"{record.getMessage()} {vars(record)}"
    for sent in mail.outbox:
        yield "mail", sent.message().as_string()


def pages(client: Client, account: ServiceAccount) -> Iterator[tuple[str, str]]:
    """What can be had afterwards."""
    names = ("detail", "keys", "scopes", "activity", "edit")
    urls = [reverse(f"service_accounts:{name}", args=[account.pk]) for name in names]
    urls += [reverse("service_accounts:list"), reverse("service_accounts:export")]
    urls += [reverse("audit:list"), regenerate_url(account)]
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        content = answer.getvalue() if answer.streaming else answer.content
        yield url, f"{answer.headers} {content.decode()}"


def assert_nowhere(
    key: dict[str, str],
    client: Client,
    answer: Any,
    account: ServiceAccount,
    caplog: pytest.LogCaptureFixture,
) -> None:
    secrets = markers(key)
    assert secrets & set(json.loads(json.dumps(key)).values())
    places = [("headers", str(answer.headers)), ("address", str(answer.request))]
    places += [("flash", str([m.message for m in get_messages(answer.wsgi_request)]))]
    places += [*everywhere(client, caplog), *pages(client, account)]
    assert len(places) > 50
    found = {place for place, text in places for secret in secrets if secret in text}
    assert found == set()
    for place, text in pages(client, account):
        assert "PRIVATE KEY" not in text, place
        assert '"d":' not in text.replace("&quot;", '"'), place


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def created(admin: Client, owner: Client) -> Any:
    return admin.post(reverse("service_accounts:new"), new_account_form("made here"))


def created_rsa(admin: Client, owner: Client) -> Any:
    form = new_account_form("made here", algorithm="RSA-3072")
    return admin.post(reverse("service_accounts:new"), form)


def regenerated(admin: Client, owner: Client) -> Any:
    account = ServiceAccount.objects.get()
    return admin.post(regenerate_url(account), regenerate_form(algorithm="Ed25519"))


def picked_up(admin: Client, owner: Client) -> Any:
    account = ServiceAccount.objects.get()
    admin.post(regenerate_url(account), regenerate_form(key_origin="owner"))
    return owner.post(reverse("credentials:pickup", args=[KeyPickup.objects.get().pk]))


@pytest.mark.parametrize("make", [created, created_rsa, regenerated, picked_up])
def test_the_private_key_is_in_the_answer_alone(
    make: Callable[[Client, Client], Any],
    made: Made,
    admin: Client,
    owner: Client,
    logged: pytest.LogCaptureFixture,
) -> None:
    answer = make(admin, owner)
    assert answer.status_code == 200
    key = shown_key(answer.content.decode())
    account = Credential.objects.get(key_id=key["kid"]).identity.service_account
    assert_nowhere(key, admin, answer, account, logged)
    assert answer["Cache-Control"] == "no-store, private"
    assert "Set-Cookie" not in answer.headers or key["d"] not in str(answer.cookies)


@pytest.mark.parametrize("text", ["jwk", "pem", "middle"])
@pytest.mark.parametrize("url", ["new", "regenerate"])
def test_a_private_key_that_is_pasted_by_mistake_is_not_kept_either(
    text: str, url: str, made: Made, admin: Client, logged: pytest.LogCaptureFixture
) -> None:
    private = rsa_key()
    pem = private_pem(private)
    d = private.private_numbers().d
    value = base64.urlsafe_b64encode(d.to_bytes(256, "big")).rstrip(b"=").decode()
    pasted = {
        "jwk": json.dumps(ec_jwk(d=value)),
        "pem": pem,
        "middle": "\n".join(pem.splitlines()[1:-1]),
    }[text]
    changed = {"key_origin": "uploaded", "public_key_text": pasted}
    if url == "new":
        answer = admin.post(reverse("service_accounts:new"), new_account_form("new", **changed))
    else:
        answer = admin.post(regenerate_url(made.account), regenerate_form(**changed))
    page = answer.content.decode()
    assert "There is a problem" in page
    lines = {value, *pem.splitlines()[3:-3]}
    shown = {line for line in lines if line in page}
    assert shown == set()
    secrets = {value, d.to_bytes(256, "big").decode("latin-1"), *lines}
    for place, kept in everywhere(admin, logged):
        assert not any(secret in kept for secret in secrets), place


def test_the_question_for_the_password_does_not_repeat_a_private_key(
    made: Made, admin: Client
) -> None:
    session = admin.session
    session["steward_confirmed_at"] = 0
    session.save()
    pasted = private_pem(rsa_key())
    form = regenerate_form(key_origin="uploaded", public_key_text=pasted)
    page = admin.post(regenerate_url(made.account), form).content.decode()
    assert "step_up_password" in page
    assert form["submission"] in page
    assert "PRIVATE KEY" not in page
    assert pasted.splitlines()[4] not in page


def test_the_command_line_leaves_the_key_in_its_file_alone(
    tmp_path: Path, admin: Client, logged: pytest.LogCaptureFixture
) -> None:
    out, path = StringIO(), tmp_path / "key.jwk"
    arguments = ("create", "x01", "--scope", "fr:am:*", "--algorithm", "P-256", "--key-file", path)
    call_command("service_account", *map(str, arguments), stdout=out)
    secrets = markers(json.loads(path.read_text()))
    places = [("output", out.getvalue()), *everywhere(admin, logged)]
    places += pages(admin, ServiceAccount.objects.get())
    assert {place for place, text in places for secret in secrets if secret in text} == set()


def test_neither_a_browser_key_nor_an_uploaded_one_brings_a_private_half(
    made: Made, admin: Client
) -> None:
    for origin, field in (("browser", "public_key"), ("uploaded", "public_key_text")):
        form = regenerate_form(key_origin=origin, **{field: fresh_public_jwk()})
        answer = admin.post(regenerate_url(made.account), form)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "PRIVATE KEY" not in page
        assert "data:application" not in page
        assert answer["Cache-Control"] == "no-store, private"
        assert ("data-browser-key" in page) is (origin == "browser")
