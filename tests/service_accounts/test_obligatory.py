"""What the tenant wants of every account: purpose, end date, successor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions, obligatory
from accounts.service_accounts.actions import Details
from accounts.tenant import actions as tenant
from tests.factories import make_person
from tests.factories.accounts import Made
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process
from tests.service_accounts.filled import NEW, edit_form, new_form, page
from tests.service_accounts.test_values_of_sources import MAPPED

pytestmark = pytest.mark.django_db

FIELDS = ["description", "successor", "ends_at"]


def want(*fields: str) -> None:
    states = {obligatory.BY_FIELD[field].name: True for field in fields}
    ada = Identity.objects.get(user_name="ada")
    tenant.set_switches(by=ada, states=states, at=timezone.now())


def whole(owner: Identity, **changes: Any) -> Details:
    values: dict[str, Any] = {
        "name": "whole",
        "description": "Nightly export",
        "owner": owner,
        "successor": make_person("nina"),
        "scopes": ["fr:am:*"],
        "ends_at": timezone.now() + timedelta(days=30),
    }
    return Details(**(values | changes))


def test_nothing_is_wanted_at_first(ada: Identity) -> None:
    assert obligatory.fields() == frozenset()
    details = Details("bare", "", None, [])
    assert actions.create(by=ada, details=details, at=timezone.now()).successor is None


@pytest.mark.parametrize("field", FIELDS)
def test_an_account_is_not_made_without(ada: Identity, otto: Identity, field: str) -> None:
    want(*FIELDS)
    details = whole(otto)
    now = timezone.now()
    none: dict[str, Any] = {field: "" if field == "description" else None}
    lacking = replace(details, **none)
    with pytest.raises(obligatory.Missing) as refused:
        actions.create(by=ada, details=lacking, at=now)
    assert refused.value.field == field
    assert not ServiceAccount.objects.exists()
    assert actions.create(by=ada, details=details, at=now).name == "whole"


def test_one_that_was_made_before_works_on_and_is_held_to_it_when_edited(
    admin: Client, made: Made
) -> None:
    want("ends_at")
    assert admin.get(page("detail", made.account)).status_code == 200
    opened = admin.get(page("edit", made.account)).content.decode()
    assert "This tenant wants an end date for every service account." in opened
    answer = admin.post(page("edit", made.account), edit_form(admin, made.account, description="x"))
    assert "Choose an end date: this tenant wants one of every account." in answer.content.decode()
    made.account.refresh_from_db()
    assert made.account.description == ""


def test_scopes_alone_are_taken_off_whatever_is_missing(ada: Identity, made: Made) -> None:
    want(*FIELDS)
    now = timezone.now()
    changed = actions.set_scopes(by=ada, account=made.account, scopes=["fr:am:*"], at=now)
    assert changed.scopes == ["fr:am:*"]
    later = now + timedelta(days=9)
    assert actions.set_end(by=ada, account=changed, ends_at=later, at=now).ends_at == later


def test_the_form_of_a_new_account_wants_it_too(admin: Client, otto: Identity) -> None:
    want(*FIELDS)
    page = admin.get(NEW).content.decode()
    for field in FIELDS:
        assert obligatory.why(field) in page
    answer = admin.post(NEW, new_form(description="", owner=str(otto.pk)))
    for field in FIELDS:
        assert str(obligatory.MISSING[field]) in answer.content.decode()
    assert not ServiceAccount.objects.exists()


def test_the_three_stand_in_the_settings(admin: Client) -> None:
    page = admin.get("/tenant-settings/global/").content.decode()
    for switch in obligatory.BY_FIELD.values():
        assert str(switch.label) in page


def test_a_description_that_a_source_leaves_empty_keeps_nobody_from_saving(
    admin: Client, ada: Identity
) -> None:
    source = make_source("Payroll")
    bring(source, rows("1,audit01,team@x.example,"))
    process(make_profile(source, mapped=MAPPED))
    account = ServiceAccount.objects.get()
    want("description")
    sent = edit_form(admin, account, ends_at="2099-01-31")
    assert admin.post(page("edit", account), sent).status_code == 302
    account.refresh_from_db()
    assert account.ends_at is not None


def test_the_command_is_held_to_it_and_can_say_it_all(
    ada: Identity, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_person("nina")
    want(*FIELDS)
    said = ["service_account", "create", "report", "--scope", "fr:am:*"]
    said += ["--algorithm", "P-256", "--key-file", str(tmp_path / "key.jwk")]
    with pytest.raises(SystemExit):
        call_command(*said)
    assert "Say what the account is for" in capsys.readouterr().err
    rest = ["--description", "Reports", "--successor", "nina", "--ends-on", "2099-01-31"]
    call_command(*said, *rest, stdout=StringIO())
    account = ServiceAccount.objects.get()
    assert account.successor is not None
    assert account.ends_at is not None
    assert f"{account.ends_at:%Y-%m-%d %H:%M}" == "2099-01-31 23:59"
