"""Each state of account and key at each way to get and to use a token (AB-82)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from accounts.service_accounts import actions as service_accounts
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import GRANT_TYPE, Holder
from tokens.access_tokens import actions as access_tokens
from tokens.access_tokens.models import UsedAssertion
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import Credential, KeyOrigin

pytestmark = pytest.mark.django_db

Change = Callable[[Made, datetime], Any]


def disable(made: Made, at: datetime) -> None:
    service_accounts.disable(by=SYSTEM, account=made.account, at=at)


def delete(made: Made, at: datetime) -> None:
    service_accounts.delete(by=SYSTEM, account=made.account, at=at)


def revoke_key(made: Made, at: datetime) -> None:
    credentials.revoke(by=SYSTEM, credential=made.credential, at=at)


def revoke_tokens(made: Made, at: datetime) -> None:
    access_tokens.revoke_all(by=SYSTEM, holder=made.account, at=at)


def regenerate(made: Made, at: datetime, *, revoke: bool = False) -> None:
    credentials.regenerate(
        by=SYSTEM,
        account=made.account,
        choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
        keep_old_for=timedelta(0),
        revoke_tokens=revoke,
        within=None,
        at=at,
    )


def regenerate_and_revoke(made: Made, at: datetime) -> None:
    regenerate(made, at, revoke=True)


def narrow(made: Made, at: datetime) -> None:
    service_accounts.set_scopes(by=SYSTEM, account=made.account, scopes=["fr:am:*"], at=at)


WAYS_TO_GET = ("/am/oauth2/access_token", "/oauth/token")
WAYS_TO_USE = (
    "/openidm/managed/alpha_user?_queryFilter=true",
    "/openidm/managed/svcacct/{id}",
    "/openidm/info/login",
    "/environment/info",
    "/environment/scopes/service-accounts",
    "/feature",
    "/am/json/serverinfo/version",
    "/am/oauth2/tokeninfo",
)


def gets(holder: Holder) -> set[int]:
    """What is answered to a fresh assertion, at every address."""
    body = f"grant_type={GRANT_TYPE}&scope=fr:am:* fr:idm:*&assertion="
    return {holder.post(body + holder.assertion(), path=way).status_code for way in WAYS_TO_GET}


def uses(holder: Holder, token: str) -> set[int]:
    """What is answered to a token, at every resource."""
    return {holder.get(way.format(id=holder.id), token).status_code for way in WAYS_TO_USE}


@pytest.mark.parametrize(
    ("change", "got", "used"),
    [
        (disable, 400, 401),
        (delete, 400, 401),
        (revoke_key, 400, 401),
        (revoke_tokens, 200, 401),
        (regenerate, 400, 200),
        (regenerate_and_revoke, 400, 401),
        (narrow, 400, 200),
    ],
)
def test_a_change_works_from_the_next_request_on(
    holder: Holder, change: Change, got: int, used: int
) -> None:
    token = holder.token()
    assert (gets(holder), uses(holder, token)) == ({200}, {200})
    change(holder.made, timezone.now())
    assert (gets(holder), uses(holder, token)) == ({got}, {used})


def test_what_is_enabled_again_works_again(holder: Holder) -> None:
    token = holder.token()
    disable(holder.made, timezone.now())
    service_accounts.enable(by=SYSTEM, account=holder.made.account, at=timezone.now())
    assert (gets(holder), uses(holder, token)) == ({200}, {200})


def test_an_account_ends_when_it_was_meant_to(db: None) -> None:
    now = timezone.now()
    holder = Holder(make_account(ends_at=now + timedelta(minutes=5)))
    token = holder.token()
    with time_machine.travel(now + timedelta(minutes=5, seconds=1)):
        assert (gets(holder), uses(holder, token)) == ({400}, {401})


def test_a_key_expires_and_its_tokens_run_out_by_themselves(db: None) -> None:
    now = timezone.now()
    holder = Holder(make_account(key_lifetime=timedelta(minutes=5)))
    token = holder.token()
    with time_machine.travel(now + timedelta(minutes=5, seconds=1)):
        assert (gets(holder), uses(holder, token)) == ({400}, {200})


def test_a_token_ends_after_its_lifetime(holder: Holder) -> None:
    token = holder.token()
    now = timezone.now()
    with time_machine.travel(now + timedelta(seconds=880)):
        assert uses(holder, token) == {200}
    with time_machine.travel(now + timedelta(seconds=900)):
        assert uses(holder, token) == {401}


@contextmanager
def just_before_the_write(change: Callable[[], object]) -> Iterator[None]:
    """Somebody makes `change` after the request has read the state and before it writes."""
    done = False

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal done
        if not done and "INSERT INTO tokens_usedassertion" in sql:
            done = True
            change()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield
    assert done


@pytest.mark.parametrize("change", [disable, delete, revoke_key, revoke_tokens, regenerate])
def test_a_change_in_the_midst_of_a_request_counts(holder: Holder, change: Change) -> None:
    holder.token()
    before = UsedAssertion.objects.count()
    a_moment_ago = timezone.now() - timedelta(seconds=1)
    with just_before_the_write(lambda: change(holder.made, a_moment_ago)):
        assert holder.ask().json()["error"] == "invalid_grant"
    assert UsedAssertion.objects.count() == before


def test_an_edit_in_the_midst_of_a_request_does_no_harm(holder: Holder) -> None:
    def mail_changes() -> None:
        Identity.objects.filter(pk=holder.made.account.pk).update(email="new@example.com")

    holder.token()
    with just_before_the_write(mail_changes):
        assert holder.ask().status_code == 200


def test_revoked_stays_revoked_whatever_happens_to_the_process(holder: Holder) -> None:
    """RB-44: there is nothing in memory that could forget it."""
    from tokens.signing import keys

    token = holder.token()
    revoke_key(holder.made, timezone.now())
    keys.forget()
    assert uses(holder, token) == {401}
    assert Credential.objects.get(pk=holder.made.credential.pk).revoked_at
