"""Passkeys: only the right one, for the question that was put, from our own pages, once."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity
from tests.second_factors.apps import STEP, first_step, is_in
from tests.second_factors.security_key import HERE, SecurityKey, text

ClientOf = Callable[[Identity], Client]
ADD, SIGN_IN = "/profile/second-factors/passkey/", "/sign-in/passkey/"


@pytest.fixture(autouse=True)
def with_a_name(settings: Any) -> None:
    """Browsers know no passkeys of bare addresses."""
    settings.STEWARD_PUBLIC_URL = HERE


def question(answer: Any) -> dict[str, Any]:
    found = re.search(r'data-passkey-options="([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    asked: dict[str, Any] = json.loads(unescape(found.group(1)))
    return asked


def add(browser: Client, key: SecurityKey, **wrong: Any) -> Any:
    made = key.create(question(browser.get(ADD)), **wrong)
    return browser.post(ADD, {"name": "Key", "credential": json.dumps(made)})


def alone(browser: Client, key: SecurityKey, **wrong: Any) -> Any:
    """Sign in by the passkey alone."""
    proof = key.get(browser.get(SIGN_IN).json(), **wrong)
    return browser.post(SIGN_IN, {"credential": json.dumps(proof)})


@pytest.fixture
def key(client_of: ClientOf, ada: Identity) -> SecurityKey:
    found = SecurityKey()
    answer = add(client_of(ada), found)
    assert "Recovery codes" in answer.content.decode()
    return found


def test_it_signs_in_alone_and_as_the_second_step(key: SecurityKey, ada: Identity) -> None:
    browser = Client()
    assert alone(browser, key)["Location"] == "/"
    assert is_in(browser)
    event = Event.objects.filter(action="sign_in.succeeded").latest("id")
    assert event.detail["methods"] == ["passkey"]

    browser = first_step(ada)
    proof = key.get(question(browser.get(STEP)))
    answer = browser.post(STEP, {"credential": json.dumps(proof)})
    assert answer["Location"] == "/"
    assert is_in(browser)
    event = Event.objects.filter(action="sign_in.succeeded").latest("id")
    assert event.detail["methods"] == ["password", "passkey"]


def test_a_question_is_kept_for_minutes_and_the_session_for_as_long_as_the_browser(
    key: SecurityKey, settings: Any
) -> None:
    browser = Client()
    browser.get(SIGN_IN)
    assert browser.session.get_expiry_age() == 15 * 60

    alone(browser, key)
    assert browser.session.get_expiry_age() == 24 * 60 * 60
    assert browser.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""


def test_it_leads_to_where_one_wanted_to_go_but_nowhere_else(key: SecurityKey) -> None:
    for wanted, leads_to in (("/audit/", "/audit/"), ("//evil.example/", "/"), ("https://x/", "/")):
        browser = Client()
        proof = key.get(browser.get(SIGN_IN).json())
        answer = browser.post(SIGN_IN, {"credential": json.dumps(proof), "next": wanted})
        assert answer["Location"] == leads_to


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.localhost:8000"},
        {"origin": "http://localhost:8001"},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"unverified": True},
        {"signature": b"x" * 70},
        {"signature": b""},
        {"handle": b""},
        {"handle": b"\xff\xfe"},
        {"handle": b"00000000000000000000000000000000"},
    ],
)
def test_what_is_not_right_signs_nobody_in(key: SecurityKey, wrong: dict[str, Any]) -> None:
    browser = Client()

    answer = alone(browser, key, **wrong)

    assert answer["Location"] == "/sign-in/"
    assert not is_in(browser)
    assert Event.objects.filter(reason="passkey not accepted").count() == 1


def test_an_answer_is_taken_once_and_for_its_own_question(key: SecurityKey) -> None:
    browser, other = Client(), Client()
    proof = json.dumps(key.get(browser.get(SIGN_IN).json()))
    other.get(SIGN_IN)

    assert other.post(SIGN_IN, {"credential": proof})["Location"] == "/sign-in/"
    assert Client().post(SIGN_IN, {"credential": proof})["Location"] == "/sign-in/"
    assert browser.post(SIGN_IN, {"credential": proof})["Location"] == "/"
    browser.post("/sign-out/")
    assert browser.post(SIGN_IN, {"credential": proof})["Location"] == "/sign-in/"


def test_a_wrong_answer_uses_the_question_up(key: SecurityKey) -> None:
    browser = Client()
    asked = browser.get(SIGN_IN).json()
    browser.post(SIGN_IN, {"credential": json.dumps(key.get(asked, signature=b"no"))})

    again = browser.post(SIGN_IN, {"credential": json.dumps(key.get(asked))})

    assert again["Location"] == "/sign-in/"


def test_one_persons_passkey_is_not_anothers_second_step(
    client_of: ClientOf, key: SecurityKey, otto: Identity
) -> None:
    theirs = SecurityKey()
    add(client_of(otto), theirs)
    browser = first_step(otto)
    key.handle = theirs.handle

    proof = key.get(question(browser.get(STEP)))
    answer = browser.post(STEP, {"credential": json.dumps(proof)})

    assert "This passkey was not accepted" in answer.content.decode()
    assert not is_in(browser)


def test_wrong_passkeys_are_counted_as_wrong_codes_are(key: SecurityKey, ada: Identity) -> None:
    browser = first_step(ada)
    said = []
    for _ in range(6):
        proof = key.get(question(browser.get(STEP)), signature=b"no")
        page = browser.post(STEP, {"credential": json.dumps(proof)}).content.decode()
        said.append("Too many wrong codes" in page)

    assert said == [False] * 5 + [True]
    proof = key.get(question(browser.get(STEP)))
    page = browser.post(STEP, {"credential": json.dumps(proof)}).content.decode()
    assert "Too many wrong codes" in page


def test_who_may_not_sign_in_does_not_by_passkey(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    key = SecurityKey()
    add(client_of(otto), key)
    identities.disable(by=ada, identity=otto, at=timezone.now())

    browser = Client()
    assert alone(browser, key)["Location"] == "/sign-in/"
    identities.enable(by=ada, identity=otto, at=timezone.now())
    assert alone(browser, key)["Location"] == "/"
    identities.delete(by=ada, identity=otto, at=timezone.now())
    assert alone(Client(), key)["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    "wrong", [{"origin": "http://evil.localhost:8000"}, {"rp_id": "x"}, {"unverified": True}]
)
def test_a_forged_page_adds_no_passkey(
    client_of: ClientOf, ada: Identity, wrong: dict[str, Any]
) -> None:
    answer = add(client_of(ada), SecurityKey(), **wrong)

    assert "The passkey was not accepted" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_an_answer_for_another_session_adds_nothing(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser, other = client_of(ada), client_of(otto)
    made = SecurityKey().create(question(browser.get(ADD)))
    other.get(ADD)

    other.post(ADD, {"credential": json.dumps(made)})

    assert not Authenticator.objects.exists()


JUNK = (
    "",
    "x",
    "null",
    "[]",
    "{}",
    '"text"',
    '{"response": null}',
    '{"id": 1, "rawId": [], "response": {"clientDataJSON": 7}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30"}}',
    "[" * 50_000,
    '{"a": ' * 3_000,
    json.dumps({"x": "y" * 30_000}),
    '{"a": NaN, "b": 1e999}',
)


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: junk[:20])
def test_junk_is_refused_without_failing(
    client_of: ClientOf, key: SecurityKey, ada: Identity, junk: str
) -> None:
    browser = Client()
    browser.get(SIGN_IN)
    assert browser.post(SIGN_IN, {"credential": junk})["Location"] == "/sign-in/"
    second = first_step(ada)
    second.get(STEP)
    assert second.post(STEP, {"credential": junk}).status_code == 200
    inside = Client()
    alone(inside, key)
    inside.get(ADD)
    assert inside.post(ADD, {"credential": junk}).status_code == 200
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def changed(credential: dict[str, Any], part: str, number: int) -> str:
    """A credential of which one part was damaged, always in the same way for the same number."""
    chance = random.Random(number)
    data = bytearray(base64.urlsafe_b64decode(credential["response"][part] + "=="))
    for place in chance.sample(range(len(data)), chance.randint(1, 4)):
        data[place] ^= chance.randrange(1, 256)  # another byte, whatever a new key made of it
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    response = credential["response"] | {part: text(bytes(data))}
    return json.dumps(credential | {"response": response})


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON"])
def test_damaged_passkeys_let_no_page_fail(client_of: ClientOf, ada: Identity, part: str) -> None:
    browser = client_of(ada)
    for number in range(25):
        made = SecurityKey().create(question(browser.get(ADD)))
        answer = browser.post(ADD, {"credential": changed(made, part, number)})
        # some damage makes another passkey of it, which is of no use and does no harm
        assert answer.status_code == 200 or part == "attestationObject"
    if Authenticator.objects.exists():
        assert first_step(ada).get(STEP).status_code == 200
        assert first_step(ada).post(STEP, {"code": "000000"}).status_code == 200


@pytest.mark.parametrize("part", ["authenticatorData", "clientDataJSON", "signature", "userHandle"])
def test_damaged_proofs_are_refused_without_failing(key: SecurityKey, part: str) -> None:
    for number in range(12):
        browser = Client(REMOTE_ADDR=f"198.51.100.{number}")
        proof = key.get(browser.get(SIGN_IN).json())
        answer = browser.post(SIGN_IN, {"credential": changed(proof, part, number)})
        assert answer["Location"] == "/sign-in/"


def test_a_name_is_kept_and_told(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    made = SecurityKey().create(question(browser.get(ADD)))
    bad = browser.post(ADD, {"name": "a\u202eb", "credential": json.dumps(made)})
    assert bad.status_code == 200
    made = SecurityKey().create(question(browser.get(ADD)))
    browser.post(ADD, {"name": "<b>Laptop</b>", "credential": json.dumps(made)})

    page = browser.get("/profile/second-factors/").content.decode()
    assert "&lt;b&gt;Laptop&lt;/b&gt;" in page


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "https://192.0.2.1", "http://steward.test"]
)
def test_where_they_cannot_work_nobody_is_offered_one(
    client_of: ClientOf, ada: Identity, settings: Any, url: str
) -> None:
    settings.STEWARD_PUBLIC_URL = url
    browser = client_of(ada)

    page = browser.get("/profile/second-factors/").content.decode()
    assert "Passkeys do not work at this address" in page
    assert "Passkeys do not work at this address" in browser.get(ADD).content.decode()
    assert "data-passkey" not in Client().get("/sign-in/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "is_told"), [("ada", True), ("otto", False)])
def test_only_who_can_mend_it_is_told_of_a_setting(
    request: pytest.FixtureRequest, client_of: ClientOf, settings: Any, who: str, is_told: bool
) -> None:
    settings.STEWARD_PUBLIC_URL = "http://127.0.0.1:8000"
    browser = client_of(request.getfixturevalue(who))
    for address in ("/profile/second-factors/", "/profile/second-factors/passkey/"):
        page = browser.get(address).content.decode()
        assert "Passkeys do not work at this address" in page
        assert ("STEWARD_PUBLIC_URL" in page) is is_told
        assert ("A tenant administrator can have that changed" in page) is not is_told
