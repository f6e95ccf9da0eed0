"""New Service Account: from the form to the one answer that holds the key."""

from __future__ import annotations

import html
import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from console.ui.installation import FILE_BACKEND
from tests.credentials.keys import fresh_public_jwk
from tests.factories import make_account, make_person
from tests.factories.accounts import Made
from tests.factories.people import PASSWORD
from tests.oauth.holder import Holder
from tests.service_accounts.filled import NEW, new_form, page
from tokens.credentials.models import Credential, KeyPickup

pytestmark = pytest.mark.django_db


def shown_key(text: str) -> dict[str, str]:
    found = re.search(r"data-secret-value>(.*?)</code>", text, re.DOTALL)
    assert found
    key: dict[str, str] = json.loads(html.unescape(found[1]))
    return key


def errors(client: Client, **changes: Any) -> dict[str, list[str]]:
    """What is wrong with a form, by field, after a look that nothing was made."""
    answer = client.post(NEW, new_form(**changes))
    assert answer.status_code == 200
    assert ServiceAccount.objects.count() == 0
    assert Credential.objects.count() == 0
    return {name: list(errors) for name, errors in answer.context["form"].errors.items()}


def test_save_makes_account_and_key_and_shows_the_key_once(admin: Client, ada: Identity) -> None:
    answer = admin.post(NEW, new_form(owner=str(ada.pk)))
    text = answer.content.decode()
    account, credential = ServiceAccount.objects.get(), Credential.objects.get()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "Service account successfully created!" in text
    assert "You must download the private key at this point" in text
    assert str(account.pk) in text
    key = shown_key(text)
    assert key["kid"] == credential.key_id
    assert Holder(Made(account, credential, key)).token(scope="fr:idm:*")
    assert (account.owner, account.scopes, account.created_by) == (ada, ["fr:idm:*"], "ada")
    recorded = set(Event.objects.filter(subject_id=account.pk).values_list("action", flat=True))
    assert {"service_account.created", "key.issued"} <= recorded


def test_the_key_is_in_that_one_answer_and_nowhere_else(admin: Client) -> None:
    """AB-07."""
    secret = shown_key(admin.post(NEW, new_form()).content.decode())["d"]
    account = ServiceAccount.objects.get()
    for name in ("detail", "keys", "scopes", "activity", "edit"):
        assert secret not in admin.get(page(name, account)).content.decode()
    assert secret not in admin.get(NEW).content.decode()
    for event in Event.objects.all():
        assert secret not in json.dumps(event.detail)
    assert secret not in Credential.objects.get().public
    assert secret not in repr(dict(admin.session.items()))
    assert secret not in repr(getattr(cache, "_cache", {}))


def test_sending_the_form_again_issues_nothing_and_says_so(admin: Client) -> None:
    form = new_form()
    assert admin.post(NEW, form).status_code == 200
    for again in (form, form | {"name": "another"}, form | {"name": ""}):
        answer = admin.post(NEW, again)
        assert answer.status_code == 409
        assert b"Nothing new was made" in answer.content
        assert b"data-secret-value" not in answer.content
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1


def test_the_form_stands_filled_with_what_is_usual(admin: Client, ada: Identity) -> None:
    answer = admin.get(NEW)
    form = answer.context["form"]
    assert form["owner"].value() == str(ada.pk)
    assert (form["key_origin"].value(), form["algorithm"].value()) == ("steward", "RSA-4096")
    assert uuid.UUID(str(form["submission"].value())).version == 4
    text = answer.content.decode()
    for said in (
        "<h1>New Service Account</h1>",
        "Name",
        "Description",
        "Scopes for AM and IDM APIs in Advanced Identity Cloud",
        "Service account access tokens granted the fr:idm:* scope also have access",
        "Under development",
        "Restricted scopes",
        ">Save<",
    ):
        assert said in text
    box = re.search(r'<input[^>]*value="fr:idc:federation:\*"[^>]*>', text)
    assert box
    assert "disabled" in box[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x" * 200_000}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "pаypal"}, "name"),
        ({"name": "evil\u202ecod.exe"}, "name"),
        ({"name": "z\u0300\u0301\u0302\u0303\u0304\u0305"}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"description": "a\x1b[31m"}, "description"),
        ({"scopes": ["fr:idc:federation:*"]}, "scopes"),
        ({"scopes": ["fr:none:*"]}, "scopes"),
        ({"scopes": ["<script>"]}, "scopes"),
        ({"ends_at": "2020-01-01"}, "ends_at"),
        ({"ends_at": "0000-00-00"}, "ends_at"),
        ({"ends_at": "-1"}, "ends_at"),
        ({"ends_at": "NaN"}, "ends_at"),
        ({"ends_at": "99999-01-01"}, "ends_at"),
        ({"owner": "-1"}, "owner"),
        ({"owner": "ada"}, "owner"),
        ({"owner": str(uuid.uuid4())}, "owner"),
        ({"algorithm": "HS256"}, "algorithm"),
        ({"key_origin": "command"}, "key_origin"),
        ({"key_expiry": "100000"}, "key_expiry"),
        ({"key_expiry": "-1"}, "key_expiry"),
        ({"submission": None}, "submission"),
        ({"submission": "1"}, "submission"),
        ({"key_origin": "uploaded", "public_key_text": ""}, "public_key_text"),
        ({"key_origin": "uploaded", "public_key_text": "{}"}, "public_key_text"),
        ({"key_origin": "owner"}, "owner"),
    ],
)
def test_bad_input_names_the_field_and_keeps_what_was_typed(
    admin: Client, changes: dict[str, Any], field: str
) -> None:
    """AB-70."""
    found = errors(admin, **changes)
    assert list(found) == [field]
    assert all(found[field])
    kept = admin.post(NEW, new_form(**({"description": "Kept as typed"} | changes)))
    if field != "description":
        assert "Kept as typed" in kept.content.decode()


