"""The same act by many at one moment: one account, one winner, nothing half-done."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.audit.models import Event
from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.service_accounts.filled import NEW, edit_form, new_form, page
from tokens.credentials.models import Credential

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20


def at_once(acts: list[Callable[[], int]]) -> Counter[int]:
    """The status codes of acts that start together, each with its own connection."""
    together = threading.Barrier(len(acts))

    def one(act: Callable[[], int]) -> int:
        try:
            together.wait(timeout=60)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        running = [pool.submit(one, act) for act in acts]
        return Counter(done.result(timeout=100) for done in running)


def posts(client: Client, url: str, forms: list[dict[str, Any]]) -> list[Callable[[], int]]:
    """One act a form, each in a browser of its own with the same session."""

    def act(form: dict[str, Any]) -> Callable[[], int]:
        browser = Client(raise_request_exception=False)
        browser.cookies.update(client.cookies)
        return lambda: browser.post(url, form).status_code

    return [act(form) for form in forms]


def test_one_name_by_many_forms_makes_one_account(admin: Client) -> None:
    """AB-69."""
    answered = at_once(posts(admin, NEW, [new_form() for _ in range(AT_ONCE)]))
    assert answered == {200: AT_ONCE}  # one with the key, the others with the form
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1
    assert Identity.objects.filter(kind="service").count() == 1
    assert Event.objects.filter(action="service_account.created").count() == 1


def test_one_form_sent_many_times_issues_one_key_and_says_so(admin: Client) -> None:
    answered = at_once(posts(admin, NEW, [new_form()] * AT_ONCE))
    assert answered == {200: 1, 409: AT_ONCE - 1}
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1


def test_of_many_edits_of_one_revision_one_wins(admin: Client) -> None:
    account = make_account("audit01").account
    forms = [edit_form(admin, account, description=f"no {n}") for n in range(8)]
    answered = at_once(posts(admin, page("edit", account), forms))
    assert answered == {302: 1, 200: 7}
    account.refresh_from_db()
    assert account.revision == 2
    assert Event.objects.filter(action="service_account.edited").count() == 1


def test_deleting_disabling_and_editing_at_once_never_brings_back(admin: Client) -> None:
    """AB-68."""
    account = make_account("audit01").account
    acts = [
        *posts(admin, page("delete", account), [{"name": "audit01"}] * 4),
        *posts(admin, page("disable", account), [{}] * 2),
        *posts(admin, page("enable", account), [{}] * 2),
        *posts(admin, page("edit", account), [edit_form(admin, account, description="x")] * 2),
    ]
    answered = at_once(acts)
    assert set(answered) <= {200, 302, 404}
    account.refresh_from_db()
    assert account.deleted_at is not None
    assert Event.objects.filter(action="service_account.deleted").count() == 1
    assert admin.get(page("detail", account)).status_code == 404
