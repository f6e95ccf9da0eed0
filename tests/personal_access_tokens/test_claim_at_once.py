"""Ten claims of one token at the same moment: one has it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from tests.at_once import at_once
from tests.factories import make_account, make_person
from tokens.models import Credential
from tokens.personal_access_tokens import pickups
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_ten_claims_at_once_make_one_token() -> None:
    owner, now, life = make_person("owner"), timezone.now(), timedelta(days=30)
    account = make_account("audit01", owner=owner).account
    draft = Draft("Export", ["fr:am:*"], Lifetime(now + life))
    with transaction.atomic():
        pickup = pickups.offer(by=SYSTEM, account=account, draft=draft, lifetime=life, at=now)
    acts = [
        partial(
            pickups.claim, by=owner, pickup=pickup, name=f"Export {number}", within=None, at=now
        )
        for number in range(10)
    ]
    answers = at_once(acts)
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert {type(error) for error in refused} == {pickups.NotYourToken}
    assert len(refused) == 9
    assert Credential.objects.filter(kind="personal_access_token").count() == 1