def test_everything_wrong_is_said_at_once(admin: Client) -> None:
    found = errors(admin, name="", scopes=["x"], ends_at="x", key_origin="x")
    assert set(found) == {"name", "scopes", "ends_at", "key_origin"}


def test_an_empty_post_is_an_empty_form(admin: Client) -> None:
    answer = admin.post(NEW, {})
    assert answer.status_code == 200
    assert "name" in answer.context["form"].errors


@pytest.mark.parametrize("who", ["disabled", "deleted", "service"])
def test_an_owner_must_be_able_to_sign_in(admin: Client, ada: Identity, who: str) -> None:
    """AB-22."""
    if who == "service":
        candidate = make_account("other").account.identity
    else:
        candidate = make_person("leaver")
        act = identities.disable if who == "disabled" else identities.delete
        act(by=ada, identity=candidate, at=timezone.now())
    before = ServiceAccount.objects.count()
    answer = admin.post(NEW, new_form(owner=str(candidate.pk)))
    assert "must be a person who can sign in" in str(answer.context["form"].errors["owner"])
    assert ServiceAccount.objects.count() == before


def test_fields_that_the_form_does_not_have_change_nothing(admin: Client, otto: Identity) -> None:
    """AB-06."""
    wanted = uuid.uuid4()
    admin.post(
        NEW,
        new_form(
            id=str(wanted),
            identity=str(wanted),
            pk=str(wanted),
            created_by="mallory",
            deleted_at="2020-01-01",
            deleted_by="x",
            revision="9",
            kind="person",
            is_admin="1",
            levels="admin",
            password="known",
            origin="setup",
        ),
    )
    account = ServiceAccount.objects.select_related("identity").get()
    assert account.pk != wanted
    assert (account.created_by, account.deleted_at, account.revision) == ("ada", None, 1)
    assert (account.identity.kind, account.identity.origin) == ("service", "console")
    assert not account.identity.has_usable_password()
    assert not account.identity.level_assignments.exists()


def test_a_taken_name_is_refused_before_a_key_is_made(admin: Client) -> None:
    make_account("audit01")
    answer = admin.post(NEW, new_form(name="AUDIT01"))
    assert "already is a service account named" in str(answer.context["form"].errors["name"])
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1


def test_the_end_is_the_end_of_the_day(admin: Client) -> None:
    day = (timezone.now() + timedelta(days=30)).date()
    admin.post(NEW, new_form(ends_at=day.isoformat()))
    account = ServiceAccount.objects.get()
    assert account.ends_at == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def test_an_uploaded_key_is_kept_and_nothing_secret_is_shown(admin: Client) -> None:
    text = fresh_public_jwk()
    answer = admin.post(NEW, new_form(key_origin="uploaded", public_key_text=text))
    assert answer.status_code == 200
    assert b"data-secret-value" not in answer.content
    assert Credential.objects.get().origin == "uploaded"


def test_a_browser_made_key_leaves_only_its_public_half(admin: Client) -> None:
    text = fresh_public_jwk()
    answer = admin.post(NEW, new_form(key_origin="browser", public_key=text))
    assert b"data-browser-key" in answer.content
    assert Credential.objects.get().origin == "browser"


def test_without_a_mail_server_the_link_to_the_key_is_shown_to_be_passed_on(
    admin: Client, otto: Identity, settings: Any, tmp_path: Path
) -> None:
    assert "The owner gets an e-mail" in admin.get(NEW).content.decode()
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = FILE_BACKEND, str(tmp_path)
    form = admin.get(NEW).content.decode()
    assert "No mail server is set: you get a link to pass on." in form
    assert "The owner gets an e-mail" not in form

    answer = admin.post(NEW, new_form(owner=str(otto.pk), key_origin="owner"))
    page, pickup = answer.content.decode(), KeyPickup.objects.get()
    assert f"{settings.STEWARD_PUBLIC_URL}/key-pickups/{pickup.pk}/" in page
    assert "on its way" not in page
    assert "The e-mail goes to" not in page


def test_an_owner_is_offered_the_key(admin: Client, otto: Identity) -> None:
    answer = admin.post(NEW, new_form(key_origin="owner", owner=str(otto.pk)))
    assert answer.status_code == 200
    assert KeyPickup.objects.get().owner == otto
    assert not Credential.objects.exists()


def test_after_five_minutes_the_password_is_asked_and_nothing_typed_is_lost(
    admin: Client,
) -> None:
    form = new_form(description="Kept")
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        asked = admin.post(NEW, form)
        assert b"Confirm that it is you" in asked.content
        assert not ServiceAccount.objects.exists()
        carried = dict(asked.context["carried"])
        assert carried["description"] == "Kept"
        wrong = admin.post(NEW, carried | {"step_up_password": "wrong"})
        assert b"This is not your password" in wrong.content
        done = admin.post(NEW, carried | {"step_up_password": PASSWORD})
    assert b"Service account successfully created!" in done.content
    assert ServiceAccount.objects.get().description == "Kept"


def test_steps_out_of_order_give_no_key(admin: Client, made: Made) -> None:
    """AB-20: Done before Save, and the page of another's key."""
    unknown = uuid.uuid4()
    assert admin.post(f"/keys/{unknown}/stored/", {"stored": "on"}).status_code == 404
    before = Credential.objects.count()
    admin.post(f"/keys/{made.credential.pk}/stored/", {"stored": "on"})
    assert admin.get(f"/keys/{made.credential.pk}/stored/").status_code in (404, 405)
    assert Credential.objects.count() == before
