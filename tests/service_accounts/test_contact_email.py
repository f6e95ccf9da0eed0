"""Where mail about a service account goes: typed in its forms, unless a source says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.levels import ADMIN, HELPDESK, LEVELS
from accounts.authorization.permissions import Permission as P
from accounts.identities import actions as identities
from accounts.identities.policies import AboveOneself, OwnedElsewhere
from accounts.models import Identity, Invitation, ServiceAccount
from accounts.service_accounts import actions
from accounts.service_accounts.actions import Details
from console.ui.confirmation import CONFIRMED_AT
from tests.factories import make_person
from tests.factories.accounts import Made
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, make_profile, process
from tests.service_accounts.filled import NEW, edit_form, new_form, page

pytestmark = pytest.mark.django_db


def address_of(account: ServiceAccount) -> str:
    return Identity.objects.get(pk=account.pk).email


def save(client: Client, account: ServiceAccount, **changes: Any) -> Any:
    return client.post(page("edit", account), edit_form(client, account, **changes))


def test_a_new_account_has_it_and_can_be_invited(admin: Client) -> None:
    assert admin.post(NEW, new_form(email=" team@X.example ")).status_code == 200
    account = ServiceAccount.objects.get(name="audit01")
    assert address_of(account) == "team@x.example"
    created = Event.objects.get(action="service_account.created")
    assert created.detail["after"]["email"] == "team@x.example"

    admin.post(f"/identities/{account.pk}/invite/")

    assert Invitation.objects.filter(identity=account.pk).exists()
    assert "team@x.example" in admin.get(page("detail", account)).content.decode()


def test_it_may_be_left_out(admin: Client) -> None:
    admin.post(NEW, new_form())
    assert address_of(ServiceAccount.objects.get(name="audit01")) == ""


@pytest.mark.parametrize("typed", ["nobody", "a@b", "Eve <eve@x.example>", "x" * 250 + "@x.io"])
def test_what_is_no_address_is_said_at_the_field(admin: Client, made: Made, typed: str) -> None:
    for answer in (admin.post(NEW, new_form(email=typed)), save(admin, made.account, email=typed)):
        assert list(answer.context["form"].errors) == (
            ["name", "email"] if "name" in answer.context["form"].errors else ["email"]
        )
    assert address_of(made.account) == ""


def test_another_address_stops_links_and_tells_both(
    admin: Client, made: Made, django_capture_on_commit_callbacks: Any
) -> None:
    save(admin, made.account, email="old@x.example")
    admin.post(f"/identities/{made.account.pk}/invite/")
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        answer = save(admin, made.account, email="new@x.example")

    assert answer.status_code == 302
    assert address_of(made.account) == "new@x.example"
    assert not Invitation.objects.open_at(timezone.now()).exists()
    told = {address for message in mail.outbox for address in message.to}
    assert told == {"old@x.example", "new@x.example"}
    event = Event.objects.filter(action="service_account.edited").order_by("pk").last()
    assert event is not None
    assert event.detail == {
        "before": {"email": "old@x.example"},
        "after": {"email": "new@x.example"},
    }
    said = admin.get(page("activity", made.account)).content.decode()
    assert "changed the contact e-mail of audit01" in said


def test_the_first_address_was_not_changed_and_nobody_is_told_so(
    admin: Client, made: Made, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        save(admin, made.account, email="first@x.example")
    assert address_of(made.account) == "first@x.example"
    assert mail.outbox == []


def test_the_same_address_writes_nothing(admin: Client, made: Made) -> None:
    save(admin, made.account, email="team@x.example")
    save(admin, made.account, email="team@X.EXAMPLE")
    assert Event.objects.filter(action="service_account.edited").count() == 1


def test_to_change_it_the_password_is_asked_for(
    client_of: Callable[[Identity], Client], ada: Identity, made: Made
) -> None:
    """A link to set a password goes there."""
    browser = client_of(ada)
    session = browser.session
    session[CONFIRMED_AT] = 0.0
    session.save()

    asked = save(browser, made.account, email="eve@x.example", description="Mine")
    assert "step_up_password" in asked.content.decode()
    assert address_of(made.account) == ""

    assert save(browser, made.account, description="Mine").status_code == 302


def test_nobody_moves_the_mail_of_who_may_do_more(
    ada: Identity, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {P.SERVICE_ACCOUNT_VIEW_ALL, P.SERVICE_ACCOUNT_MANAGE}
    monkeypatch.setitem(LEVELS, HELPDESK, replace(LEVELS[HELPDESK], permissions=frozenset(some)))
    identities.set_levels(by=ada, identity=made.account.identity, levels=[ADMIN], at=timezone.now())
    with pytest.raises(AboveOneself):
        edit(make_person("eve", levels=[HELPDESK]), made.account, email="eve@x.example")
    assert address_of(made.account) == ""


def edit(by: Identity, account: ServiceAccount, email: str | None) -> ServiceAccount:
    details = Details(account.name, "", account.owner, account.scopes, email=email)
    now = timezone.now()
    return actions.edit(by=by, account=account, details=details, revision=account.revision, at=now)


@pytest.fixture
def sourced(db: None) -> ServiceAccount:
    source = make_source("Payroll")
    bring(source, rows("1,audit01,team@x.example,active"))
    process(make_profile(source, mapped=FOUR))
    return ServiceAccount.objects.select_related("identity", "owner").get()


def test_a_mapped_address_says_where_it_comes_from_and_stays(
    admin: Client, ada: Identity, sourced: ServiceAccount
) -> None:
    shown = admin.get(page("edit", sourced)).content.decode()
    assert "by the identity profile “Payroll”" in shown

    refused = save(admin, sourced, email="eve@x.example", description="New")
    assert list(refused.context["form"].errors) == ["email"]
    assert save(admin, sourced, description="New").status_code == 302
    assert address_of(sourced) == "team@x.example"
    sourced.refresh_from_db()
    with pytest.raises(OwnedElsewhere):
        edit(ada, sourced, email="eve@x.example")


def test_an_edit_that_does_not_name_it_leaves_it(ada: Identity, admin: Client, made: Made) -> None:
    save(admin, made.account, email="team@x.example")
    made.account.refresh_from_db()
    actions.set_scopes(by=ada, account=made.account, scopes=["fr:am:*"], at=timezone.now())
    assert address_of(made.account) == "team@x.example"


def test_of_two_at_one_form_the_second_sees_the_others_address(
    admin: Client, client_of: Callable[[Identity], Client], ada: Identity, made: Made
) -> None:
    second = client_of(ada)
    opened = edit_form(second, made.account, description="Mine")
    save(admin, made.account, email="team@x.example")
    answer = second.post(page("edit", made.account), opened)
    assert [row.label for row in answer.context["conflict"].rows] == ["Contact e-mail"]
    assert answer.context["form"]["email"].value() == "team@x.example"
