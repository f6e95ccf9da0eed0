"""Two administrators at one form: the second sees what changed and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity, ServiceAccount
from tests.factories import make_person
from tests.factories.accounts import Made
from tests.service_accounts.filled import edit_form, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(client_of: Callable[[Identity], Client]) -> Client:
    return client_of(make_person("adam", levels=["admin"]))


def rows(answer: Any) -> dict[str, tuple[str, str, str]]:
    return {r.label: (r.before, r.theirs, r.yours) for r in answer.context["conflict"].rows}


def values(answer: Any) -> dict[str, Any]:
    form = answer.context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


def test_the_second_sees_theirs_beside_their_own(admin: Client, second: Client, made: Made) -> None:
    opened = edit_form(second, made.account, name="theirs-no", description="Mine")
    admin.post(page("edit", made.account), edit_form(admin, made.account, name="first"))
    answer = second.post(page("edit", made.account), opened)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "ada changed this service account while you were editing it" in text
    assert "Nothing is saved yet" in text
    assert rows(answer) == {"Name": ("audit01", "first", "theirs-no")}
    assert (values(answer)["name"], values(answer)["description"]) == ("theirs-no", "Mine")
    assert ServiceAccount.objects.get(pk=made.account.pk).name == "first"


def test_saving_again_knowingly_puts_theirs_aside(
    admin: Client, second: Client, made: Made
) -> None:
    opened = edit_form(second, made.account, name="second")
    admin.post(page("edit", made.account), edit_form(admin, made.account, name="first"))
    answer = second.post(page("edit", made.account), opened)
    assert second.post(page("edit", made.account), values(answer)).status_code == 302
    account = ServiceAccount.objects.get(pk=made.account.pk)
    assert (account.name, account.revision) == ("second", 3)


def test_a_field_that_was_left_alone_takes_their_value(
    admin: Client, second: Client, made: Made, mallory: Identity
) -> None:
    """Saving again must not undo by accident what the second one never touched."""
    opened = edit_form(second, made.account, description="Mine")
    theirs = {"scopes": [*made.account.scopes, "fr:iga:*"], "owner": str(mallory.pk)}
    admin.post(page("edit", made.account), edit_form(admin, made.account, **theirs))
    answer = second.post(page("edit", made.account), opened)
    assert rows(answer) == {
        "Owner": ("Otto", "Mallory", ""),
        "Scopes": ("fr:am:*, fr:idm:*", "fr:am:*, fr:idm:*, fr:iga:*", ""),
    }
    second.post(page("edit", made.account), values(answer))
    account = ServiceAccount.objects.select_related("owner").get(pk=made.account.pk)
    assert (account.description, account.owner) == ("Mine", mallory)
    assert "fr:iga:*" in account.scopes


def test_a_form_that_does_not_say_what_it_was_opened_on_overwrites_nothing_unseen(
    admin: Client, second: Client, made: Made
) -> None:
    opened = edit_form(second, made.account, description="Mine") | {"opened": "forged"}
    admin.post(page("edit", made.account), edit_form(admin, made.account, name="first"))
    answer = second.post(page("edit", made.account), opened)
    assert rows(answer)["Name"] == ("not known", "first", "audit01")
    assert values(answer)["description"] == "Mine"


def test_the_same_change_by_both_is_no_quarrel(admin: Client, second: Client, made: Made) -> None:
    opened = edit_form(second, made.account, description="Same")
    admin.post(page("edit", made.account), edit_form(admin, made.account, description="Same"))
    answer = second.post(page("edit", made.account), opened)
    assert rows(answer) == {}
    assert "they changed no value that differs from yours" in answer.content.decode()


def test_removed_scopes_are_asked_about_only_when_nobody_was_quicker(
    admin: Client, second: Client, made: Made
) -> None:
    opened = edit_form(second, made.account, scopes=["fr:am:*"])
    admin.post(page("edit", made.account), edit_form(admin, made.account, name="first"))
    answer = second.post(page("edit", made.account), opened)
    assert answer.context["conflict"].rows
    asked = second.post(page("edit", made.account), values(answer))
    assert asked.context["removed"] == ["fr:idm:*"]


def test_disabling_meanwhile_is_no_conflict(admin: Client, second: Client, made: Made) -> None:
    opened = edit_form(second, made.account, description="Mine")
    admin.post(page("disable", made.account))
    assert second.post(page("edit", made.account), opened).status_code == 302
