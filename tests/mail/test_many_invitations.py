"""Many invitations at once go out as a job; refusals for good are told from those of the moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions, invitations
from accounts.identities.models import Invitation
from accounts.jobs.models import Job
from accounts.jobs.run import run_job
from accounts.models import Identity
from accounts.profiles.models import InvitePolicy
from console.mail import jobs
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process
from tests.setup.running import free_port

pytestmark = pytest.mark.django_db


def invited(name: str, email: str) -> Invitation:
    person = actions.create_person(
        by=SYSTEM,
        user_name=name,
        first_name="",
        last_name="N",
        email=email,
        levels=[],
        at=timezone.now(),
    )
    return invitations.invite(by=SYSTEM, identity=person, at=timezone.now())


def mail_all() -> Job:
    jobs.start_mailing()
    jobs.start_mailing()  # a second one finds the first
    [job] = Job.objects.filter(kind=jobs.KIND, state="queued")
    run_job(job.pk)
    job.refresh_from_db()
    return job


def test_all_who_are_made_are_mailed_by_one_job() -> None:
    source = make_source()
    bring(source, rows(*(f"{n},svc{n},team@x.example,p" for n in range(120))))
    process(make_profile(source, invite_policy=InvitePolicy.ON_CREATION))

    job = mail_all()

    assert (job.state, job.result) == ("succeeded", {"sent": 120, "failed": 0})
    assert len({message.body for message in mail.outbox}) == 120
    assert not Invitation.objects.filter(sent_at=None).exists()
    assert set(Invitation.objects.values_list("email", "automatic")) == {("team@x.example", True)}


def test_upkeep_makes_many_a_job_and_few_none() -> None:
    for number in range(jobs.MAILS_A_RUN + 5):
        invited(f"p{number}", "p@x.example")

    jobs.send_due()

    assert len(mail.outbox) == 1
    assert mail_all().result == {"sent": jobs.MAILS_A_RUN + 4, "failed": 0}
    jobs.send_due()
    assert not Job.objects.filter(kind=jobs.KIND, state="queued").exists()


class Picky:
    """A server that refuses some mailboxes for good and others for now."""

    def __init__(self) -> None:
        self.conversations = 0
        self.taken: list[str] = []

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.conversations += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 No such mailbox here"
        if address.startswith("full"):
            return "452 4.2.2 Mailbox full, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if any(address.startswith("spam") for address in envelope.rcpt_tos):
            return "554 5.7.1 Refused by policy"
        self.taken += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def picky(settings: Any) -> Any:
    server = Picky()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield server
    controller.stop()


def test_over_real_smtp_one_refusal_holds_nobody_up(picky: Picky) -> None:
    names = ["a", "nobody", "b", "full", "spam", "c"]
    by_name = {name: invited(name, f"{name}@x.example") for name in names}

    job = mail_all()

    assert job.result == {"sent": 3, "failed": 3}
    assert sorted(picky.taken) == ["a@x.example", "b@x.example", "c@x.example"]
    for invitation in by_name.values():
        invitation.refresh_from_db()
    for_good = by_name["nobody"]
    assert (for_good.next_try_at, for_good.failure) == (None, "550 5.1.1 No such mailbox here")
    assert by_name["spam"].next_try_at is None
    later = by_name["full"]
    assert later.next_try_at is not None
    assert later.failure == "452 4.2.2 Mailbox full, try again later"
    told = Event.objects.filter(action="identity.invitation_not_sent")
    assert sorted(e.detail["given_up"] for e in told) == [False, True, True]


def test_many_mails_share_a_conversation(picky: Picky) -> None:
    for number in range(30):
        invited(f"p{number}", "p@x.example")

    mail_all()

    assert (len(picky.taken), picky.conversations) == (30, 1)


def test_a_server_that_is_down_is_asked_once_a_run(settings: Any) -> None:
    for number in range(30):
        invited(f"p{number}", "p@x.example")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    jobs.send_due()
    job = mail_all()

    assert job.result == {"sent": 0, "failed": 1}
    assert Invitation.objects.filter(tries__gt=0).count() == 2


def test_who_may_not_sign_in_any_more_blocks_no_queue(ada: Identity) -> None:
    invitation = invited("gone", "gone@x.example")
    Identity.objects.filter(user_name="gone").update(email="")

    jobs.send_due()

    invitation.refresh_from_db()
    assert invitation.next_try_at is None
    assert invitation.failure == "Add an e-mail address first: the invitation goes there."
    assert mail.outbox == []


def test_somebody_tries_again_by_hand(ada: Identity) -> None:
    invitation = invited("nina", "nina@x.example")
    Invitation.objects.filter(pk=invitation.pk).update(
        next_try_at=None, tries=8, failure="550 no such mailbox"
    )
    invitation.refresh_from_db()

    invitations.retry(by=ada, invitation=invitation, at=timezone.now())
    jobs.send_due()

    invitation.refresh_from_db()
    assert invitation.sent_at is not None
    with pytest.raises(invitations.CannotInvite, match="no longer waiting"):
        invitations.retry(by=ada, invitation=invitation, at=timezone.now())
    late = timezone.now() + timedelta(days=8)
    with pytest.raises(invitations.CannotInvite):
        invitations.retry(by=ada, invitation=invitation, at=late)
