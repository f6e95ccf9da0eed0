"""An authenticator app, made by somebody else: RFC 6238 by hand, from the secret as text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from html import unescape
from typing import Any

from django.test import Client

from accounts.models import Identity
from tests.factories.people import PASSWORD

PAGE = "/profile/second-factors/app/"
STEP = "/sign-in/second-step/"


def code(secret: str, *, steps: int = 0) -> str:
    """The code of now, or of some steps of 30 seconds from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def secret_on(page: str) -> str:
    found = re.search(r">((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})<", page)
    assert found, page
    return found.group(1).replace(" ", "")


def offer_on(page: str) -> str:
    found = re.search(r'name="offer" value="([^"]+)"', page)
    assert found, page
    return unescape(found.group(1))


def set_up(browser: Client) -> tuple[str, list[str]]:
    """Set an app up by the pages; the secret, and the recovery codes that were shown."""
    page = browser.get(PAGE).content.decode()
    secret = secret_on(page)
    # the code of the step before, so that the one of now is there for signing in
    form = {"offer": offer_on(page), "code": code(secret, steps=-1)}
    shown = browser.post(PAGE, form).content.decode()
    return secret, re.findall(r'<li class="mono">(\d{4} \d{4} \d{4})</li>', shown)


def first_step(person: Identity, **extra: Any) -> Client:
    """A browser that has given the password, and stands before the second step."""
    browser = Client(**extra)
    answer = browser.post("/sign-in/", {"login": person.user_name, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, STEP), answer.content
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/profile/").status_code == 200
