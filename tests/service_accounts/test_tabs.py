"""Keys, scopes and activity of one account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from accounts.tenant import actions as tenant
from accounts.tenant.catalogue import IDM_REACHES_ESV
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.service_accounts.filled import edit_form, page
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db


def replace_key(made: Made, ada: Identity, keep_old_for: timedelta) -> None:
    credentials.regenerate(
        by=ada,
        account=made.account,
        choice=KeyChoice(KeyOrigin.STEWARD, "Ed25519", lifetime=timedelta(days=90)),
        keep_old_for=keep_old_for,
        revoke_tokens=False,
        within=None,
        at=timezone.now(),
    )


def test_every_key_is_listed_with_its_state(admin: Client, ada: Identity, made: Made) -> None:
    replace_key(made, ada, timedelta(days=7))
    answer = admin.get(page("keys", made.account))
    assert [item["state"] for item in answer.context["keys"]] == ["active", "retiring"]
    seen = answer.content.decode()
    for said in (
        made.credential.key_id,
        "P-256",
        "Ed25519",
        "Made by Steward",
        "by ada",
        "Being replaced",
        "Never used",
        "UTC",
        f"/service-accounts/{made.account.pk}/keys/{made.credential.pk}/revoke/",
    ):
        assert said in seen, said


def test_keys_that_ended_stay_listed_without_a_button(
    admin: Client, ada: Identity, made: Made
) -> None:
    credentials.revoke(by=ada, credential=made.credential, at=timezone.now())
    answer = admin.get(page("keys", made.account))
    assert [item["state"] for item in answer.context["keys"]] == ["revoked"]
    assert "/revoke/" not in answer.content.decode()
    assert answer.context["tabs"][1]["count"] == 0


def test_a_private_key_is_nowhere(admin: Client, auditor: Client, made: Made) -> None:
    """AB-05, AB-07."""
    secret = made.private_jwk["d"]
    for client in (admin, auditor):
        for name in ("detail", "keys", "scopes", "activity"):
            seen = client.get(page(name, made.account)).content.decode()
            assert secret not in seen
            assert '"d"' not in seen


def lines(client: Client, made: Made, name: str) -> dict[str, Any]:
    context = client.get(page("scopes", made.account)).context
    return {line.scope: line for line in context[name]}


def test_each_scope_has_a_verdict_and_its_last_use(admin: Client, ada: Identity) -> None:
    made = make_account("esv", scopes=["fr:idc:esv:*"])
    at = timezone.now() - timedelta(hours=2)
    for scopes in (["fr:idc:esv:read"], ["fr:idc:release:*"]):
        buffer.add(
            identity_id=made.account.pk,
            use=Use.TOKEN,
            credential_id=made.credential.pk,
            scopes=scopes,
            address="",
            client="",
            at=at,
        )
    table = lines(admin, made, "table")
    assert table["fr:idc:esv:*"].how == "Assigned"
    assert table["fr:idc:esv:read"].how == "Covered by fr:idc:esv:*"
    assert table["fr:idc:esv:read"].last_used_at == at
    assert table["fr:idc:esv:update"].last_used_at is None
    assert all(line.allowed for line in table.values())
    gone = lines(admin, made, "gone")
    assert not gone["fr:idc:release:*"].allowed
    assert "Neither the account nor a role" in gone["fr:idc:release:*"].how


def test_the_deprecated_implication_is_shown_while_it_holds(
    admin: Client, ada: Identity, made: Made
) -> None:
    assert "fr:idc:esv:*" in lines(admin, made, "implied")
    assert "deprecated" in admin.get(page("scopes", made.account)).content.decode()
    tenant.set_switches(by=ada, states={IDM_REACHES_ESV.name: False}, at=timezone.now())
    assert lines(admin, made, "implied") == {}


def test_it_is_said_in_plain_words(owner: Client, made: Made) -> None:
    seen = owner.get(page("scopes", made.account)).content.decode()
    assert "Read and change everything in Access Management" in seen


def test_activity_tells_what_was_before_and_after(admin: Client, made: Made) -> None:
    admin.post(page("edit", made.account), edit_form(admin, made.account, description="new"))
    seen = admin.get(page("activity", made.account)).content.decode()
    assert "ada created service account audit01" in seen
    assert "<ins>new</ins>" in seen


def test_activity_tells_its_owner_also_what_happened_to_it_as_an_identity(
    client_of: Callable[[Identity], Client], otto: Identity
) -> None:
    account = make_account("mine", owner=otto).account
    for action in ("identity.gui_access_removed", "sign_in.locked_out"):
        record(action, by=SYSTEM, subject=account.identity)
    other = make_account("other", owner=otto).account
    record("identity.disabled", by=SYSTEM, subject=other.identity)
    answer = client_of(otto).get(page("activity", account))
    found = [line.event.action for line in answer.context["lines"]]
    assert {"identity.gui_access_removed", "sign_in.locked_out", "service_account.created"} <= set(
        found
    )
    assert "identity.disabled" not in found


def test_activity_can_be_narrowed(admin: Client, made: Made) -> None:
    record("token.issued", by=SYSTEM, subject=made.account, detail={"scopes": ["fr:am:*"]})

    def actions_of(show: str) -> list[str]:
        answer = admin.get(page("activity", made.account), {"show": show})
        return sorted({line.event.action for line in answer.context["lines"]})

    assert actions_of("tokens") == ["token.issued"]
    assert actions_of("changes") == ["key.issued", "service_account.created"]
    assert actions_of("refused") == []
    assert len(actions_of("nonsense")) == 3


def test_activity_is_of_this_account_alone_and_in_pages(admin: Client, made: Made) -> None:
    other = make_account("other")
    for number in range(60):
        record("token.issued", by=SYSTEM, subject=made.account, reason=f"no {number}")
    first = admin.get(page("activity", made.account))
    assert len(first.context["lines"]) == 50
    second = admin.get(first.context["page"].next_url)
    assert len(second.context["lines"]) == 12
    ids = {line.event.subject_id for line in [*first.context["lines"], *second.context["lines"]]}
    assert ids == {str(made.account.pk)} != {str(other.account.pk)}


def test_many_events_cost_as_many_statements_as_few(
    admin: Client, made: Made, django_assert_num_queries: Any
) -> None:
    url = page("activity", made.account)
    admin.get(url)
    with django_assert_num_queries(14):
        admin.get(url)
    for _number in range(20):
        record("token.issued", by=SYSTEM, subject=made.account)
    with django_assert_num_queries(14):
        admin.get(url)
