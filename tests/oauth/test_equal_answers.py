"""Whatever is wrong with an assertion, the caller hears the same (AB-79)."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from tests.factories import make_account
from tests.oauth.holder import Holder, sign
from tests.oauth.keys import curve_key
from tests.oauth.program import Answer
from tests.oauth.test_states import delete, disable

pytestmark = pytest.mark.django_db


def everything_wrong(holder: Holder) -> dict[str, Answer]:
    used, stranger = holder.assertion(), curve_key("P-256")
    holder.ask(used)
    nobody = str(uuid.uuid4())
    disabled, deleted = Holder(make_account("disabled")), Holder(make_account("deleted"))
    disable(disabled.made, timezone.now())
    delete(deleted.made, timezone.now())
    return {
        "is no service account": holder.ask(holder.assertion(iss=nobody, sub=nobody)),
        "signature fits none": holder.ask(sign(holder.claims(), stranger)),
        "kid names none": holder.ask(holder.assertion(header={"alg": "ES256", "kid": "x"})),
        "used before": holder.ask(used),
        "exp has passed": holder.ask(holder.assertion(exp=1)),
        "is not this token endpoint": holder.ask(holder.assertion(aud="https://elsewhere")),
        "is disabled": disabled.ask(),
        "is deleted": deleted.ask(),
        "is no signed JWT": holder.ask("x"),
    }


def test_status_body_and_headers_are_the_same(holder: Holder) -> None:
    answers = list(everything_wrong(holder).values())
    assert {answer.status_code for answer in answers} == {400}
    assert {answer.content for answer in answers} == {
        b'{"error_description": "The assertion is not valid.", "error": "invalid_grant"}'
    }
    headers = [{k: v for k, v in a.headers.items() if k != "X-Request-ID"} for a in answers]
    assert all(one == headers[0] for one in headers)


def test_the_audit_log_tells_them_apart(holder: Holder) -> None:
    reasons = list(everything_wrong(holder))
    told = Event.objects.filter(action="token.refused").order_by("pk")
    assert [event.outcome for event in told] == ["refused"] * len(reasons)
    for event, reason in zip(told, reasons, strict=True):
        assert reason in event.reason
