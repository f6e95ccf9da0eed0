"""Token introspection (RFC 7662): a caller learns about its own tokens, and of no other a thing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from tests.access_tokens.forging import forged
from tests.access_tokens.reading import claims_of
from tests.factories import make_account
from tests.factories.tokens import make_token
from tests.oauth.asking import INACTIVE, INTROSPECT, Caller, basic, by_form, traded
from tests.oauth.holder import FORM, LEFT_OUT, Holder
from tests.oauth.keys import curve_key
from tests.oauth.program import Program
from tests.oauth.test_states import disable
from tokens.access_tokens import actions
from tokens.personal_access_tokens import actions as personal

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(holder: Holder) -> Caller:
    return Caller(holder)


@pytest.mark.parametrize("path", [INTROSPECT, "/am/oauth2/introspect"])
def test_a_token_of_ones_own_is_told_in_full(caller: Caller, path: str) -> None:
    token = caller.holder.token(scope="fr:idm:* fr:am:*")
    answer = caller.post(path, token)
    claims = claims_of(token)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "active": True,
        "scope": "fr:am:* fr:idm:*",
        "client_id": "service-account",
        "token_type": "Bearer",
        "exp": claims["exp"],
        "iat": claims["iat"],
        "sub": caller.holder.id,
        "aud": settings.STEWARD_PUBLIC_URL,
        "iss": settings.STEWARD_PUBLIC_URL,
        "jti": claims["jti"],
    }


def test_a_personal_access_token_asks_by_header_and_form(ada: Identity) -> None:
    holder = make_account("exporter", owner=ada).account.identity
    made = make_token(holder, scopes=["fr:idm:*"], by=ada)
    token = traded(made)
    body = f"token={token}&token_type_hint=access_token"
    by_header = Program(basic(made)).post(INTROSPECT, body, content_type=FORM)
    parameters = "&".join(f"{k}={v}" for k, v in by_form(made).items())
    in_form = Program().post(INTROSPECT, f"{body}&{parameters}", content_type=FORM)
    for answer in (by_header, in_form):
        told = answer.json()
        assert (told["active"], told["sub"]) == (True, str(holder.pk))
        assert told["client_id"] == made.client_id


def test_a_token_that_is_meant_for_the_caller(caller: Caller) -> None:
    """An API whose audience names its service account may ask about what it is shown."""
    api = Caller(Holder(make_account("payroll")))
    shown = forged(caller.holder, aud=f"urn:uuid:{api.holder.id}")
    assert api.introspect(shown).json()["aud"] == f"urn:uuid:{api.holder.id}"
    assert api.introspect(shown).json()["sub"] == caller.holder.id
    assert caller.introspect(shown).json()["active"] is True, "it is its own as well"
    stranger = Caller(Holder(make_account("stranger")))
    assert stranger.introspect(shown).content == INACTIVE


def inactive(caller: Caller, ada: Identity) -> dict[str, str]:
    """By what is wrong with each."""
    holder = caller.holder
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        old = holder.token()
    revoked, foreign = holder.token(), Holder(make_account("other")).token()
    caller.revoke(revoked)
    stopped = Holder(make_account("stopped"))
    disabled = stopped.token()
    disable(stopped.made, timezone.now())
    made = make_token(holder.made.account.identity, scopes=["fr:idm:*"], by=ada)
    of_gone = traded(made)
    personal.revoke(by=ada, token=made.token, at=timezone.now())
    return {
        "expired": old,
        "revoked": revoked,
        "of another": foreign,
        "of a disabled one": disabled,
        "of a revoked token": of_gone,
        "by another key": forged(holder, jwk=curve_key("P-256")),
        "of another issuer": forged(holder, iss="https://elsewhere.example"),
        "of another type": forged(holder, header={"typ": "JWT"}),
        "without a signature": holder.token().rpartition(".")[0] + ".",
        "cut off": holder.token()[:80],
        "a secret": made.secret,
        "an assertion": holder.assertion(),
        "no token": "x",
        "control characters": "\x00\r\n\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
        "not ASCII": "ünïcode.tökèn.ß",
        "long": "a." * 10_000,
    }


def test_everything_else_is_inactive_and_nothing_more(caller: Caller, ada: Identity) -> None:
    answers = {why: caller.introspect(token) for why, token in inactive(caller, ada).items()}
    assert {why: a.status_code for why, a in answers.items() if a.status_code != 200} == {}
    assert {why: a.content for why, a in answers.items() if a.content != INACTIVE} == {}
    heads = [{k: v for k, v in a.headers.items() if k != "X-Request-ID"} for a in answers.values()]
    assert all(head == heads[0] for head in heads)


def test_all_tokens_revoked_at_once_are_inactive(caller: Caller) -> None:
    token = caller.holder.token()
    account = caller.holder.made.account
    actions.revoke_all(by=SYSTEM, holder=account, at=timezone.now())
    assert caller.introspect(token).content == INACTIVE


def test_a_caller_that_is_stopped_learns_nothing(caller: Caller) -> None:
    token = caller.holder.token()
    disable(caller.holder.made, timezone.now())
    answer = caller.introspect(token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "urn:nonsense", ""])
def test_a_hint_changes_nothing(caller: Caller, hint: str) -> None:
    token = caller.holder.token()
    assert caller.introspect(token, token_type_hint=hint).json()["active"] is True


def test_no_assertion_asks_twice(caller: Caller) -> None:
    token, used = caller.holder.token(), caller.holder.assertion(aud=settings.STEWARD_PUBLIC_URL)
    assert caller.introspect(token, client_assertion=used).status_code == 200
    assert caller.introspect(token, client_assertion=used).status_code == 401
    assert caller.revoke(token, client_assertion=used).status_code == 401
    assert caller.holder.ask(used).status_code == 400, "nor gets it a token"
    assert caller.works(token)


def test_what_is_no_token_takes_as_long_as_what_is_one(
    caller: Caller, ada: Identity, django_assert_num_queries: object
) -> None:
    """AB-79: the database is asked as often, whatever is wrong."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for why, token in inactive(caller, ada).items():
        with CaptureQueriesContext(connection) as captured:
            caller.introspect(token)
        counts[why] = len(captured)
    assert len(set(counts.values())) == 1, counts


def test_the_time_is_told_as_numbers(caller: Caller) -> None:
    told = caller.introspect(caller.holder.token()).json()
    assert told["iat"] <= time.time() < told["exp"]
    assert LEFT_OUT not in told.values()
