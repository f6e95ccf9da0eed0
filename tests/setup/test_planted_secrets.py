"""What is typed and shown in a full run is written down nowhere: not in the database, log or files.

An instance as people run it, with a log of everything, is used as people use it. Then all that it
wrote is searched for each secret that was typed or shown, in each form.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Self

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.second_factors.apps import code, offer_on, secret_on
from tests.setup.every_form import every_form
from tests.setup.running import Running, serving, wait_until

pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(600)]

ADMIN, NEW = "Planted~admin/pass word+1", "Planted~other/pass word+2"
TYPED = {
    "password of the administrator": ADMIN,
    "new password": NEW,
    "wrong password": "Planted~wrong/pass word+3",
    "password typed as a name": "Planted~typed/as name+4",
    "password of an account": "Planted~vault/pass word+5",
    "notes of an account": "Planted~notes/of word+6",
    "field of an account": "Planted~field/of word+7",
    "backup code of an account": "Planted~backup/code+8",
    "password of a directory": "Planted~bind/pass word+9",
    "bearer that nobody gave": "Planted-bearer-that-nobody-gave-10",
    "secret in a body that is refused": "Planted-secret-of-no-client-11",
}
KEY = "PLANTEDKEYMFRGGZDFMZTWQ2LKNNWG23"
"""In base32, of the authenticator of an account."""
BY_DESIGN = {("cookie steward_session", "steward.sqlite3")}
"""The framework keeps sessions by the id that their cookie holds; it is worth nothing once they
ended. Links of mails stand in `outbox`, where no mail server is set, and are not looked for."""
ORIGIN = {
    "STEWARD_ADMIN_USERNAME": "ada",
    "STEWARD_ADMIN_EMAIL": "ada@example.com",
    "STEWARD_ADMIN_PASSWORD": ADMIN,
    "STEWARD_LOG_LEVEL": "DEBUG",
}


class Person:
    """Somebody at a browser without JavaScript."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.http.close()

    def get(self, address: str) -> str:
        answer = self.http.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    def send(self, address: str, page: str = "", **fields: object) -> str:
        """A form as a browser sends it: with the hidden fields of its page."""
        text = page or self.get(address)
        form = {
            name: unescape(value)
            for name, value in re.findall(
                r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', text
            )
        }
        answer = self.http.post(
            address, data=form | fields, headers={"Referer": f"{self.http.base_url}{address}"}
        )
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    def sign_in(self, password: str) -> None:
        assert "Problems signing in" not in self.send("/sign-in/", login="ada", password=password)


def shown(page: str) -> str:
    found = re.search(r"data-secret-value>(.*?)</code>", page, re.DOTALL)
    assert found, re.sub(r"<[^>]+>|\s+", " ", page.partition("<main")[2])[:1500]
    return unescape(found.group(1))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("planted") / "data", **ORIGIN) as found:
        yield found


def make_key(person: Person, secrets: dict[str, bytes]) -> tuple[str, dict[str, str]]:
    page = person.send(
        "/service-accounts/new/",
        name="planted",
        scopes=["fr:idm:*"],
        key_origin="steward",
        algorithm="P-256",
        key_expiry="365",
    )
    key: dict[str, str] = json.loads(shown(page))
    private = jwt.PyJWK(key, algorithm="ES256").key
    secrets["private key"] = base64.urlsafe_b64decode(key["d"] + "==")
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    secrets["private key in DER"] = der
    secrets["private key in JWK"] = key["d"].encode()
    found = re.search(r'data-account-id="([^"]+)"|/service-accounts/([0-9a-f-]{36})/', page)
    assert found
    return found.group(1) or found.group(2), key


