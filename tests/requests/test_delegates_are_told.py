"""Who decides in somebody's place knows it, and so do those who wait."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import actions as groups
from accounts.groups.actions import GroupDraft
from accounts.groups.models import Approvers
from accounts.models import Delegation, Group, Identity, RequestLetter
from accounts.requests import delegating
from console.requests.mail import send_due
from tests.factories import make_person
from tests.factories.requests import ask_for_group, decide

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def delegate(person: Identity, to: Identity) -> Delegation:
    now = timezone.now()
    return delegating.set_delegate(
        by=person, delegate=to, since=now, until=now + timedelta(days=3), at=now
    )


def test_who_is_named_is_told_with_what_waits_already(
    requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    ask_for_group(requester, group)
    send_due()
    mail.outbox.clear()
    delegate(boss, mallory)
    send_due()
    [message] = mail.outbox
    assert message.to == ["mallory@example.com"]
    assert message.subject.startswith("You decide in place of Boss until ")
    assert "1 request waits now." in message.body
    assert "http://127.0.0.1:8000/requests/to-approve/\n" in message.body


def test_nobody_is_told_of_what_was_changed_before_the_mail_went(
    boss: Identity, mallory: Identity, vera: Identity
) -> None:
    delegate(boss, mallory)
    delegate(boss, vera)
    send_due()
    assert [message.to for message in mail.outbox] == [["vera@example.com"]]
    delegate(boss, mallory)
    delegating.end(by=boss, at=timezone.now())
    assert RequestLetter.objects.count() == 0


def test_mail_and_lists_say_in_whose_place(
    client_of: ClientOf, requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    delegate(boss, mallory)
    request = ask_for_group(requester, group)
    send_due()
    subjects = {message.to[0]: message.subject for message in mail.outbox[1:]}
    kind = f"Membership of a group ({request.number})"
    assert subjects == {
        "boss@example.com": f"Otto asks you: {kind}",
        "mallory@example.com": f"Otto asks you in place of Boss: {kind}",
    }
    assert "in place of Boss" in client_of(mallory).get("/requests/to-approve/").content.decode()
    assert "in place of" not in client_of(boss).get("/requests/to-approve/").content.decode()


def test_who_asked_sees_who_else_decides(
    client_of: ClientOf, requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    browser, said = client_of(requester), "or Mallory, who decides in their place"
    assert said not in browser.get(f"/requests/{request.pk}/").content.decode()
    delegate(boss, mallory)
    assert said in browser.get(f"/requests/{request.pk}/").content.decode()


def test_who_asked_may_be_named_but_not_for_their_own(
    client_of: ClientOf, requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    today = timezone.now().date()
    named = {"delegate": "otto", "since": today, "until": today + timedelta(days=1)}
    page = client_of(boss).post("/requests/away/", named, follow=True).content.decode()
    assert f"What they ask for themselves stays yours to decide: {request.number}." in page
    theirs = client_of(requester).get(f"/requests/{request.pk}/").content.decode()
    assert "You decide in place of Boss, but nobody decides about their own request." in theirs
    assert "who decides in their place" not in theirs


def test_the_only_administrator_is_told_that_nobody_can_decide(
    client_of: ClientOf, ada: Identity, group: Group
) -> None:
    browser = client_of(ada)
    form = "/requests/new/group_membership/"
    assert "there is none but you" in browser.get(form).content.decode()
    request = ask_for_group(ada, group)
    address = f"/requests/{request.pk}/"
    assert "Nobody can decide this now" in browser.get(address).content.decode()
    assert RequestLetter.objects.count() == 0

    make_person("grace", levels=["admin"])
    page = browser.get(address).content.decode()
    assert "Nobody can decide this now" not in page
    assert '<span class="secondary">Grace</span>' in page
    assert "there is none but you" not in browser.get(form).content.decode()


def test_who_is_asked_themselves_and_for_another_reads_both(
    requester: Identity, boss: Identity, mallory: Identity
) -> None:
    delegate(boss, mallory)
    draft = GroupDraft("G", manager=mallory, may_be_requested=True, approvers=Approvers.BOTH)
    made = groups.create(by=SYSTEM, draft=draft, at=timezone.now())
    request = ask_for_group(requester, made)
    send_due()
    [told] = [each for each in mail.outbox if each.to == ["mallory@example.com"]][1:]
    kind = f"Membership of a group ({request.number})"
    assert told.subject == f"Otto asks you, also in place of Boss: {kind}"


def test_what_they_decided_already_does_not_stay(
    client_of: ClientOf, requester: Identity, boss: Identity, mallory: Identity
) -> None:
    draft = GroupDraft("G", manager=mallory, may_be_requested=True, approvers=Approvers.BOTH)
    made = groups.create(by=SYSTEM, draft=draft, at=timezone.now())
    decide(boss, ask_for_group(requester, made))
    today = timezone.now().date()
    named = {"delegate": "otto", "since": today, "until": today + timedelta(days=1)}
    page = client_of(boss).post("/requests/away/", named, follow=True).content.decode()
    assert "stays yours to decide" not in page
    assert "Otto decides for you from " in page


def test_the_address_of_a_decision_is_404_for_what_is_not_theirs(
    client_of: ClientOf, requester: Identity, mallory: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    for pk in (request.pk, uuid.uuid4()):
        assert client_of(mallory).get(f"/requests/{pk}/decide/").status_code == 404
    address = f"/requests/{request.pk}/"
    assert client_of(requester).get(f"{address}decide/")["Location"] == address
