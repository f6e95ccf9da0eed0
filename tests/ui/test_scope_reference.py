"""References of scopes are quiet text with a word before them, as there is nothing to follow."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import Identity


def test_the_word_says_what_the_text_is(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    page = client_of(ada).get("/service-accounts/new/").content.decode()
    assert '<span class="scope-reference">Reference: PingIDM REST API reference</span>' in page
