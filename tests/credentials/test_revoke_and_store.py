"""A key is revoked for good; and Done on the page of a new key wants its tick."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity
from tests.credentials.forms import regenerate_form, regenerate_url
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tokens.credentials import actions
from tokens.credentials.models import Credential

pytestmark = pytest.mark.django_db


def revoke_url(made: Made) -> str:
    return reverse("credentials:revoke", args=[made.account.pk, made.credential.pk])


def stored_url(credential: Credential) -> str:
    return reverse("credentials:stored", args=[credential.pk])


def test_a_revoked_key_and_its_tokens_stop_at_once(admin: Client, made: Made) -> None:
    token = Holder(made).token()
    page = admin.get(revoke_url(made)).content.decode()
    assert "This is the last key that works" in page
    answer = admin.post(revoke_url(made))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("service_accounts:detail", args=[made.account.pk])
    assert Holder(made).ask().status_code == 400
    assert Holder(made).get("/environment/info", token).status_code == 401
    event = Event.objects.get(action="key.revoked")
    assert (event.actor_label, event.detail) == ("ada", {"kid": made.credential.key_id})


def test_another_key_goes_on_and_the_page_says_so(admin: Client, made: Made) -> None:
    admin.post(regenerate_url(made.account), regenerate_form(keep_old="3600"))
    page = admin.get(revoke_url(made)).content.decode()
    assert "One other key goes on working" in page
    assert "last key" not in page
    admin.post(revoke_url(made))
    assert Credential.objects.usable_at(timezone.now()).count() == 1


def test_revoking_twice_is_harmless_and_told(admin: Client, made: Made) -> None:
    admin.post(revoke_url(made))
    first = Credential.objects.get().revoked_at
    assert "revoked already" in admin.get(revoke_url(made)).content.decode()
    assert admin.post(revoke_url(made)).status_code == 302
    assert Credential.objects.get().revoked_at == first
    assert Event.objects.filter(action="key.revoked").count() == 1


def test_only_administrators_revoke_and_only_what_belongs_together(
    admin: Client, made: Made, owner: Client, vera: Identity, client_of: Callable[..., Client]
) -> None:
    for client in (owner, client_of(vera)):
        assert client.get(revoke_url(made)).status_code == 403
        assert client.post(revoke_url(made)).status_code == 403
    other = make_account("other")
    mixed = reverse("credentials:revoke", args=[other.account.pk, made.credential.pk])
    assert admin.post(mixed).status_code == 404
    gone = reverse("credentials:revoke", args=[made.account.pk, uuid.uuid4()])
    assert admin.get(gone).status_code == 404
    assert admin.put(revoke_url(made)).status_code == 405
    assert Client().post(revoke_url(made)).status_code == 403
    assert not Credential.objects.exclude(revoked_at=None).exists()


def test_done_with_the_tick_notes_that_the_key_is_stored(admin: Client, made: Made) -> None:
    answer = admin.post(stored_url(made.credential), {"stored": "on"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("service_accounts:detail", args=[made.account.pk])
    made.credential.refresh_from_db()
    first = made.credential.stored_at
    assert first is not None
    assert Event.objects.filter(action="key.stored").count() == 1
    admin.post(stored_url(made.credential), {"stored": "on"})
    made.credential.refresh_from_db()
    assert made.credential.stored_at == first
    assert Event.objects.filter(action="key.stored").count() == 1


@pytest.mark.parametrize("sent", [{}, {"stored": ""}, {"stored": "off"}])
def test_done_without_the_tick_asks_for_it(admin: Client, made: Made, sent: dict[str, str]) -> None:
    answer = admin.post(stored_url(made.credential), sent)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "I have stored the key" in page
    assert regenerate_url(made.account) in page
    made.credential.refresh_from_db()
    assert made.credential.stored_at is None


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", "x"]
)
def test_done_leads_nowhere_else(admin: Client, made: Made, next_: str) -> None:
    answer = admin.post(stored_url(made.credential), {"stored": "on", "next": next_})
    assert answer["Location"] == reverse("service_accounts:detail", args=[made.account.pk])


def test_who_cannot_have_seen_the_key_cannot_say_it_is_stored(
    made: Made, owner: Client, vera: Identity, mallory: Identity, client_of: Callable[..., Client]
) -> None:
    url = stored_url(made.credential)
    assert owner.post(url, {"stored": "on"}).status_code == 403
    assert client_of(vera).post(url, {"stored": "on"}).status_code == 403
    assert client_of(mallory).post(url, {"stored": "on"}).status_code == 404
    assert client_of(vera).get(url).status_code == 405
    made.credential.refresh_from_db()
    assert made.credential.stored_at is None


def test_a_key_of_a_deleted_account_is_revoked_without_harm(ada: Identity, made: Made) -> None:
    from tokens.service_accounts import actions as service_accounts

    service_accounts.delete(by=ada, account=made.account, at=timezone.now())
    actions.revoke(by=ada, credential=made.credential, at=timezone.now())
    assert made.credential.revoked_at is not None
