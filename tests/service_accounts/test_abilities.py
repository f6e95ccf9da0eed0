"""What an account can do by a key and by its personal access tokens, and why it can do nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import ADMIN
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from accounts.roles import assigning
from console.ui import samples
from tests.credentials.forms import new_account_form
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tests.factories.groups import make_role
from tests.factories.tokens import make_token
from tests.service_accounts.filled import page
from tokens.credentials import actions as credentials
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db

BOUND = "idn:sources:manage"
"""A scope that the level User does not carry."""


def seen(client: Client, account: ServiceAccount, name: str = "detail") -> str:
    answer = client.get(page(name, account))
    assert answer.status_code == 200
    return answer.content.decode()


def keyless(owner: Identity, ada: Identity, scopes: tuple[str, ...] = ("fr:am:*",)) -> Made:
    """It lives by a personal access token of these scopes alone."""
    made = make_account("batch", owner=owner, scopes=["fr:am:*"])
    credentials.revoke(by=ada, credential=made.credential, at=timezone.now())
    make_token(made.account.identity, scopes=scopes, by=ada)
    return made


def used(made: Made, scope: str) -> None:
    buffer.add(
        identity_id=made.account.pk,
        use=Use.TOKEN,
        credential_id=made.credential.pk,
        scopes=[scope],
        address="192.0.2.7",
        client="nightly",
        at=timezone.now(),
    )


def test_scopes_that_the_level_does_not_carry_are_why_it_can_do_nothing(
    admin: Client, owner: Client, ada: Identity, otto: Identity
) -> None:
    made = make_account("reader", owner=otto, scopes=[BOUND, "idn:transform:manage"])
    set_levels = f'href="/identities/{made.account.pk}/levels/"'
    for name in ("detail", "scopes"):
        text = seen(admin, made.account, name)
        assert "Nothing: its user level User carries none of its 2 scopes." in text
        assert "it has no scopes" not in text
        assert set_levels in text[text.index("Nothing:") :]
        theirs = seen(owner, made.account, name)
        assert "A tenant administrator sets it." in theirs
        assert set_levels not in theirs
    identities.set_levels(by=ada, identity=made.account.identity, levels=[ADMIN], at=timezone.now())
    assert "Nothing:" not in seen(admin, made.account)


def test_an_account_without_scopes_says_so(admin: Client) -> None:
    bare = make_account("bare", scopes=[]).account
    assert "Nothing: it has no scopes." in seen(admin, bare)


def test_what_a_token_of_it_may_use_is_not_said_to_be_refused(
    admin: Client, ada: Identity, made: Made
) -> None:
    identities.set_levels(by=ada, identity=made.account.identity, levels=[ADMIN], at=timezone.now())
    used(made, BOUND)
    assert [line.scope for line in admin.get(page("scopes", made.account)).context["gone"]] == [
        BOUND
    ]
    make_token(made.account.identity, scopes=[BOUND, "fr:iga:*"], by=ada)
    context = admin.get(page("scopes", made.account)).context
    assert context["gone"] == []
    by_token = {line.scope: line.allowed for line in context["by_token"]}
    assert by_token == {BOUND: True, "fr:iga:*": False}
    text = seen(admin, made.account, "scopes")
    assert "By a key: scopes of the account" in text
    assert "need not be given to the account" in text
    assert "By its personal access tokens also:" in text


def test_a_token_is_enough_to_need_no_key(
    admin: Client, owner: Client, auditor: Client, ada: Identity, otto: Identity
) -> None:
    made = keyless(otto, ada)
    for client in (admin, owner, auditor):
        text = seen(client, made.account)
        assert "Nothing can get an access token" not in text
        assert "by its personal access tokens alone" in text
        assert "no token can be had" not in client.get("/").content.decode()
    token = made.account.identity.credentials.get(kind="personal_access_token")
    token.revoked_at, token.revoked_by = timezone.now(), "ada"
    token.save()
    assert "Nothing can get an access token" in seen(owner, made.account)
    assert "no token can be had" in owner.get("/").content.decode()


def test_the_tab_counts_what_roles_give_too(admin: Client, made: Made) -> None:
    role = make_role("reader", scopes=["fr:iga:*", "fr:am:*"])
    assigning.assign(
        by=SYSTEM, identity=made.account.identity, role=role, until=None, at=timezone.now()
    )
    tabs = admin.get(page("detail", made.account)).context["tabs"]
    assert {tab["label"]: tab["count"] for tab in tabs}["Scopes"] == 3


def test_a_sample_asks_for_what_is_issued_together() -> None:
    make_scope(make_api(), "pay:read")
    mixed = make_account("mixed", scopes=["pay:read", BOUND, "fr:am:*"])
    curl, python = samples.for_key(mixed.account, mixed.credential, file_stem="x")
    assert "'scope=fr:am:*'" in curl.code
    assert '"scope": "fr:am:*"' in python.code
    alone = make_account("alone", scopes=["pay:read", BOUND])
    curl, python = samples.for_key(alone.account, alone.credential, file_stem="x")
    assert "scope=pay:read" in curl.code
    assert f'call = Request("{AUDIENCE}"' in python.code
    refused = make_account("refused", scopes=[BOUND])
    assert samples.for_key(refused.account, refused.credential, file_stem="x") == []


def test_a_key_that_gets_no_token_says_why_beside_it(admin: Client, ada: Identity) -> None:
    form = new_account_form(scopes=[BOUND])
    text = admin.post("/service-accounts/new/", form).content.decode()
    account = ServiceAccount.objects.get()
    assert "its user level User does not carry its one scope." in text
    assert f'href="/identities/{account.pk}/levels/"' in text
    assert "A call that works" not in text
    assert "Choose a scope first" not in text


def test_uses_by_token_name_it_and_do_not_depend_on_a_key(
    admin: Client, ada: Identity, made: Made
) -> None:
    token = make_token(made.account.identity, name="Nightly batch", by=ada).token
    buffer.add(
        identity_id=made.account.pk,
        use=Use.TOKEN,
        credential_id=token.pk,
        scopes=["fr:am:*"],
        address="192.0.2.9",
        client="batch",
        at=timezone.now(),
    )
    text = seen(admin, made.account)
    assert "Key or token" in text
    assert "Nightly batch" in text
    regenerate = admin.get(f"/service-accounts/{made.account.pk}/regenerate-key/")
    assert "192.0.2.9" not in regenerate.content.decode()
    used(made, "fr:am:*")
    regenerate = admin.get(f"/service-accounts/{made.account.pk}/regenerate-key/")
    assert "192.0.2.7" in regenerate.content.decode()
    assert "192.0.2.9" not in regenerate.content.decode()
    disable = admin.get(f"/service-accounts/{made.account.pk}/disable/").content.decode()
    assert "personal access token Nightly batch" in disable
