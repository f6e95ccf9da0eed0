"""An administrator replaces an account's key; the old one stops when they say."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity
from accounts.service_accounts import actions as service_accounts
from console.ui import times
from tests.credentials.forms import regenerate_form, regenerate_url
from tests.credentials.keys import fresh_public_jwk
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tokens.credentials.models import Credential, CredentialStatus

pytestmark = pytest.mark.django_db


def shown_key(page: str) -> dict[str, str]:
    """The private JWK on a one-time page."""
    found = re.search(r"data-secret-value>(.*?)</code>", page, re.DOTALL)
    assert found
    key: dict[str, str] = json.loads(html.unescape(found[1]))
    return key


def holder_of(made: Made, page: str) -> Holder:
    key = shown_key(page)
    return Holder(Made(made.account, Credential.objects.get(key_id=key["kid"]), key))


def test_the_new_key_gets_tokens_and_the_old_one_none(admin: Client, made: Made) -> None:
    answer = admin.post(regenerate_url(made.account), regenerate_form())
    assert answer.status_code == 200
    assert b"Key successfully created!" in answer.content
    assert holder_of(made, answer.content.decode()).token()
    assert Holder(made).ask().status_code == 400
    made.credential.refresh_from_db()
    assert made.credential.status_at(timezone.now()) == CredentialStatus.RETIRED
    actions = Event.objects.filter(subject_id=str(made.account.pk)).values_list("action", flat=True)
    assert {"key.issued", "key.replaced"} <= set(actions)


@pytest.mark.parametrize("hours", [1, 24, 7 * 24, 30 * 24])
def test_the_old_key_goes_on_for_as_long_as_chosen(admin: Client, made: Made, hours: int) -> None:
    before = timezone.now()
    admin.post(regenerate_url(made.account), regenerate_form(keep_old=str(hours * 3600)))
    made.credential.refresh_from_db()
    end = made.credential.retires_at
    assert end is not None
    assert timedelta() <= end - before - timedelta(hours=hours) < timedelta(minutes=1)
    assert Holder(made).token()


def test_the_page_says_until_when_in_exact_times(admin: Client, made: Made) -> None:
    page = admin.get(regenerate_url(made.account)).content.decode()
    for days in (1, 7, 30):
        assert times.exact(timezone.now() + timedelta(days=days))[:11] in page
    assert "Stops at once (the default)" in page
    assert "UTC" in page


def test_an_earlier_end_of_an_old_key_is_not_put_off(admin: Client, made: Made) -> None:
    url = regenerate_url(made.account)
    admin.post(url, regenerate_form(keep_old="3600"))
    made.credential.refresh_from_db()
    first_end = made.credential.retires_at
    admin.post(url, regenerate_form(keep_old=str(30 * 24 * 3600)))
    made.credential.refresh_from_db()
    assert made.credential.retires_at == first_end
    admin.post(url, regenerate_form())
    made.credential.refresh_from_db()
    assert not Credential.objects.usable_at(timezone.now()).filter(pk=made.credential.pk).exists()
    assert Credential.objects.usable_at(timezone.now()).count() == 1


def test_issued_tokens_live_unless_they_are_revoked(admin: Client, made: Made) -> None:
    token = Holder(made).token()
    admin.post(regenerate_url(made.account), regenerate_form(typed_name="audit01"))
    assert Holder(made).get("/environment/info", token).status_code == 200
    form = regenerate_form(revoke_tokens="on", typed_name="audit01")
    assert admin.post(regenerate_url(made.account), form).status_code == 200
    assert Holder(made).get("/environment/info", token).status_code == 401


def test_the_name_is_typed_where_the_account_is_in_use(admin: Client, made: Made) -> None:
    url = regenerate_url(made.account)
    assert b"typed_name" not in admin.get(url).content
    Holder(made).token()
    page = admin.get(url).content.decode()
    assert "typed_name" in page
    assert made.credential.key_id in page
    for typed in ("", "audit02", "AUDIT01"):
        refused = admin.post(url, regenerate_form(typed_name=typed))
        assert b"There is a problem" in refused.content
    assert Credential.objects.count() == 1
    assert b"successfully" in admin.post(url, regenerate_form(typed_name=" audit01 ")).content


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"key_origin": "magic"}, "Select a valid choice"),
        ({"key_origin": "command"}, "Select a valid choice"),
        ({"algorithm": "RSA-512"}, "Select a valid choice"),
        ({"key_expiry": "1"}, "Select a valid choice"),
        ({"keep_old": "31536000"}, "Select a valid choice"),
        ({"keep_old": ""}, "required"),
        ({"submission": ""}, "Open the page again"),
        ({"submission": "1"}, "Open the page again"),
        ({"key_origin": "uploaded", "public_key_text": "no key"}, "neither JSON nor PEM"),
        ({"key_origin": "uploaded", "public_key_text": ""}, "Paste the public key"),
        ({"key_origin": "browser"}, "Turn on JavaScript"),
    ],
)
def test_a_wrong_value_is_told_and_nothing_happens(
    admin: Client, made: Made, changed: dict[str, str], words: str
) -> None:
    answer = admin.post(regenerate_url(made.account), regenerate_form(**changed))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert list(Credential.objects.values_list("pk", flat=True)) == [made.credential.pk]
    assert Holder(made).token()


def test_a_public_key_is_uploaded_and_no_secret_shown(admin: Client, made: Made) -> None:
    form = regenerate_form(key_origin="uploaded", public_key_text=fresh_public_jwk(kid="mine"))
    answer = admin.post(regenerate_url(made.account), form)
    page = answer.content.decode()
    assert "There is nothing to download" in page
    assert "data-secret-value" not in page
    assert Credential.objects.get(key_id="mine").stored_at is not None


def test_a_key_of_another_account_is_refused_at_its_field(admin: Client, made: Made) -> None:
    other = make_account("other")
    text = json.dumps({k: v for k, v in other.private_jwk.items() if k != "d"})
    form = regenerate_form(key_origin="uploaded", public_key_text=text)
    page = admin.post(regenerate_url(made.account), form).content.decode()
    assert "in use already" in page
    assert 'href="#id_public_key_text"' in page
    assert Credential.objects.count() == 2


def test_an_ended_account_gets_no_key(admin: Client) -> None:
    now = timezone.now()
    account = make_account(ends_at=now - timedelta(days=1), at=now - timedelta(days=2)).account
    page = admin.post(regenerate_url(account), regenerate_form()).content.decode()
    assert "has ended" in page
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("who", ["otto", "vera", "mallory"])
def test_only_administrators_may(
    who: str,
    made: Made,
    client_of: Callable[[Identity], Client],
    request: pytest.FixtureRequest,
) -> None:
    client = client_of(request.getfixturevalue(who))
    for answer in (
        client.get(regenerate_url(made.account)),
        client.post(regenerate_url(made.account), regenerate_form()),
    ):
        assert answer.status_code == 403
    assert Credential.objects.count() == 1


def test_what_is_not_there_is_not_found(admin: Client, made: Made, ada: Identity) -> None:
    url = regenerate_url(made.account)
    assert admin.get(url.replace(str(made.account.pk), str(uuid.uuid4()))).status_code == 404
    service_accounts.delete(by=ada, account=made.account, at=timezone.now())
    assert admin.get(url).status_code == 404
    assert admin.post(url, regenerate_form()).status_code == 404
    assert Credential.objects.count() == 1


def test_other_methods_and_strangers_are_turned_away(admin: Client, made: Made) -> None:
    url = regenerate_url(made.account)
    assert admin.put(url).status_code == 405
    assert admin.delete(url).status_code == 405
    stranger = Client().get(url)
    assert stranger.status_code == 302
    assert stranger["Location"].startswith("/sign-in/")
    assert Client().post(url, regenerate_form()).status_code == 403


def test_the_password_is_asked_again_and_the_form_is_not_lost(admin: Client, made: Made) -> None:
    session = admin.session
    session["steward_confirmed_at"] = 0
    session.save()
    form = regenerate_form()
    asked = admin.post(regenerate_url(made.account), form)
    assert b"step_up_password" in asked.content
    assert form["submission"] in asked.content.decode()
    assert Credential.objects.count() == 1
    wrong = admin.post(regenerate_url(made.account), form | {"step_up_password": "wrong"})
    assert b"step_up_password" in wrong.content
    right = form | {"step_up_password": "correct horse battery staple"}
    assert b"successfully" in admin.post(regenerate_url(made.account), right).content


def test_forms_from_elsewhere_are_refused(ada: Identity, made: Made) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(regenerate_url(made.account), regenerate_form()).status_code == 403
    assert Credential.objects.count() == 1
