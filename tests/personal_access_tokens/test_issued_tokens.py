"""The access tokens that were issued are revoked: of one personal access token, or of a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.models import Event, Identity, ServiceAccount
from tests.factories import make_account, make_person
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.program import Program
from tests.personal_access_tokens.conftest import ClientOf
from tests.personal_access_tokens.test_exchange import ask
from tokens.access_tokens import actions as access_tokens
from tokens.access_tokens import issue
from tokens.models import Credential
from tokens.personal_access_tokens import actions
from tokens.usage import queries as usage

pytestmark = pytest.mark.django_db


def page(token: Credential) -> str:
    return f"/personal-access-tokens/{token.pk}/revoke-issued/"


def page_of(person: Identity) -> str:
    return f"/identities/{person.pk}/revoke-issued-tokens/"


def traded(made: MadeToken) -> str:
    return str(ask(made).json()["access_token"])


def works(access_token: str) -> bool:
    program = Program(headers={"Authorization": f"Bearer {access_token}"})
    return program.get("/public-identities/v1").status_code == 200


def made_for(person: Identity, name: str = "CI") -> MadeToken:
    return make_token(person, name, scopes=["sp:scopes:all"], access_token_seconds=43_200)


def test_of_one_token_they_are_refused_at_the_next_call_and_it_goes_on(
    owner: Client, otto: Identity
) -> None:
    made, other = made_for(otto), made_for(otto, "Another")
    old, of_other = traded(made), traded(other)
    assert works(old)
    asked = owner.get(page(made.token)).content.decode()
    assert "goes on working" in asked
    assert "<strong>1</strong> issued token is still alive" in asked
    assert works(old), "a question changes nothing"
    assert owner.post(page(made.token)).status_code == 302
    assert not works(old)
    assert works(of_other)
    new = traded(made)
    assert works(new)
    event = Event.objects.get(action="personal_access_token.issued_revoked")
    assert (event.actor_label, event.subject_id) == ("otto", str(otto.pk))
    assert event.detail == {"name": "CI", "credential": str(made.token.pk)}
    owner.post(page(made.token))
    assert not works(new)


def test_of_a_person_all_are_refused_and_nobody_elses(
    owner: Client, otto: Identity, vera: Identity
) -> None:
    first, second, other = made_for(otto), made_for(otto, "Another"), made_for(vera)
    tokens = [traded(first), traded(second)]
    of_vera = traded(other)
    owner.post(page(first.token))
    tokens.append(traded(first))
    assert "<strong>2</strong> issued tokens are" in owner.get(page_of(otto)).content.decode()
    answer = owner.post(page_of(otto))
    assert answer.headers["Location"] == "/personal-access-tokens/?whose=mine"
    assert not any(map(works, tokens))
    assert works(of_vera)
    assert works(traded(first))
    event = Event.objects.get(action="token.revoked_all")
    assert (event.actor_label, event.subject_type) == ("otto", "identity")
    assert event.subject_id == str(otto.pk)


def test_an_administrator_does_it_for_a_person_and_finds_it_on_their_page(
    admin: Client, otto: Identity
) -> None:
    identity = f"/identities/{otto.pk}/"
    assert page_of(otto) not in admin.get(identity).content.decode()
    access = traded(made_for(otto))
    assert page_of(otto) in admin.get(identity).content.decode()
    assert admin.post(page_of(otto)).headers["Location"] == identity
    assert not works(access)


def test_ones_own_stand_beside_ones_tokens(owner: Client, otto: Identity) -> None:
    assert page_of(otto) not in owner.get("/personal-access-tokens/?whose=mine").content.decode()
    made_for(otto)
    assert page_of(otto) in owner.get("/personal-access-tokens/?whose=mine").content.decode()


def test_others_may_not(client_of: ClientOf, otto: Identity, vera: Identity) -> None:
    made = made_for(otto)
    access = traded(made)
    auditor, stranger = client_of(vera), client_of(make_person("stranger"))
    helper = client_of(make_person("hana", levels=["helpdesk"]))
    for address in (page(made.token), page_of(otto)):
        assert auditor.get(address).status_code == auditor.post(address).status_code == 403
        assert stranger.get(address).status_code == stranger.post(address).status_code == 404
        assert helper.post(address).status_code in {403, 404}
        assert auditor.put(address).status_code == 405
        assert Client().get(address).status_code == 302
    assert page_of(otto) not in auditor.get(f"/identities/{otto.pk}/").content.decode()
    with pytest.raises(NotAllowed):
        actions.revoke_issued(by=vera, token=made.token, at=timezone.now())
    with pytest.raises(NotAllowed):
        access_tokens.revoke_all(by=vera, holder=otto, at=timezone.now())
    assert works(access)


def test_an_owner_does_it_for_a_token_of_their_account(
    owner: Client, account: ServiceAccount, ada: Identity
) -> None:
    made = make_token(account.identity, by=ada, scopes=["sp:scopes:default"])
    assert owner.post(page(made.token)).status_code == 302
    event = Event.objects.get(action="personal_access_token.issued_revoked")
    assert (event.subject_type, event.subject_id) == ("service_account", str(account.pk))


def test_of_a_service_account_its_own_page_asks(
    owner: Client, admin: Client, account: ServiceAccount
) -> None:
    asked = admin.get(page_of(account.identity))
    assert asked.headers["Location"] == f"/service-accounts/{account.pk}/revoke-tokens/"
    assert owner.get(page_of(account.identity)).status_code == 404


def test_a_revoked_token_has_none(owner: Client, otto: Identity) -> None:
    made = made_for(otto)
    actions.revoke(by=otto, token=made.token, at=timezone.now())
    assert "revoked already" in owner.get(page(made.token)).content.decode()
    assert owner.post(page(made.token)).status_code == 302
    assert not Event.objects.filter(action="personal_access_token.issued_revoked").exists()


def test_the_password_is_asked_first(owner: Client, otto: Identity) -> None:
    made = made_for(otto)
    session = owner.session
    session["steward_confirmed_at"] = 0
    session.save()
    for address in (page(made.token), page_of(otto)):
        assert "step_up_password" in owner.post(address).content.decode()
    made.token.refresh_from_db()
    assert made.token.generation == 0


def test_one_that_is_being_issued_at_that_moment_is_not(
    otto: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the read of the token path and its write."""
    made, write = made_for(otto), issue.write

    def revoked_before(entry: issue.Entry) -> bool:
        actions.revoke_issued(by=otto, token=made.token, at=timezone.now())
        return write(entry)

    monkeypatch.setattr(issue, "write", revoked_before)
    assert ask(made).status_code == 401