def use_token(person: Person, running: Running, secrets: dict[str, bytes]) -> None:
    page = person.send(
        "/personal-access-tokens/new/",
        name="planted",
        scopes=["steward:all"],
        expiry="30",
        access_token_seconds="750",
    )
    told = re.search(r"steward_pat_[0-9A-Za-z]{49}", page)
    client_id = re.search(r"\b[0-9a-f]{32}\b", page)
    assert told, shown(page)
    assert client_id
    secret = told.group(0)
    secrets["personal access token"] = secret.encode()
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id.group(0),
        "client_secret": secret,
    }
    answer = httpx.post(f"{running.url}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    access = answer.json()["access_token"]
    secrets["signature of a token"] = access.rpartition(".")[2].encode()
    headers = {"Authorization": f"Bearer {access}"}
    assert httpx.get(f"{running.url}/api/v1/groups", headers=headers).status_code == 200
    wrong = form | {"client_secret": TYPED["secret in a body that is refused"]}
    assert httpx.post(f"{running.url}/oauth/token", data=wrong).status_code == 401
    stranger = {"Authorization": f"Bearer {TYPED['bearer that nobody gave']}"}
    assert httpx.get(f"{running.url}/api/v1/groups", headers=stranger).status_code == 401


def provision(person: Person, running: Running, secrets: dict[str, bytes]) -> None:
    page = person.send(
        "/tenant-settings/provisioning/new/", name="Directory", groups="on", lifetime="90"
    )
    token = shown(page).strip()
    secrets["provisioning token"] = token.encode()
    answer = httpx.get(f"{running.url}/scim/v2/Users", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text


def fill_the_vault(person: Person) -> None:
    page = person.send(
        "/vault/accounts/new/",
        kind="individual",
        label="Ads",
        application="Slack",
        username="ads",
        password=TYPED["password of an account"],
        notes=TYPED["notes of an account"],
        field_0_name="PIN",
        field_0_type="short",
        field_0_value=TYPED["field of an account"],
    )
    found = re.search(r"/vault/accounts/([0-9a-f-]{36})/", page)
    assert found
    item = f"/vault/accounts/{found.group(1)}/"
    person.send(f"{item}authenticator/", key=KEY)
    person.send(f"{item}backup-codes/", codes=TYPED["backup code of an account"])
    revealed = person.send(f"{item}password/reveal/", page=person.get(item))
    assert TYPED["password of an account"] in unescape(revealed)


def add_a_directory(person: Person) -> None:
    page = person.send(
        "/sources/new/",
        page=person.get("/sources/new/?connector=ldap"),
        connector_name="ldap",
        name="Directory",
        start="general",
        host="127.0.0.1",
        port="1",
        security="plain",
        bind_dn="cn=reader",
        password=TYPED["password of a directory"],
        base_dn="dc=example",
        filter="(uid=*)",
        scope="subtree",
    )
    assert "There is a problem" not in page
    found = re.search(r"/sources/([0-9a-f-]{36})/", page)
    assert found
    person.send(f"/sources/{found.group(1)}/imports/")


def set_up_an_app(person: Person, secrets: dict[str, bytes]) -> None:
    address = "/profile/second-factors/app/"
    page = person.get(address)
    secret = secret_on(page)
    answer = person.send(address, page=page, offer=offer_on(page), code=code(secret, steps=-1))
    secrets["secret of the authenticator app"] = secret.encode()
    secrets["the same, decoded"] = base64.b32decode(secret)
    codes = re.findall(r'<li class="mono">(\d{4} \d{4} \d{4})</li>', answer)
    assert len(codes) == 10
    secrets |= {f"recovery code {n}": each.encode() for n, each in enumerate(codes)}


def forget_the_password(running: Running) -> str:
    """Ask for a link, once with the password typed in place of the name; use the one that came."""
    with Person(running.url) as stranger:
        return ask_for_a_link(stranger, running)


def ask_for_a_link(stranger: Person, running: Running) -> str:
    for typed in (TYPED["password typed as a name"], "ada"):
        stranger.send("/sign-in/problems/", name=typed)
    outbox = running.data_dir / "outbox"

    def links() -> list[str]:
        texts = [file.read_text() for file in outbox.rglob("*") if file.is_file()]
        return re.findall(r"/reset-password/[^\s\"<]+", "".join(texts).replace("=\n", ""))

    wait_until(links)
    link = links()[-1]
    stranger.send(link, password=NEW, password_again=NEW)
    return link


def written(running: Running) -> dict[str, bytes]:
    files = [file for file in running.data_dir.rglob("*") if file.is_file()]
    return {str(file.relative_to(running.data_dir)): file.read_bytes() for file in files} | {
        "log": running.log.read_bytes()
    }


def found(files: dict[str, bytes], secrets: dict[str, bytes]) -> list[tuple[str, str]]:
    return [
        (what, name)
        for what, secret in secrets.items()
        for form in every_form(secret)
        for name, content in files.items()
        if form in content
    ]


def use_everything(running: Running) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """All secrets by what they are, and what was exported."""
    secrets = {name: text.encode() for name, text in TYPED.items()}
    secrets |= {"key of an authenticator": KEY.encode(), "the same": base64.b32decode(KEY)}
    with Person(running.url) as person:
        return secrets, use_as(person, running, secrets)


def use_as(person: Person, running: Running, secrets: dict[str, bytes]) -> dict[str, bytes]:
    """By the pages and doors; answers what was exported."""
    person.send("/sign-in/", login="ada", password=TYPED["wrong password"])
    person.sign_in(ADMIN)
    make_key(person, secrets)
    use_token(person, running, secrets)
    provision(person, running, secrets)
    fill_the_vault(person)
    add_a_directory(person)
    set_up_an_app(person, secrets)
    exports = {}
    for noun in ("audit", "vault", "service-accounts", "personal-access-tokens", "sources"):
        answer = person.http.get(f"/{noun}/export/")
        assert answer.status_code == 200, noun
        exports[f"export of {noun}"] = answer.content
    for name, cookie in person.http.cookies.items():
        if name != "csrftoken":
            secrets[f"cookie {name}"] = cookie.encode()
    forget_the_password(running)
    return exports


def test_no_secret_is_written_down_in_any_form(running: Running) -> None:
    secrets, exports = use_everything(running)
    assert running.stop() == 0
    files = written(running)
    assert {"log", "steward.sqlite3"} <= set(files)
    assert len(secrets) > 25
    there = set(found(files | exports, secrets))
    assert there - BY_DESIGN == set()


def test_the_search_finds_what_is_there() -> None:
    secret = b"Planted~vault/pass word+5"
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + secret + b"behind it")
        assert found({"file": b"<" + text + b">"}, {"it": secret}), shift
        text = base64.urlsafe_b64encode(b"x" * shift + secret)
        assert found({"file": text}, {"it": secret}), shift
    for said in (secret.hex(), "Planted~vault%2Fpass%20word%2B5", json.dumps(secret.decode())):
        assert found({"file": said.encode()}, {"it": secret}), said
    assert not found({"file": b"Planted~vault/pass word+6"}, {"it": secret})
