"""Uses are counted in memory and written as sums by day: no row a request."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Identity
from tests.factories.people import PASSWORD
from tests.oauth.holder import Holder
from tokens.access_tokens.guard import bearer
from tokens.access_tokens.verify import AccessToken
from tokens.doors.rest.errors import problem
from tokens.service_accounts.gui_access import Missing, missing
from tokens.usage import buffer as module
from tokens.usage.buffer import UseBuffer, buffer
from tokens.usage.models import AccountUse, DailyUse, Use

pytestmark = pytest.mark.django_db


def add(to: UseBuffer, holder: Holder, *, client: str = "curl/8", times: int = 1) -> None:
    for _time in range(times):
        to.add(
            identity_id=holder.made.account.pk,
            use=Use.TOKEN,
            credential_id=holder.made.credential.pk,
            scopes=["fr:idm:*", "fr:am:*"],
            address="192.0.2.7",
            client=client,
            at=timezone.now(),
        )


def test_a_token_and_a_call_are_one_row_each_however_many(holder: Holder) -> None:
    token = holder.token()
    holder.token()
    for _time in range(5):
        holder.get("/openidm/info/login", token)
    buffer.flush()
    counts = {row.use: (row.count, row.scopes) for row in DailyUse.objects.all()}
    assert counts == {"token": (2, "fr:am:* fr:idm:*"), "call": (5, "fr:idm:*")}


def test_a_call_that_is_not_answered_is_none(holder: Holder) -> None:
    token = holder.token()
    for path in ("/openidm/managed/svcacct/nobody", "/openidm/nowhere"):
        assert holder.get(path, token).status_code >= 400
    buffer.flush()
    assert not DailyUse.objects.filter(use=Use.CALL).exists()
    assert missing(made_ready(holder)) == Missing.CALL
    holder.get("/openidm/info/login", token)
    assert missing(holder.made.account.identity) is None


def test_a_call_that_fails_is_counted_as_tried(holder: Holder, rf: RequestFactory) -> None:
    @bearer(problem)
    def broken(request: HttpRequest, token: AccessToken) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken(rf.get("/", headers={"Authorization": f"Bearer {holder.token()}"}))
    buffer.flush()
    assert [row.use for row in DailyUse.objects.exclude(use=Use.TOKEN)] == [Use.TRIED]


def made_ready(holder: Holder) -> Identity:
    """Somebody has registered to sign in as it."""
    identity = holder.made.account.identity
    identity.set_password(PASSWORD)
    identity.save(update_fields=["password"])
    return identity


def test_sums_are_added_to_what_is_stored(holder: Holder) -> None:
    for _time in range(3):
        add(buffer, holder, times=2)
        buffer.flush()
    row = DailyUse.objects.get()
    assert (row.count, row.address, row.client) == (6, "192.0.2.7", "curl/8")
    assert row.first_at <= row.last_at


def test_each_client_and_day_has_its_own_row(holder: Holder) -> None:
    add(buffer, holder)
    add(buffer, holder, client="frodo")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        add(buffer, holder)
    buffer.flush()
    assert DailyUse.objects.count() == 3


def test_the_account_and_its_key_know_when_they_were_used_last(holder: Holder) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        holder.token()
    with time_machine.travel(now - timedelta(minutes=1), tick=False):
        add(buffer, holder)
    buffer.flush()
    assert AccountUse.objects.get(pk=holder.made.account.pk).last_used_at == now
    holder.made.credential.refresh_from_db()
    assert holder.made.credential.last_used_at == now


def test_what_cannot_be_written_is_kept(holder: Holder) -> None:
    def fails(*_arguments: object) -> None:
        raise OperationalError("the database is gone")

    add(buffer, holder)
    with connection.execute_wrapper(fails), pytest.raises(OperationalError):
        buffer.flush()
    add(buffer, holder)
    buffer.flush()
    assert DailyUse.objects.get().count == 2


def test_a_full_buffer_writes_itself(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEYS", 3)
    for number in range(3):
        add(buffer, holder, client=f"client {number}")
    assert DailyUse.objects.count() == 3


def test_uses_of_an_identity_that_is_gone_block_nobody(holder: Holder) -> None:
    buffer.add(
        identity_id=uuid.uuid4(),
        use=Use.CALL,
        credential_id=None,
        scopes=[],
        address="",
        client="",
        at=timezone.now(),
    )
    add(buffer, holder)
    buffer.flush()
    assert DailyUse.objects.get().identity_id == holder.made.account.pk


def test_counting_costs_no_statement(holder: Holder) -> None:
    with CaptureQueriesContext(connection) as captured:
        add(buffer, holder, times=100)
    assert len(captured) == 0


def test_no_use_is_lost_between_threads(holder: Holder) -> None:
    many = UseBuffer()
    threads = [threading.Thread(target=add, args=(many, holder), kwargs={"times": 200})]
    threads += [threading.Thread(target=add, args=(many, holder), kwargs={"times": 200})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    many.flush()
    assert DailyUse.objects.get().count == 400