def test_the_live_ones_are_counted_as_long_as_the_longest_lives(otto: Identity) -> None:
    made = made_for(otto)
    now = timezone.now()
    with time_machine.travel(now - timedelta(hours=11)):
        early = made_for(otto, "Early")
        traded(early)
    with time_machine.travel(now - timedelta(hours=13)):
        traded(made_for(otto, "Too early"))
    traded(made)
    traded(made)
    assert usage.live_tokens(otto, now) == 3
    assert usage.live_tokens(otto, now, token=made.token) == 2
    assert usage.live_tokens(otto, now, token=early.token) == 1
    actions.revoke_issued(by=otto, token=made.token, at=timezone.now())
    assert usage.live_tokens(otto, timezone.now()) == 1
    assert usage.live_tokens(otto, timezone.now(), token=made.token) == 0
    traded(made)
    assert usage.live_tokens(otto, timezone.now()) == 2
    Credential.objects.filter(pk=early.token.pk).update(expires_at=timezone.now())
    assert usage.live_tokens(otto, timezone.now()) == 1
    access_tokens.revoke_all(by=otto, holder=otto, at=timezone.now())
    assert usage.live_tokens(otto, timezone.now()) == 0


def test_keys_of_the_account_go_on(ada: Identity) -> None:
    """The count of one credential is no other's."""
    made = make_account("audit01", owner=ada)
    token = make_token(made.account.identity, by=ada)
    actions.revoke_issued(by=SYSTEM, token=token.token, at=timezone.now())
    assert Credential.objects.get(pk=made.credential.pk).generation == 0
