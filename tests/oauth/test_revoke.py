"""Token revocation (RFC 7009): durable, once, and for tokens of the caller's own alone."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, Identity
from tests.at_once import at_once
from tests.factories import make_account
from tests.factories.tokens import make_token
from tests.oauth.asking import REVOKE, Caller, basic, traded
from tests.oauth.holder import FORM, Holder
from tests.oauth.program import Program
from tests.oauth.test_database_fails import assert_told_to_come_back, failing
from tokens.access_tokens import actions
from tokens.access_tokens.models import RevokedToken, UsedAssertion

pytestmark = pytest.mark.django_db

DOORS = ["/environment/info", "/am/oauth2/tokeninfo", "/openidm/managed/alpha_user", "/feature"]


@pytest.fixture
def caller(holder: Holder) -> Caller:
    return Caller(holder)


def revoked() -> list[Event]:
    return list(Event.objects.filter(action="token.revoked"))


@pytest.mark.parametrize("path", [REVOKE, "/am/oauth2/token/revoke"])
def test_a_revoked_token_is_refused_at_the_next_call_of_every_door(
    caller: Caller, path: str
) -> None:
    token, other = caller.holder.token(), caller.holder.token()
    assert [caller.holder.get(door, token).status_code == 401 for door in DOORS] == [False] * 4
    answer = caller.post(path, token)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    refused = [caller.holder.get(door, token) for door in DOORS]
    assert [one.status_code for one in refused] == [401] * 4
    assert all('error="invalid_token"' in one.headers["WWW-Authenticate"] for one in refused)
    assert caller.works(other), "only that one"
    assert caller.works(caller.holder.token())


def test_it_is_told_in_the_audit_log_without_the_token(caller: Caller) -> None:
    token = caller.holder.token()
    caller.revoke(token)
    (event,) = revoked()
    row = RevokedToken.objects.get()
    assert (event.actor_id, event.subject_id) == (caller.holder.id, caller.holder.id)
    assert event.detail["token_id"] == row.token_id
    assert token not in json.dumps(list(Event.objects.values_list("detail", "reason")))


def test_twice_is_harmless_and_told_once(caller: Caller) -> None:
    token = caller.holder.token()
    assert [caller.revoke(token).status_code for _time in range(3)] == [200] * 3
    assert (len(revoked()), RevokedToken.objects.count()) == (1, 1)


def test_a_personal_access_token_revokes_what_its_holder_has(ada: Identity) -> None:
    holder = make_account("exporter", owner=ada).account.identity
    made = make_token(holder, scopes=["fr:idm:*"], by=ada)
    other = make_token(holder, "Other", scopes=["fr:am:*"], by=ada)
    first, second = traded(made), traded(other)
    for token in (first, second):
        answer = Program(basic(made)).post(REVOKE, f"token={token}", content_type=FORM)
        assert answer.status_code == 200
    assert RevokedToken.objects.filter(identity_id=holder.pk).count() == 2
    assert [event.subject_label for event in revoked()] == ["exporter"] * 2


@pytest.mark.parametrize("token", ["x", "a.b.c", "a." * 10_000, "ü", "\x00", " "])
def test_what_is_no_token_is_revoked_already(caller: Caller, token: str) -> None:
    answer = caller.revoke(token, token_type_hint="refresh_token")
    assert (answer.status_code, answer.content) == (200, b"")
    assert not RevokedToken.objects.exists()
    assert revoked() == []


def test_a_token_of_somebody_else_goes_on_and_nobody_is_told(caller: Caller) -> None:
    other = Caller(Holder(make_account("other")))
    token = other.holder.token()
    nothing, foreign = caller.revoke("x"), caller.revoke(token)
    assert (foreign.status_code, foreign.content) == (nothing.status_code, nothing.content)
    assert set(foreign.headers) == set(nothing.headers)
    assert other.works(token)
    assert revoked() == []


def test_nobody_revokes_anothers_token_past_the_endpoint(caller: Caller) -> None:
    from django.utils import timezone

    from accounts.authorization.policies import NotAllowed
    from tokens.access_tokens.verify import verify

    token = verify(caller.holder.token(), timezone.now())
    stranger = verify(Holder(make_account("other")).token(), timezone.now()).holder
    with pytest.raises(NotAllowed):
        actions.revoke(by=stranger, token=token, at=timezone.now())
    assert not RevokedToken.objects.exists()


def test_the_check_costs_no_statement(caller: Caller) -> None:
    token = caller.holder.token()
    caller.works(token)
    with CaptureQueriesContext(connection) as captured:
        assert caller.works(token)
    assert len(captured) == 1
    assert "tokens_revokedtoken" in captured[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_at_once_it_is_revoked_once() -> None:
    caller = Caller(Holder(make_account()), Program(own_connection=True))
    token = caller.holder.token()
    answers = at_once([lambda: caller.revoke(token).status_code] * 4)
    assert answers == [200] * 4
    assert (len(revoked()), RevokedToken.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_assertion_at_once_serves_once() -> None:
    caller = Caller(Holder(make_account()), Program(own_connection=True))
    token = caller.holder.token()
    used = caller.holder.assertion(aud="http://127.0.0.1:8000")

    def ask() -> int:
        return caller.introspect(token, client_assertion=used).status_code

    assert sorted(at_once([ask] * 4), key=str) == [200, 401, 401, 401]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", ["tokens_revokedtoken", "tokens_usedassertion", "accounts_event"])
def test_what_dies_in_the_middle_is_not_said_to_be_done(part: str) -> None:
    """RB-43: 200 only when durable; and the same request is good again."""
    caller = Caller(Holder(make_account()))
    token = caller.holder.token()
    assertion = caller.holder.assertion(aud="http://127.0.0.1:8000")
    used = UsedAssertion.objects.count()
    with failing(f'INSERT INTO "{part}"', OperationalError):
        assert_told_to_come_back(caller.revoke(token, client_assertion=assertion))
    assert not RevokedToken.objects.exists()
    assert (revoked(), UsedAssertion.objects.count()) == ([], used)
    assert caller.works(token)
    assert caller.revoke(token, client_assertion=assertion).status_code == 200
    assert not caller.works(token)
