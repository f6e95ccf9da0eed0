"""What the roles of an account carry is issued like its own scopes, and ends with the roles."""

from __future__ import annotations

from urllib.parse import urlencode

import jwt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import memberships
from accounts.models import Identity
from accounts.roles import actions, assigning
from accounts.roles.actions import RoleDraft
from tests.factories import make_account
from tests.factories.groups import join, make_group, make_role
from tests.factories.tokens import make_token
from tests.oauth.holder import FORM, Holder
from tests.oauth.program import Program
from tokens.access_tokens.verify import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db: None) -> Holder:
    """An account with fr:idm:* of its own."""
    return Holder(make_account("program", scopes=["fr:idm:*"]))


def scopes_now(token: str) -> set[str]:
    return set(verify(token, timezone.now()).scopes)


def claims_of(token: str) -> dict[str, object]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def issued(program: Holder, scope: str) -> str:
    answer = program.ask(scope=scope)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def test_a_scope_comes_with_the_group_and_goes_with_it_at_the_next_call(program: Holder) -> None:
    identity = program.made.account.identity
    assert program.ask(scope="fr:am:*").status_code == 400
    group = make_group(roles=[make_role(scopes=["fr:am:*"])], members=[identity])

    token = issued(program, "fr:am:* fr:idm:*")
    assert scopes_now(token) == {"fr:am:*", "fr:idm:*"}
    assert claims_of(token)["by_roles"] == "fr:am:*"

    memberships.remove(by=SYSTEM, group=group, identity=identity, at=timezone.now())
    assert scopes_now(token) == {"fr:idm:*"}
    assert program.ask(scope="fr:am:*").status_code == 400


def test_what_a_role_loses_its_holders_lose_at_the_next_call(program: Holder) -> None:
    role = make_role(scopes=["fr:am:*"])
    assigning.assign(
        by=SYSTEM, identity=program.made.account.identity, role=role, at=timezone.now()
    )
    token = issued(program, "fr:am:*")
    draft = RoleDraft(role.name)
    actions.edit(by=SYSTEM, role=role, draft=draft, revision=1, at=timezone.now())
    assert scopes_now(token) == set()


def test_another_role_or_the_account_may_carry_it_on(program: Holder) -> None:
    identity = program.made.account.identity
    groups = [
        make_group(
            name, roles=[make_role(f"role of {name}", scopes=["fr:am:*"])], members=[identity]
        )
        for name in ("one", "two")
    ]
    token = issued(program, "fr:am:*")
    memberships.remove(by=SYSTEM, group=groups[0], identity=identity, at=timezone.now())
    assert scopes_now(token) == {"fr:am:*"}


def test_what_the_account_has_itself_is_no_roles(program: Holder) -> None:
    make_group(roles=[make_role(scopes=["fr:idm:*"])], members=[program.made.account.identity])
    assert "by_roles" not in claims_of(issued(program, "fr:idm:*"))


def test_a_personal_access_token_reaches_what_roles_give(mallory: Identity) -> None:
    group = make_group(roles=[make_role(scopes=["fr:am:*"])])
    made = make_token(mallory, scopes=["fr:am:*"], by=SYSTEM)
    asked = {"grant_type": "client_credentials", "client_id": made.client_id}

    join(group, mallory)
    form = urlencode({**asked, "client_secret": made.secret})
    answer = Program().post("/oauth/token", form, content_type=FORM)
    assert answer.status_code == 200, answer.content
    token = answer.json()["access_token"]
    assert scopes_now(token) == {"fr:am:*"}

    memberships.remove(by=SYSTEM, group=group, identity=mallory, at=timezone.now())
    assert scopes_now(token) == set()


def test_without_roles_nothing_more_is_asked(program: Holder) -> None:
    program.token(scope="fr:idm:*")
    with CaptureQueriesContext(connection) as alone:
        issued(program, "fr:idm:*")
    assert not any("accounts_grouprole" in query["sql"] for query in alone)
