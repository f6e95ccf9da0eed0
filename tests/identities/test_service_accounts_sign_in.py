"""A service account of a source is invited, sets a password and signs in with its user name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions, invitations, policies, registration
from accounts.identities.invitations import CannotInvite
from accounts.identities.models import IdentityKind, Invitation, Origin, Status
from accounts.identities.registration import Registration
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from tests.factories import make_account, make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process
from tests.identities.people import BOTH, invite, path_in

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def audit01(db: None, otto: Identity) -> Identity:
    """The account of the guide: from a file, by an identity profile."""
    source = make_source()
    bring(source, rows("SA-001,audit01,admin@company.com,Automate monthly audit report"))
    process(make_profile(source, owner=otto))
    return identity("audit01")


@pytest.fixture
def registered(audit01: Identity, ada: Identity, mails: Any) -> Identity:
    [message] = mails(lambda: invite(audit01, ada))
    Client().post(path_in(message), BOTH)
    audit01.refresh_from_db()
    return audit01


def sign_in(name: str) -> tuple[Client, Any]:
    browser = Client()
    return browser, browser.post("/sign-in/", {"login": name, "password": BOTH["password"]})


def test_it_is_invited_chooses_a_password_and_signs_in(
    client_of: ClientOf, audit01: Identity, ada: Identity, mails: Any
) -> None:
    browser = client_of(ada)
    assert audit01.kind == IdentityKind.SERVICE

    [message] = mails(lambda: browser.post(f"/identities/{audit01.pk}/invite/"))

    assert message.to == ["admin@company.com"]
    assert "Your user name: audit01" in message.body
    assert Client().post(path_in(message), BOTH)["Location"] == "/sign-in/?login=audit01"
    signed_in, answer = sign_in("Audit01")
    assert answer.status_code == 302
    assert signed_in.get("/profile/").status_code == 200


def test_its_sign_in_stands_out_in_the_audit_log(
    client_of: ClientOf, registered: Identity, vera: Identity
) -> None:
    sign_in("audit01")

    event = Event.objects.get(action="sign_in.service_account_succeeded")
    assert (event.actor_kind, event.actor_label) == ("service", "audit01")
    page = client_of(vera).get("/audit/").content.decode()
    assert "Service account audit01 signed in to the console" in page


def test_whether_it_works_and_whether_it_signs_in_are_two_things(
    audit01: Identity, ada: Identity, mails: Any
) -> None:
    now = timezone.now()
    account = ServiceAccount.objects.get(pk=audit01.pk)
    assert registration.of(audit01, now).state == Registration.NOT_INVITED

    [message] = mails(lambda: invite(audit01, ada))
    assert registration.of(audit01, timezone.now()).state == Registration.INVITED
    later = now + timedelta(days=8)
    assert registration.of(audit01, later).state == Registration.EXPIRED
    Client().post(path_in(message), BOTH)
    audit01.refresh_from_db()

    assert registration.of(audit01, later).state == Registration.REGISTERED
    assert (audit01.status, account.status_at(later).value) == (Status.ACTIVE, "active")


def test_it_sees_itself_and_nothing_else(registered: Identity, otto: Identity) -> None:
    other = make_account("other", owner=otto).account
    browser, _answer = sign_in("audit01")

    for tab in ("", "keys/", "scopes/", "activity/"):
        assert browser.get(f"/service-accounts/{registered.pk}/{tab}").status_code == 200, tab
        assert browser.get(f"/service-accounts/{other.pk}/{tab}").status_code == 404, tab
    assert "other" not in browser.get("/service-accounts/").content.decode()
    for closed in ("identities", "audit", "tenant", "sources", "jobs", "outbox"):
        assert browser.get(f"/{closed}/").status_code in {403, 404}, closed


def test_it_cannot_change_even_itself(registered: Identity) -> None:
    browser, _answer = sign_in("audit01")

    acts = ("edit", "disable", "enable", "delete", "revoke-tokens", "regenerate")
    for act in acts:
        assert browser.post(f"/service-accounts/{registered.pk}/{act}/").status_code in {403, 404}
    for act in ("invite", "levels", "end-sessions", "disable", "delete", "edit"):
        assert browser.post(f"/identities/{registered.pk}/{act}/").status_code == 403, act
    assert registered.level_assignments.count() == 0


def test_it_is_no_owner_of_anything(registered: Identity, ada: Identity) -> None:
    with pytest.raises(Exception, match="must be a person"):
        make_account("hers", owner=registered, by=ada)


def test_without_an_address_it_is_told_what_to_do(client_of: ClientOf, ada: Identity) -> None:
    account = make_account("audit02").account

    page = client_of(ada).post(f"/identities/{account.pk}/invite/", follow=True).content.decode()

    assert "Add an e-mail address first: the invitation goes there." in page
    assert not Invitation.objects.filter(identity=account.pk).exists()


@pytest.mark.parametrize("act", ["disable", "end", "delete"])
def test_the_session_and_every_way_in_end_with_the_account(
    registered: Identity, ada: Identity, mails: Any, act: str
) -> None:
    browser, _answer = sign_in("audit01")
    [message] = mails(lambda: invite(registered, ada))
    account = ServiceAccount.objects.get(pk=registered.pk)
    now = timezone.now()

    if act == "end":
        ServiceAccount.objects.filter(pk=account.pk).update(ends_at=now)
    else:
        getattr(service_accounts, act)(by=ada, account=account, at=now)

    assert browser.get("/profile/").status_code == 302
    assert sign_in("audit01")[1].status_code == 200
    assert Client().post(path_in(message), BOTH).status_code == 404
    registered.refresh_from_db()
    assert not policies.may_sign_in(registered, at=timezone.now())


def test_a_link_does_not_live_again_when_the_account_is_enabled(
    audit01: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(audit01, ada))
    account, now = ServiceAccount.objects.get(pk=audit01.pk), timezone.now()

    service_accounts.disable(by=ada, account=account, at=now)
    service_accounts.enable(by=ada, account=account, at=now)

    assert Client().get(path_in(message)).status_code == 404


def test_who_has_ended_or_is_of_another_kind_is_not_invited(audit01: Identity) -> None:
    now = timezone.now()
    ServiceAccount.objects.filter(pk=audit01.pk).update(ends_at=now)
    audit01.refresh_from_db()
    agent = actions.new_identity(
        kind=IdentityKind.AGENT, user_name="a", display_name="a", origin=Origin.CONSOLE, at=now
    )

    with pytest.raises(CannotInvite, match="Move its end date"):
        invitations.check_can_be_invited(audit01, at=now)
    with pytest.raises(CannotInvite, match="does not sign in"):
        invitations.check_can_be_invited(agent, at=now)
    assert not policies.may_sign_in(agent, at=now)


def test_the_last_administrator_is_a_person(registered: Identity, ada: Identity) -> None:
    registered.level_assignments.create(level="admin", granted_at=timezone.now(), granted_by="x")

    with pytest.raises(policies.LastAdministrator):
        policies.check_another_administrator_stays(ada)


def test_the_list_shows_and_finds_how_far_each_is(
    client_of: ClientOf, registered: Identity, ada: Identity
) -> None:
    make_account("audit02")
    make_person("pat")
    browser = client_of(ada)

    def names(query: str) -> list[str]:
        answer = browser.get(f"/identities/?{query}")
        return sorted(row["identity"].user_name for row in answer.context["rows"])

    assert names("registration=registered&kind=service") == ["audit01"]
    assert names("registration=not_invited") == ["audit02"]
    assert names("registration=nonsense&kind=service") == ["audit01", "audit02"]
