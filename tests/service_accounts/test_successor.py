"""Who owns an account after its owner: named in forms, shown where the owner stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from accounts.service_accounts.actions import Details
from tests.factories import make_account, make_person
from tests.factories.accounts import Made
from tests.service_accounts.filled import LIST, NEW, edit_form, new_form, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def nina(db: None) -> Identity:
    return make_person("nina", first_name="Nina")


def name_successor(by: Identity, account: ServiceAccount, successor: Identity | None) -> None:
    now = ServiceAccount.objects.get(pk=account.pk)
    details = replace(Details.of(now), successor=successor)
    actions.edit(by=by, account=now, details=details, revision=now.revision, at=timezone.now())


def test_a_new_account_names_one(
    admin: Client, otto: Identity, nina: Identity, auditor: Client
) -> None:
    admin.post(NEW, new_form(owner=str(otto.pk), successor=str(nina.pk)))
    account = ServiceAccount.objects.get(name="audit01")
    assert (account.owner, account.successor) == (otto, nina)
    event = Event.objects.get(action="service_account.created")
    assert event.detail["after"]["successor"] == "nina"
    assert "Nina" in auditor.get(page("detail", account)).content.decode()
    assert "then Nina" in admin.get(LIST).content.decode()
    sent = cast(Any, admin.get(f"{LIST}export/")).streaming_content
    lines = b"".join(sent).decode().splitlines()
    assert lines[0].endswith(",successor")
    assert lines[1].endswith(",nina")


def test_another_is_named_and_none(
    admin: Client, made: Made, nina: Identity, ada: Identity
) -> None:
    account = made.account
    admin.post(page("edit", account), edit_form(admin, account, successor=str(nina.pk)))
    account.refresh_from_db()
    assert account.successor == nina
    log = admin.get("/audit/").content.decode()
    assert "ada made nina the successor of the owner of audit01" in log
    admin.post(page("edit", account), edit_form(admin, account, successor=""))
    account.refresh_from_db()
    assert account.successor is None
    assert "left the owner of audit01 without a successor" in admin.get("/audit/").content.decode()


def test_whoever_changes_something_else_leaves_the_successor(
    ada: Identity, made: Made, nina: Identity
) -> None:
    name_successor(ada, made.account, nina)
    now = timezone.now()
    actions.set_scopes(by=ada, account=made.account, scopes=["fr:am:*"], at=now)
    account = ServiceAccount.objects.get(pk=made.account.pk)
    assert account.successor == nina
    details = Details("audit02", "", account.owner, account.scopes)
    actions.edit(by=ada, account=account, details=details, revision=account.revision, at=now)
    account.refresh_from_db()
    assert (account.name, account.successor) == ("audit02", nina)


def test_the_owner_is_not_their_own_successor(
    admin: Client, ada: Identity, made: Made, otto: Identity
) -> None:
    sent = edit_form(admin, made.account, successor=str(otto.pk))
    answer = admin.post(page("edit", made.account), sent)
    assert "somebody else than the owner" in answer.content.decode()
    with pytest.raises(DomainError) as refused:
        name_successor(ada, made.account, otto)
    assert refused.value.field == "successor"
    with pytest.raises(IntegrityError, match="successor_is_another"), transaction.atomic():
        ServiceAccount.objects.filter(pk=made.account.pk).update(successor=otto)


def test_a_successor_is_a_person_who_can_sign_in(ada: Identity, made: Made, nina: Identity) -> None:
    other = make_account("audit09").account
    identities.disable(by=ada, identity=nina, at=timezone.now())
    for nobody in (other.identity, nina):
        nobody.refresh_from_db()
        with pytest.raises(DomainError) as refused:
            name_successor(ada, made.account, nobody)
        assert refused.value.field == "successor"


def test_one_who_left_since_may_stay_and_is_told_of(
    admin: Client, ada: Identity, made: Made, nina: Identity
) -> None:
    name_successor(ada, made.account, nina)
    identities.disable(by=ada, identity=nina, at=timezone.now())
    answer = admin.post(page("edit", made.account), edit_form(admin, made.account, description="x"))
    assert answer.status_code == 302
    assert "The successor has left" in admin.get(page("detail", made.account)).content.decode()


def test_whoever_saves_second_sees_the_other_successor(
    admin: Client, ada: Identity, made: Made, nina: Identity
) -> None:
    form = edit_form(admin, made.account, description="Mine")
    name_successor(ada, made.account, nina)
    shown = admin.post(page("edit", made.account), form)
    assert "Nina" in shown.content.decode()
    assert shown.context["form"]["successor"].value() == str(nina.pk)
