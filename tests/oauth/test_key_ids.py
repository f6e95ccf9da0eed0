"""`kid` is optional; one that names no key of the account is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tests.oauth.keys import account_with, curve_key, public
from tests.oauth.test_headers import forged
from tokens.credentials import actions
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin

pytestmark = pytest.mark.django_db


def status(holder: Holder, **header: Any) -> int:
    return holder.ask(holder.assertion(header={"alg": "ES256"} | header)).status_code


@pytest.fixture
def second(made: Made) -> Holder:
    """The same account with a second key, while the first goes on for a day."""
    jwk = curve_key("P-256")
    issued = actions.regenerate(
        by=SYSTEM,
        account=made.account,
        choice=KeyChoice(KeyOrigin.UPLOADED, public_key=json.dumps(public(jwk))),
        keep_old_for=timedelta(hours=24),
        revoke_tokens=False,
        within=None,
        at=timezone.now(),
    )
    assert issued.credential is not None
    return Holder(Made(made.account, issued.credential, jwk))


def test_it_may_be_named(holder: Holder) -> None:
    assert status(holder, kid=holder.made.credential.key_id) == 200


@pytest.mark.parametrize("kid", ["another", "", " ", "\x00", "' OR 1=1 --", "../../key", "x" * 500])
def test_one_that_names_no_key_of_the_account_is_refused(holder: Holder, kid: str) -> None:
    assert status(holder, kid=kid) == 400


@pytest.mark.parametrize("kid", [None, 7, ["a"], {"kid": 1}, True])
def test_one_that_is_no_text_is_refused(holder: Holder, kid: Any) -> None:
    assert forged(holder, {"alg": "ES256", "kid": kid}) == 400


def test_the_key_of_another_account_cannot_be_named(holder: Holder) -> None:
    other = make_account("other")
    assert status(holder, kid=other.credential.key_id) == 400


def test_without_it_every_active_key_is_tried(holder: Holder, second: Holder) -> None:
    assert status(holder) == 200
    assert status(second) == 200


def test_with_it_only_that_key_is_tried(holder: Holder, second: Holder) -> None:
    assert status(holder, kid=second.made.credential.key_id) == 400
    assert status(second, kid=second.made.credential.key_id) == 200


def test_a_name_that_the_holder_chose_is_kept(db: None) -> None:
    jwk = curve_key("P-256") | {"kid": "2026-11 build server"}
    holder = Holder(account_with(jwk))
    header = {"alg": "ES256", "kid": "2026-11 build server"}
    assert holder.ask(holder.assertion(header=header), scope="fr:am:*").status_code == 200
