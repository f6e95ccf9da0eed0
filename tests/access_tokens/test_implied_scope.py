"""fr:idm:* still reaches the ESV endpoints, deprecated, while the tenant lets it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.tenant import actions as tenant
from accounts.tenant.catalogue import IDM_REACHES_ESV
from tests.factories import make_account
from tests.oauth.holder import Holder
from tokens.usage.buffer import buffer
from tokens.usage.models import DailyUse, Use

pytestmark = pytest.mark.django_db

PATH = "/environment/variables"


@pytest.fixture
def manager(db: None) -> Holder:
    return Holder(make_account("manager", scopes=["fr:idm:*"]))


def test_the_answer_says_that_it_is_deprecated_and_until_when(manager: Holder) -> None:
    answer = manager.get(PATH, manager.token(scope="fr:idm:*"))
    assert answer.status_code == 404  # let through; this tenant keeps no variables
    assert answer.headers["Deprecation"] == "@1750723200"
    assert answer.headers["Sunset"] == "Fri, 26 Jun 2026 00:00:00 GMT"


def test_it_is_recorded_once_a_day_and_counted_each_time(manager: Holder) -> None:
    token = manager.token(scope="fr:idm:*")
    for _time in range(3):
        manager.get(PATH, token)
    event = Event.objects.get(action="scope.implied")
    assert event.detail == {"granted": "fr:idm:*", "reached": "fr:idc:esv:read"}
    assert event.subject_id == manager.id
    buffer.flush()
    row = DailyUse.objects.get(use=Use.TRIED)
    assert (row.count, row.scopes) == (3, "fr:idc:esv:read fr:idm:*")


def test_the_tenant_can_turn_it_off(manager: Holder) -> None:
    token = manager.token(scope="fr:idm:*")
    tenant.set_switches(by=SYSTEM, states={IDM_REACHES_ESV.name: False}, at=timezone.now())
    answer = manager.get(PATH, token)
    assert answer.status_code == 403
    assert "Deprecation" not in answer.headers
    assert 'scope="fr:idc:esv:read"' in answer.headers["WWW-Authenticate"]


def test_the_scope_itself_is_not_deprecated(db: None) -> None:
    holder = Holder(make_account("vars", scopes=["fr:idc:esv:*", "fr:idm:*"]))
    answer = holder.get(PATH, holder.token(scope="fr:idc:esv:* fr:idm:*"))
    assert answer.status_code == 404
    assert "Deprecation" not in answer.headers
    assert not Event.objects.filter(action="scope.implied").exists()


def test_what_is_restricted_is_reached_by_nothing(db: None) -> None:
    scopes = ["fr:am:*", "fr:idm:*", "fr:idc:esv:*", "fr:idc:promotion:*"]
    holder = Holder(make_account("broad", scopes=scopes))
    token = holder.token(scope=" ".join(scopes))
    for path in ("/environment/federation/enforcement", "/environment/federation"):
        answer = holder.get(path, token)
        assert answer.status_code == 403
        assert "federation" in answer.headers["WWW-Authenticate"]
