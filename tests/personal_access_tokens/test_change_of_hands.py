"""Old secrets do not outlive a change of hands: another owner, or a reset."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.identities import resetting
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts.actions import Details
from tests.at_once import at_once
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_account, make_person
from tests.factories.tokens import MadeToken, make_token
from tests.personal_access_tokens.conftest import ClientOf
from tests.personal_access_tokens.test_exchange import ask
from tests.personal_access_tokens.test_issued_tokens import traded, works
from tests.service_accounts.filled import edit_form, page
from tokens.models import Credential
from tokens.personal_access_tokens import handover
from tokens.service_accounts import actions

pytestmark = pytest.mark.django_db


def is_revoked(made: MadeToken) -> bool:
    return Credential.objects.get(pk=made.token.pk).revoked_at is not None


def give(account: ServiceAccount, owner: Identity | None, by: Identity, **how: Any) -> None:
    current = ServiceAccount.objects.get(pk=account.pk)
    details = Details(current.name, "", owner, list(current.scopes))
    actions.edit(
        by=by,
        account=account,
        details=replace(details, description=current.description),
        revision=current.revision,
        revoke_tokens=False,
        at=timezone.now(),
        **how,
    )


@pytest.fixture
def known(account: ServiceAccount, otto: Identity) -> MadeToken:
    """A token that Otto made for his account."""
    return make_token(account.identity, "Of Otto", by=otto, scopes=["fr:am:*"])


@pytest.fixture
def heir(db: None) -> Identity:
    return make_person("heir")


def test_who_made_a_token_is_kept_by_id(
    known: MadeToken, otto: Identity, account: ServiceAccount
) -> None:
    assert known.token.made_by_id == otto.pk
    assert make_token(account.identity, "By command", by=SYSTEM).token.made_by_id is None


def test_with_another_owner_go_the_tokens_that_the_old_one_knows(
    known: MadeToken, account: ServiceAccount, ada: Identity, heir: Identity
) -> None:
    of_ada = make_token(account.identity, "Of Ada", by=ada)
    by_itself = make_token(account.identity, "By itself", by=account.identity)
    access = traded(known)
    give(account, heir, ada)
    assert is_revoked(known)
    assert is_revoked(by_itself), "the owner is who could sign in as it"
    assert not is_revoked(of_ada)
    assert ask(known).status_code == 401
    assert not works(access)
    events = Event.objects.filter(action="personal_access_token.revoked")
    assert {event.detail["name"] for event in events} == {"Of Otto", "By itself"}
    told = events[0]
    assert (told.actor_label, told.subject_id) == ("ada", str(account.pk))
    assert told.reason == "The service account has another owner now."


def test_nobody_as_the_new_owner_is_a_change_too(
    known: MadeToken, account: ServiceAccount, ada: Identity
) -> None:
    give(account, None, ada)
    assert is_revoked(known)


def test_the_first_owner_takes_nothing_over_from_anybody(ada: Identity, heir: Identity) -> None:
    account = make_account("fresh", owner=None, by=ada).account
    made = make_token(account.identity, by=ada)
    give(account, heir, ada)
    assert not is_revoked(made)


def test_what_the_old_owner_has_elsewhere_goes_on(
    known: MadeToken, account: ServiceAccount, ada: Identity, otto: Identity, heir: Identity
) -> None:
    own = make_token(otto, "His own")
    other = make_account("other", owner=otto, by=ada).account
    elsewhere = make_token(other.identity, "Elsewhere", by=otto)
    give(account, heir, ada)
    assert is_revoked(known)
    assert not is_revoked(own)
    assert not is_revoked(elsewhere)


def test_other_changes_of_the_account_revoke_nothing(
    known: MadeToken, account: ServiceAccount, ada: Identity, otto: Identity
) -> None:
    give(account, otto, ada)
    assert not is_revoked(known)


def test_they_are_kept_where_that_is_wanted_and_it_is_recorded(
    known: MadeToken, account: ServiceAccount, ada: Identity, heir: Identity
) -> None:
    give(account, heir, ada, keep_old_tokens=True)
    assert not is_revoked(known)
    event = Event.objects.get(action="personal_access_token.kept")
    assert event.detail == {"name": "Of Otto", "credential": str(known.token.pk)}
    assert not Event.objects.filter(action="personal_access_token.revoked").exists()


def test_the_old_owner_cannot_give_it_away(
    known: MadeToken, account: ServiceAccount, otto: Identity, heir: Identity
) -> None:
    with pytest.raises(NotAllowed):
        give(account, heir, otto)
    assert not is_revoked(known)


def answers(asked: Any, **more: str) -> dict[str, Any]:
    """What the page that asks sends when its button is pressed."""
    form: dict[str, list[str]] = {}
    for name, value in asked.context["carried"]:
        form.setdefault(name, []).append(value)
    return form | {"handed_over": asked.context["handed_over"]} | more


def test_the_form_first_says_which_tokens_the_old_owner_knows(
    admin: Client, known: MadeToken, account: ServiceAccount, heir: Identity
) -> None:
    form = edit_form(admin, account, owner=str(heir.pk), description="New words")
    asked = admin.post(page("edit", account), form)
    seen = asked.content.decode()
    for said in ("Hand over audit01 to Heir", "Otto may know the secrets", "Of Otto"):
        assert said in seen
    account.refresh_from_db()
    assert (account.owner_id, is_revoked(known)) == (known.token.made_by_id, False)
    back = admin.post(page("edit", account), answers(asked, back="yes"))
    assert back.context["form"]["description"].value() == "New words"
    assert admin.post(page("edit", account), answers(asked)).status_code == 302
    account.refresh_from_db()
    assert (account.owner_id, account.description) == (heir.pk, "New words")
    assert is_revoked(known)


def test_a_tick_keeps_them(
    admin: Client, known: MadeToken, account: ServiceAccount, heir: Identity
) -> None:
    asked = admin.post(page("edit", account), edit_form(admin, account, owner=str(heir.pk)))
    admin.post(page("edit", account), answers(asked, keep_old_tokens="on"))
    account.refresh_from_db()
    assert (account.owner_id, is_revoked(known)) == (heir.pk, False)


def test_an_answer_counts_for_those_tokens_alone(
    admin: Client, known: MadeToken, account: ServiceAccount, heir: Identity, otto: Identity
) -> None:
    asked = admin.post(page("edit", account), edit_form(admin, account, owner=str(heir.pk)))
    make_token(account.identity, "A moment ago", by=otto)
    again = admin.post(page("edit", account), answers(asked, keep_old_tokens="on"))
    assert "A moment ago" in again.content.decode()
    account.refresh_from_db()
    assert account.owner_id == otto.pk


def test_scopes_and_owner_are_asked_about_one_after_the_other(
    admin: Client, known: MadeToken, account: ServiceAccount, heir: Identity
) -> None:
    form = edit_form(admin, account, owner=str(heir.pk), scopes=["fr:am:*"])
    first = admin.post(page("edit", account), form)
    assert "Remove 1 scope" in first.content.decode()
    carried: dict[str, Any] = {}
    for name, value in first.context["carried"]:
        carried.setdefault(name, []).append(value)
    second = admin.post(page("edit", account), carried | {"confirmed": first.context["confirmed"]})
    assert "Hand over audit01" in second.content.decode()
    assert admin.post(page("edit", account), answers(second)).status_code == 302
    account.refresh_from_db()
    assert (account.owner_id, account.scopes) == (heir.pk, ["fr:am:*"])


def test_nothing_is_asked_where_the_old_owner_knows_none(
    admin: Client, account: ServiceAccount, heir: Identity, ada: Identity
) -> None:
    make_token(account.identity, "Of Ada", by=ada)
    form = edit_form(admin, account, owner=str(heir.pk))
    assert admin.post(page("edit", account), form).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_a_hand_over_and_a_new_token_at_once_no_secret_is_left(
    ada: Identity, otto: Identity
) -> None:
    heir, account = make_person("heir"), make_account("audit01", owner=otto, by=ada).account

    def hand_over() -> None:
        give(account, heir, ada)

    def make() -> None:
        with suppress(NotAllowed):
            make_token(account.identity, "At that moment", by=otto)

    acts: list[Callable[[], None]] = [hand_over, make]
    assert not [told for told in at_once(acts) if told is not None]
    left = Credential.objects.filter(kind="personal_access_token", revoked_at=None)
    assert not left.exists()


def reset(person: Identity, by: Identity) -> None:
    resetting.reset(by=by, identity=person, at=timezone.now())


def test_of_a_person_who_is_reset_all_tokens_go(
    known: MadeToken, otto: Identity, ada: Identity
) -> None:
    own, second = make_token(otto, scopes=["sp:scopes:all"]), make_token(otto, "Second")
    access = traded(own)
    assert works(access)
    reset(otto, ada)
    assert is_revoked(own)
    assert is_revoked(second)
    assert not works(access)
    assert not is_revoked(known), "a service account is not stopped by a reset"
    event = Event.objects.get(action="identity.reset")
    assert event.detail["personal_access_tokens_revoked"] == 2
    told = Event.objects.filter(action="personal_access_token.revoked")
    assert {(e.subject_id, e.reason) for e in told} == {(str(otto.pk), "The identity was reset.")}


def test_the_tokens_of_a_service_account_outlive_its_reset(
    known: MadeToken, account: ServiceAccount, ada: Identity
) -> None:
    reset(account.identity, ada)
    assert not is_revoked(known)


def test_a_reset_by_a_program_is_no_other(ada: Identity, otto: Identity) -> None:
    own = make_token(otto)
    answer = Caller(ada).send("POST", f"/identities/v1/{otto.pk}/reset")
    assert answer.status_code == 202, answer.content
    assert is_revoked(own)


def test_what_is_still_open_from_before_the_reset_makes_no_token(
    otto: Identity, ada: Identity
) -> None:
    """A request that had begun, and waited for the reset to end."""
    open_still = Identity.objects.get(pk=otto.pk)
    reset(otto, ada)
    with pytest.raises(NotAllowed):
        make_token(open_still, by=open_still)
    assert not Credential.objects.filter(identity=otto).exists()


def test_the_page_says_what_goes_and_what_is_left(
    admin: Client, client_of: ClientOf, known: MadeToken, otto: Identity
) -> None:
    address = f"/identities/{otto.pk}/reset/"
    assert "of theirs" not in admin.get(address).content.decode()
    make_token(otto)
    seen = admin.get(address).content.decode()
    assert "1 personal access token of theirs is revoked" in seen
    assert f'href="/personal-access-tokens/{known.token.pk}/"' in seen
    helper = client_of(make_person("hana", levels=["helpdesk"]))
    seen = helper.get(address).content.decode()
    assert "1 personal access token of theirs is revoked" in seen
    assert str(known.token.pk) not in seen


def test_makers_of_tokens_that_are_there_already_are_found_in_the_log(
    known: MadeToken, account: ServiceAccount, otto: Identity
) -> None:
    by_command = make_token(account.identity, "By command", by=SYSTEM)
    Credential.objects.update(made_by_id=None)
    fill = import_module("tokens.migrations.0012_makers_from_the_log").fill
    fill(apps, None)
    fill(apps, None)
    found = dict(Credential.objects.values_list("pk", "made_by_id"))
    assert found[known.token.pk] == otto.pk
    assert found[by_command.token.pk] is None
    assert list(handover.known_to_owner(account)) == [known.token]


def test_what_was_kept_of_an_owner_before_is_named_at_the_next_change(
    known: MadeToken, account: ServiceAccount, ada: Identity, heir: Identity
) -> None:
    of_ada = make_token(account.identity, "Of Ada", by=ada)
    give(account, heir, ada, keep_old_tokens=True)
    assert not is_revoked(known)
    account.refresh_from_db()
    assert list(handover.known_to_owner(account)) == [known.token]

    give(account, make_person("next"), ada)
    assert is_revoked(known)
    assert not is_revoked(of_ada)
