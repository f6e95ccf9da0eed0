"""Administrators word the mails, see how they will read, and can go back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.mail_templates import actions
from accounts.mail_templates.texts import Text
from accounts.models import Identity, MailTemplate
from tests.at_once import at_once
from tests.identities.people import NEW, invite

ClientOf = Callable[[Identity], Client]

PATH = "/tenant-settings/mail-templates/invitation/"
WORDED = {
    "subject": "Welcome, {{ user_name }}",
    "body": "Dear {{ name }},\n\n{{ link }}\n\n(until {{ expires }})",
    "revision": "0",
}


def save(browser: Client, **changed: str) -> Any:
    return browser.post(PATH, WORDED | {"action": "save"} | changed)


def test_the_next_invitation_has_the_new_text(
    client_of: ClientOf, ada: Identity, mails: Any
) -> None:
    assert save(client_of(ada))["Location"] == PATH
    person = identities.create_person(by=ada, levels=[], at=timezone.now(), **NEW)

    [message] = mails(lambda: invite(person, ada))

    assert message.subject == "Welcome, audit01"
    assert message.body.startswith("Dear Nina Novak,\n\nhttp://127.0.0.1:8000/register/")
    event = Event.objects.get(action="mail_template.changed")
    assert event.detail["after"]["subject"] == "Welcome, {{ user_name }}"
    assert event.detail["before"]["subject"] == "Set up your account: {{ user_name }}"


def test_a_preview_shows_the_typed_text_and_saves_nothing(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser = client_of(ada)
    shown = WORDED | {"action": "preview"}

    sample = browser.post(PATH, shown).content.decode()
    chosen = browser.post(PATH, shown | {"shown_for": "OTTO"}).content.decode()
    nobody = browser.post(PATH, shown | {"shown_for": "nobody"}).content.decode()

    assert "Dear Nina Novak," in sample
    assert "Dear Otto," in chosen
    assert "Nobody has this user name" in nobody
    assert not MailTemplate.objects.exists()


def test_what_was_typed_stays_where_it_is_refused(client_of: ClientOf, ada: Identity) -> None:
    page = save(client_of(ada), body="<b>No way in</b>").content.decode()

    assert "put {{ link }} into the text" in page
    assert "&lt;b&gt;No way in&lt;/b&gt;" in page
    assert not MailTemplate.objects.exists()


def test_a_test_goes_to_oneself_alone_and_holds_no_link_that_works(
    client_of: ClientOf, ada: Identity
) -> None:
    client_of(ada).post(PATH, WORDED | {"action": "test", "shown_for": "otto"})

    [message] = mail.outbox
    assert message.to == ["ada@example.com"]
    assert message.subject == "Welcome, ada"
    assert "register/…" in message.body
    assert Event.objects.filter(action="mail_template.tested").exists()


def test_the_default_text_can_be_had_again(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    save(browser)

    browser.post(f"{PATH}restore/")

    assert not MailTemplate.objects.exists()
    assert "Set up your account" in browser.get(PATH).content.decode()
    assert Event.objects.filter(action="mail_template.restored").count() == 1
    browser.post(f"{PATH}restore/")
    assert Event.objects.filter(action="mail_template.restored").count() == 1


def test_typing_the_default_text_stores_nothing(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    form = browser.get(PATH).context["form"].initial

    browser.post(PATH, form | {"action": "save", "body": form["body"].replace("\n", "\r\n")})

    assert not MailTemplate.objects.exists()
    assert not Event.objects.filter(subject_type="mail_template").exists()


def test_who_was_slower_sees_both_texts(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    save(browser)

    page = save(browser, subject="Mine").content.decode()

    assert "Someone else changed this text meanwhile" in page
    assert "Welcome, {{ user_name }}" in page
    assert 'value="Mine"' in page
    assert save(browser, subject="Mine", revision="1").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_two_first_changes_at_once_one_is_told(db: None) -> None:
    results: list[bool] = []

    def change(number: int) -> None:
        text = Text(f"Hi {number}", "{{ link }}")
        try:
            actions.save(by=SYSTEM, name="invitation", text=text, revision=0, at=timezone.now())
        except actions.TemplateConflict:
            results.append(False)
        else:
            results.append(True)

    at_once([partial(change, 1), partial(change, 2), partial(change, 3)])

    assert sorted(results) == [False, False, True]


def test_an_auditor_reads_and_changes_nothing(
    client_of: ClientOf, vera: Identity, mallory: Identity
) -> None:
    browser = client_of(vera)

    page = browser.get(PATH).content.decode()
    assert "As it will read" in page
    assert "<textarea" not in page
    assert save(browser).status_code == 403
    assert browser.post(f"{PATH}restore/").status_code == 403
    other = client_of(mallory)
    assert other.get(PATH).status_code == 403
    assert other.get("/tenant-settings/mail-templates/").status_code == 403


def test_addresses_that_are_none(client_of: ClientOf, client: Client, ada: Identity) -> None:
    browser = client_of(ada)

    assert browser.get("/tenant-settings/mail-templates/nonsense/").status_code == 404
    assert browser.post("/tenant-settings/mail-templates/nonsense/restore/").status_code == 404
    assert browser.get(f"{PATH}restore/").status_code == 405
    assert browser.post("/tenant-settings/mail-templates/").status_code == 405
    assert browser.put(PATH).status_code == 405
    assert client.get(PATH).status_code == 302


def test_the_list_says_which_are_changed_and_by_whom(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    save(browser)

    page = browser.get("/tenant-settings/mail-templates/").content.decode()

    assert "Changed by ada" in page
    assert "Password changed" in page
    assert "E-mail templates" in browser.get("/tenant-settings/").content.decode()
