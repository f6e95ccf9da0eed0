"""A form that issues a key issues it once, however often it comes. AB-20, AB-28."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import Identity, ServiceAccount
from tests.credentials.forms import new_account_form, regenerate_form, regenerate_url
from tests.credentials.keys import fresh_public_jwk
from tests.factories import make_account
from tokens.credentials.models import Credential, KeyPickup, Submission

NEW = "/service-accounts/new/"
AT_ONCE = 20


def at_once(client: Client, url: str, forms: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Post all forms at the same moment, each by a browser of its own in the same session."""
    barrier = Barrier(len(forms))

    def post(form: dict[str, Any]) -> tuple[int, str]:
        browser = Client(raise_request_exception=False)
        browser.cookies = client.cookies
        try:
            barrier.wait(30)
            answer = browser.post(url, form)
            return answer.status_code, answer.content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(post, forms))


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["steward", "browser", "uploaded", "owner"])
def test_a_reload_of_the_answer_issues_nothing_and_says_so(
    admin: Client, otto: Identity, origin: str
) -> None:
    form = new_account_form(
        owner=str(otto.pk),
        key_origin=origin,
        public_key=fresh_public_jwk() if origin == "browser" else "",
        public_key_text=fresh_public_jwk() if origin == "uploaded" else "",
    )
    assert admin.post(NEW, form).status_code == 200
    again = admin.post(NEW, form)
    assert again.status_code == 409
    page = again.content.decode()
    assert "Nothing new was made" in page
    assert regenerate_url(ServiceAccount.objects.get()) in page
    assert "data-secret-value" not in page
    assert ServiceAccount.objects.count() == 1
    assert Credential.objects.count() + KeyPickup.objects.count() == 1


@pytest.mark.django_db
def test_a_reload_after_regenerating_issues_nothing(admin: Client) -> None:
    account = make_account().account
    form = regenerate_form()
    assert admin.post(regenerate_url(account), form).status_code == 200
    again = admin.post(regenerate_url(account), form)
    assert again.status_code == 409
    assert again["Cache-Control"] == "no-store, private"
    assert Credential.objects.count() == 2


@pytest.mark.django_db
def test_a_form_of_one_page_is_used_up_for_the_other(admin: Client) -> None:
    form = new_account_form()
    admin.post(NEW, form)
    account = ServiceAccount.objects.get()
    again = admin.post(regenerate_url(account), regenerate_form(submission=form["submission"]))
    assert again.status_code == 409
    assert Credential.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_form_may_be_sent_again(admin: Client) -> None:
    form = new_account_form(name="")
    assert b"There is a problem" in admin.post(NEW, form).content
    assert not Submission.objects.exists()
    assert b"successfully" in admin.post(NEW, form | {"name": "audit01"}).content


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_account_with_one_key(
    ada: Identity, client_of: Callable[[Identity], Client]
) -> None:
    form = new_account_form()
    answers = at_once(client_of(ada), NEW, [form] * AT_ONCE)
    assert sorted(status for status, _page in answers) == [200] + [409] * (AT_ONCE - 1)
    assert sum("data-secret-value" in page for _status, page in answers) == 1
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("origin", ["steward", "owner"])
def test_twenty_at_once_regenerate_one_key(
    ada: Identity, otto: Identity, client_of: Callable[[Identity], Client], origin: str
) -> None:
    account = make_account(owner=otto).account
    form = regenerate_form(key_origin=origin)
    answers = at_once(client_of(ada), regenerate_url(account), [form] * AT_ONCE)
    assert sorted(status for status, _page in answers) == [200] + [409] * (AT_ONCE - 1)
    assert Credential.objects.count() + KeyPickup.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_by_the_owner_make_one_key(
    ada: Identity, otto: Identity, client_of: Callable[[Identity], Client]
) -> None:
    account = make_account(owner=otto).account
    client_of(ada).post(regenerate_url(account), regenerate_form(key_origin="owner"))
    url = reverse("credentials:pickup", args=[KeyPickup.objects.get().pk])
    answers = at_once(client_of(otto), url, [{}] * AT_ONCE)
    assert sorted(status for status, _page in answers) == [200] + [410] * (AT_ONCE - 1)
    assert Credential.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_public_key_at_once_on_two_accounts_belongs_to_one(
    ada: Identity, client_of: Callable[[Identity], Client]
) -> None:
    text = fresh_public_jwk()
    forms = [
        new_account_form(f"audit{n}", key_origin="uploaded", public_key_text=text) for n in range(8)
    ]
    answers = at_once(client_of(ada), NEW, forms)
    assert [status for status, _page in answers] == [200] * 8
    assert sum("in use already" in page for _status, page in answers) == 7
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1
