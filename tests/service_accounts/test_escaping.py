"""What people and strangers type is shown as they typed it, and never as markup."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.context import RequestFacts, request_facts
from accounts.audit.models import Outcome
from accounts.models import Identity
from tests.factories import make_account, make_person
from tests.service_accounts.filled import LIST, NEW, edit_form, new_form, page
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db

CANARY = "<img src=x onerror=alert(1)>"
BREAKOUT = '"><script>alert(1)</script>'


def test_no_page_of_an_account_runs_what_was_typed(admin: Client, ada: Identity) -> None:
    """AB-41."""
    owner = make_person("evil", first_name=CANARY)
    made = make_account(CANARY, description=BREAKOUT, owner=owner, by=ada)
    buffer.add(
        identity_id=made.account.pk,
        use=Use.TOKEN,
        credential_id=made.credential.pk,
        scopes=["fr:am:*"],
        address="192.0.2.1",
        client=BREAKOUT,
        at=timezone.now(),
    )
    with request_facts(RequestFacts(address="192.0.2.1", user_agent=BREAKOUT, request_id="r")):
        record(
            "token.refused",
            by=UnknownActor(label=CANARY),
            subject=made.account,
            outcome=Outcome.REFUSED,
            reason=BREAKOUT,
            detail={"error": CANARY},
        )
    urls = [LIST, NEW, *(page(name, made.account) for name in PAGES)]
    for url in (*urls, f"{LIST}?q={BREAKOUT}", f"{NEW}?from={BREAKOUT}"):
        seen = admin.get(url).content.decode()
        assert CANARY not in seen, url
        assert BREAKOUT not in seen, url
    form = edit_form(admin, made.account, scopes=[])
    for answer in (
        admin.post(page("edit", made.account), form),
        admin.post(page("delete", made.account), {"name": BREAKOUT}),
        admin.post("/service-accounts/disable/", {"selected": [str(made.account.pk)]}),
        admin.post(NEW, new_form(name=BREAKOUT, description=CANARY, scopes=[CANARY])),
        admin.post(NEW, new_form(name=BREAKOUT, description=BREAKOUT)),
        admin.post(page("disable", made.account), follow=True),
        admin.post(page("delete", made.account), {"name": CANARY}, follow=True),
    ):
        seen = answer.content.decode()
        assert CANARY not in seen
        assert BREAKOUT not in seen


PAGES = [
    "detail",
    "keys",
    "scopes",
    "activity",
    "edit",
    "disable",
    "revoke_tokens",
    "delete",
]


def test_no_page_may_run_scripts_of_its_own(admin: Client, ada: Identity) -> None:
    account = make_account("audit01").account
    for name in PAGES:
        policy = admin.get(page(name, account))["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
