"""An invitation that went out by itself is sent again when it expires, a stated number of times."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions, invitations, renewing
from accounts.identities.invitations import INVITATION_LIFETIME
from accounts.identities.models import Invitation
from accounts.identities.renewing import MOST_RENEWALS
from accounts.models import Identity, ServiceAccount
from accounts.profiles.models import InvitePolicy
from accounts.service_accounts import actions as service_accounts
from console.mail import jobs
from tests.at_once import at_once
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process
from tests.identities.people import NEW, invite

pytestmark = pytest.mark.django_db
WEEK = INVITATION_LIFETIME + timedelta(minutes=1)


@pytest.fixture
def audit01(db: None) -> Identity:
    source = make_source()
    bring(source, rows("1,audit01,team@x.example,p"))
    process(make_profile(source, invite_policy=InvitePolicy.ON_CREATION))
    return identity("audit01")


def is_open(at: datetime) -> list[int]:
    return list(Invitation.objects.open_at(at).values_list("renewals", flat=True))


def test_it_is_sent_again_twice_and_then_no_more(audit01: Identity) -> None:
    at = timezone.now()
    for expected in range(1, MOST_RENEWALS + 1):
        at += WEEK
        assert renewing.renew_due(at=at) == 1
        assert renewing.renew_due(at=at) == 0
        assert is_open(at) == [expected]
    at += WEEK
    assert renewing.renew_due(at=at) == 0
    assert Invitation.objects.count() == MOST_RENEWALS + 1
    assert Event.objects.filter(action="identity.invited").count() == MOST_RENEWALS + 1


def test_one_that_was_sent_by_hand_is_not(ada: Identity) -> None:
    person = actions.create_person(by=ada, levels=[], at=timezone.now(), **NEW)
    invite(person, ada)

    assert renewing.renew_due(at=timezone.now() + WEEK) == 0


@pytest.mark.parametrize("act", ["registered", "disabled", "deleted", "ended", "by hand"])
def test_whoever_needs_none_gets_none(audit01: Identity, ada: Identity, act: str) -> None:
    now = timezone.now()
    account = ServiceAccount.objects.get(pk=audit01.pk)
    if act == "registered":
        audit01.set_password("three ducks on a pond")
        audit01.save(update_fields=["password"])
    elif act == "disabled":
        service_accounts.disable(by=ada, account=account, at=now)
        service_accounts.enable(by=ada, account=account, at=now)
    elif act == "deleted":
        service_accounts.delete(by=ada, account=account, at=now)
    elif act == "ended":
        ServiceAccount.objects.filter(pk=account.pk).update(ends_at=now)
    else:
        invitations.invite(by=ada, identity=audit01, at=now)
    before = Invitation.objects.count()

    renewing.renew_due(at=now + WEEK)

    assert Invitation.objects.count() == before


def test_with_another_address_the_old_link_dies_and_the_new_address_gets_one(
    audit01: Identity, mails: Any
) -> None:
    source = make_source("Other")
    bring(source, rows("2,audit02,old@x.example,p"))
    profile = make_profile(source, invite_policy=InvitePolicy.ON_CREATION)
    process(profile)
    first = Invitation.objects.get(identity__user_name="audit02")
    bring(source, rows("2,audit02,new@x.example,p"))
    process(profile)

    first.refresh_from_db()
    assert first.used_at is not None
    renewing.renew_due(at=timezone.now())
    second = Invitation.objects.open_at(timezone.now()).get(identity__user_name="audit02")
    assert (second.email, second.renewals) == ("new@x.example", 0)
    assert Invitation.objects.open_at(timezone.now()).filter(identity=audit01).count() == 1


def test_upkeep_renews_and_mails(audit01: Identity, mails: Any) -> None:
    jobs.send_due()
    Invitation.objects.update(
        expires_at=timezone.now() - timedelta(minutes=1),
        renew_at=timezone.now() - timedelta(minutes=1),
    )

    jobs.renew_due()
    jobs.send_due()

    assert [message.to for message in mail.outbox] == [["team@x.example"]] * 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(ada: Identity) -> None:
    at = timezone.now() + WEEK
    person = actions.create_person(by=ada, levels=[], at=timezone.now(), **NEW)
    invitation = invite(person, ada)
    Invitation.objects.filter(pk=invitation.pk).update(renew_at=invitation.expires_at)

    at_once([partial(renewing.renew_due, at=at)] * 3)

    assert is_open(at) == [1]


def test_the_system_alone_renews(audit01: Identity) -> None:
    renewing.renew_due(at=timezone.now() + WEEK)

    event = Event.objects.filter(action="identity.invited").order_by("-id").first()
    assert event is not None
    assert event.actor_label == SYSTEM.label
