"""Who forgot their password sets another one by a mailed link, and nobody learns who exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions, invitations
from accounts.models import Identity
from tests.at_once import at_once
from tests.factories import make_account
from tests.factories.people import PASSWORD

ClientOf = Callable[[Identity], Client]
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEW = "three ducks on a pond"
BOTH = {"password": NEW, "password_again": NEW}
ASK, ASKED = "/sign-in/problems/", "/sign-in/problems/asked/"


@pytest.fixture
def asks(django_capture_on_commit_callbacks: Any) -> Callable[..., list[Any]]:
    """Ask for a link in a browser of one's own; answers the mails that came of it."""

    def ask(name: str, **extra: Any) -> list[Any]:
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            answer = Client().post(ASK, {"name": name}, **extra)
        assert (answer.status_code, answer["Location"]) == (302, ASKED)
        return mail.outbox[before:]

    return ask


def path_in(message: Any) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/reset-password/[\w-]{43}/)\n", message.body)
    assert found, message.body
    return found.group(1)


def signs_in(name: str, password: str) -> bool:
    answer = Client().post("/sign-in/", {"login": name, "password": password})
    return answer.status_code == 302


def test_the_link_in_the_mail_sets_another_password(
    asks: Any, client_of: ClientOf, otto: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    elsewhere = client_of(otto)
    [message] = asks("Otto")
    assert message.to == ["otto@example.com"]
    assert "Your user name: otto" in message.body

    browser = Client()
    page = browser.get(path_in(message))
    assert page["Referrer-Policy"].startswith("no-referrer")
    assert 'value="otto"' in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(path_in(message), BOTH)

    assert answer["Location"] == "/sign-in/?login=otto"
    assert "_auth_user_id" not in browser.session
    assert elsewhere.get("/profile/").status_code == 302
    assert not signs_in("otto", PASSWORD)
    assert signs_in("otto", NEW)
    assert mail.outbox[-1].subject == "Your password was changed"
    kinds = [e.action for e in Event.objects.filter(subject_id=str(otto.pk)).order_by("id")]
    assert "identity.password_reset_asked" in kinds
    assert "identity.password_reset" in kinds


def test_one_address_of_one_account_does_as_well(asks: Any, otto: Identity, vera: Identity) -> None:
    assert len(asks(" OTTO@example.com ")) == 1
    Identity.objects.filter(pk=vera.pk).update(email="otto@example.com")

    assert asks("otto@example.com") == []


def test_whoever_cannot_sign_in_gets_no_mail_and_the_same_answer(
    asks: Any, ada: Identity, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    actions.disable(by=ada, identity=otto, at=timezone.now())
    actions.delete(by=ada, identity=vera, at=timezone.now())
    Identity.objects.filter(pk=mallory.pk).update(email="")
    invited = actions.create_person(
        by=SYSTEM, user_name="nina", first_name="", last_name="", email="n@example.com",
        levels=[], at=timezone.now(),
    )  # fmt: skip
    invitations.invite(by=SYSTEM, identity=invited, at=timezone.now())
    service = make_account("audit01").account.identity.user_name

    for name in ("nobody", "otto", "vera", "mallory", "nina", service, "a@b", "%s" * 100):
        assert asks(name) == [], name
    refused = Event.objects.filter(action="identity.password_reset_asked", outcome="refused")
    assert refused.count() == 8


def test_a_service_account_that_registered_resets_as_people_do(asks: Any, db: None) -> None:
    account = make_account("audit01").account
    service = Identity.objects.get(pk=account.pk)
    service.email = "team@example.com"
    service.set_password(PASSWORD)
    service.save()

    [message] = asks(service.user_name)
    account.ends_at = timezone.now()
    account.save()
    assert Client().get(path_in(message)).status_code == 404
    account.ends_at = None
    account.save()
    assert Client().post(path_in(message), BOTH).status_code == 302
    assert signs_in(service.user_name, NEW)


def test_the_request_does_the_same_work_for_everybody(settings: Any, otto: Identity) -> None:
    """The rest is done by the worker, so that no answer comes later than another."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    costs = set()
    for name in ("otto", "nobody", "otto@example.com"):
        with CaptureQueriesContext(connection) as captured:
            answer = Client().post(ASK, {"name": name})
        costs.add((len(captured), answer.status_code, answer["Location"], answer.content))

    assert len(costs) == 1
    assert DBTaskResult.objects.count() == 3
    assert not mail.outbox


def test_the_queue_does_not_keep_what_was_typed(settings: Any, otto: Identity) -> None:
    """Some type their password; and a list of who asked is nobody's business either."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    typed = ("otto", "otto@example.com", "Tr0ub4dor&3 by mistake", "n" * 254)
    for name in typed:
        Client().post(ASK, {"name": name})

    kept = list(DBTaskResult.objects.values_list("args_kwargs", flat=True))
    assert len(kept) == len(typed)
    assert not [name for name in typed if name in str(kept)]
    assert len({len(str(row)) for row in kept}) == 1  # nor how long it was


def test_who_typed_much_is_answered_by_the_worker(asks: Any, db: None) -> None:
    assert asks("\N{OLD ITALIC LETTER A}" * 254) == []
    event = Event.objects.get(action="identity.password_reset_asked")
    assert event.actor_label == "Not signed in"


def test_the_log_does_not_keep_what_names_nobody(asks: Any, db: None) -> None:
    """It may be a password that was typed by mistake."""
    assert asks("Tr0ub4dor&3 by mistake") == []
    assert "Tr0ub4dor" not in str(list(Event.objects.values()))


def test_an_invented_host_is_not_in_the_mail(asks: Any, otto: Identity) -> None:
    forged = Client().post(ASK, {"name": "otto"}, headers={"host": "evil.example"})
    assert forged.status_code == 400
    [message] = asks("otto", headers={"x-forwarded-host": "evil.example"})

    assert "evil.example" not in message.body
    assert path_in(message)


def test_the_link_is_used_once_and_for_half_an_hour(asks: Any, otto: Identity) -> None:
    with time_machine.travel(START, tick=False):
        [message] = asks("otto")
    with time_machine.travel(START + timedelta(minutes=31), tick=False):
        assert Client().post(path_in(message), BOTH).status_code == 404
    with time_machine.travel(START + timedelta(minutes=29), tick=False):
        assert Client().post(path_in(message), BOTH).status_code == 302
        again = dict.fromkeys(BOTH, "four geese on a meadow")
        assert Client().post(path_in(message), again).status_code == 404

    otto.refresh_from_db()
    assert otto.check_password(NEW)


@pytest.mark.parametrize("what", ["asked again", "signed in", "changed", "disabled", "invited"])
def test_the_link_dies_with(
    asks: Any, client_of: ClientOf, ada: Identity, otto: Identity, what: str
) -> None:
    [message] = asks("otto")
    match what:
        case "asked again":
            asks("otto")
        case "signed in":
            client_of(otto)
        case "changed":
            form = {"current_password": PASSWORD} | dict.fromkeys(BOTH, "four geese on a meadow")
            client_of(otto).post("/profile/password/", form)
        case "disabled":
            actions.disable(by=ada, identity=otto, at=timezone.now())
        case "invited":
            invitations.invite(by=ada, identity=otto, at=timezone.now())

    assert Client().get(path_in(message)).status_code == 404
    assert Client().post(path_in(message), BOTH).status_code == 404


def test_who_asks_for_others_neither_floods_them_nor_ends_an_administrators_link(
    asks: Any, otto: Identity, ada: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invitations.invite(by=ada, identity=otto, at=timezone.now())
    sent = mail.outbox[-1]
    mails = [asks("otto", REMOTE_ADDR=f"203.0.113.{n}") for n in range(6)]

    assert [len(found) for found in mails] == [1, 1, 1, 0, 0, 0]
    assert Client().get(path_in(mails[2][0])).status_code == 200  # the last one mailed still works
    path = re.search(r"8000(/register/\S+)", str(sent.body))
    assert path is not None
    assert Client().get(path.group(1)).status_code == 200
    assert signs_in("otto", PASSWORD)


def test_one_address_cannot_ask_for_many(otto: Identity) -> None:
    answers = [Client().post(ASK, {"name": f"name{n}"}).status_code for n in range(12)]

    assert answers == [302] * 10 + [429] * 2
    elsewhere = Client().post(ASK, {"name": "otto"}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 302


def test_a_bad_password_leaves_the_link_alive(asks: Any, otto: Identity) -> None:
    [message] = asks("otto")
    path = path_in(message)

    for password in ("2 small", "otto otto otto", "password1234", "x" * 129):
        answer = Client().post(path, dict.fromkeys(BOTH, password))
        assert answer.status_code == 200, password
        assert password not in answer.content.decode()
    assert Client().post(path, BOTH).status_code == 302


def test_a_link_does_nothing_at_the_address_of_another_kind(asks: Any, otto: Identity) -> None:
    [message] = asks("otto")
    token = path_in(message).split("/")[2]

    for path in (f"/register/{token}/", f"/set-up/{token}/", f"/reset-password/{token[:-1]}/"):
        assert Client().post(path, BOTH).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_ten_uses_at_once_one_succeeds(otto: Identity) -> None:
    Client().post(ASK, {"name": "otto"})
    path = path_in(mail.outbox[-1])

    def use(number: int) -> int:
        return Client().post(path, dict.fromkeys(BOTH, f"three ducks, pond {number}")).status_code

    answers = at_once([partial(use, number) for number in range(10)])
    assert sorted(answers, key=str) == [302] + [404] * 9


def test_the_pages_take_only_what_they_know(db: None) -> None:
    browser = Client()
    empty = browser.post(ASK, {"name": ""})
    assert "Type the user name that you sign in with." in empty.content.decode()
    assert browser.delete(ASK).status_code == 405
    assert browser.post(ASKED).status_code == 405
    assert 'value="otto"' in browser.get(f"{ASK}?login=otto").content.decode()
    assert "If there is such an account" in browser.get(ASKED).content.decode()
