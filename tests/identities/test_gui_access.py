"""An account for programs only signs in by no way, while its keys and tokens go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.identities import gui_access, invitations
from accounts.identities.gui_access import NotForPeople
from accounts.identities.locking import IdentityGone
from accounts.models import Event, Identity, Invitation
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.factories.people import PASSWORD
from tests.oauth.holder import Holder
from tokens.access_tokens.verify import verify

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(otto: Identity) -> Made:
    """An account that signs in and has a key."""
    made = make_account("audit01", owner=otto)
    identity = made.account.identity
    identity.set_password(PASSWORD)
    identity.email = "audit01@example.com"
    identity.save(update_fields=["password", "email"])
    return made


@pytest.fixture
def account(made: Made) -> Identity:
    return made.account.identity


def remove(account: Identity, by: Identity) -> bool:
    return gui_access.remove(by=by, identity=account, at=timezone.now())


def signs_in(user_name: str, password: str = PASSWORD) -> tuple[bool, str]:
    browser = Client()
    answer = browser.post("/sign-in/", {"login": user_name, "password": password}, follow=True)
    return "_auth_user_id" in browser.session, answer.content.decode()


def test_it_signs_in_nowhere_and_its_sessions_end_while_tokens_go_on(
    client_of: ClientOf, made: Made, account: Identity, ada: Identity
) -> None:
    browser = client_of(account)
    assert browser.get("/profile/").status_code == 200
    program = Holder(made)
    token = program.token()

    assert remove(account, ada)
    assert browser.get("/profile/").status_code == 302
    inside, page = signs_in("audit01")
    assert not inside
    assert "This account is for API access only." in page
    assert program.ask().status_code == 200
    assert verify(token, timezone.now()).holder.pk == account.pk


def test_only_who_knows_the_password_is_told(account: Identity, ada: Identity) -> None:
    remove(account, ada)
    inside, page = signs_in("audit01", "another password")
    assert not inside
    assert "API access only" not in page


def test_a_try_is_told_in_the_audit_log(account: Identity, ada: Identity) -> None:
    remove(account, ada)
    signs_in("audit01")
    event = Event.objects.filter(action="sign_in.failed").latest("pk")
    assert (event.subject_id, event.reason) == (
        str(account.pk),
        "the account is for API access only",
    )


def test_no_link_sets_a_password_any_more(account: Identity, ada: Identity, mails: Any) -> None:
    def forgot() -> list[Any]:
        found: list[Any] = mails(
            lambda: Client().post("/sign-in/problems/", {"name": "audit01"}, follow=True)
        )
        return found

    assert len(forgot()) == 1
    remove(account, ada)
    assert not Invitation.objects.open_at(timezone.now()).exists()
    with pytest.raises(invitations.CannotInvite):
        invitations.invite(by=ada, identity=account, at=timezone.now())
    assert forgot() == []
    assert not Invitation.objects.open_at(timezone.now()).exists()


def test_its_owner_may_take_it_away_and_only_administrators_give_it_back(
    account: Identity, otto: Identity, ada: Identity, mallory: Identity, vera: Identity
) -> None:
    for by in (mallory, vera):
        with pytest.raises(NotAllowed):
            remove(account, by)
    assert remove(account, otto)
    assert not remove(account, otto)
    with pytest.raises(NotAllowed):
        gui_access.restore(by=otto, identity=account, at=timezone.now())
    assert gui_access.restore(by=ada, identity=account, at=timezone.now())
    assert not gui_access.restore(by=ada, identity=account, at=timezone.now())
    assert signs_in("audit01")[0]
    told = Event.objects.filter(action__startswith="identity.gui_access")
    assert told.count() == 2


def test_a_person_is_not_a_program(otto: Identity, ada: Identity) -> None:
    with pytest.raises(NotForPeople):
        remove(otto, ada)


def test_it_is_not_taken_off_who_is_gone(account: Identity, ada: Identity) -> None:
    Identity.objects.get_queryset().filter(pk=account.pk).update(
        deleted_at=timezone.now() - timedelta(days=1), deleted_by="x"
    )
    with pytest.raises(IdentityGone):
        remove(account, ada)


def test_the_page_of_the_identity_says_so(
    client_of: ClientOf, ada: Identity, account: Identity
) -> None:
    url, sign_out = f"/identities/{account.pk}/", f"/identities/{account.pk}/end-sessions/"
    before = client_of(ada).get(url).content.decode()
    assert "It is for web services only" not in before
    assert sign_out in before
    remove(account, ada)
    after = client_of(ada).get(url).content.decode()
    assert "It is for web services only" in after
    assert sign_out not in after
