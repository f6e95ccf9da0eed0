"""Adding, editing, disabling and deleting people, and their own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.levels import AUDITOR
from accounts.identities import actions
from accounts.identities.policies import NotAPerson
from accounts.models import Identity, ServiceAccount
from tests.factories import make_account, make_person
from tests.identities.people import NEW

ClientOf = Callable[[Identity], Client]

PAGES = ("", "activity/", "edit/", "levels/", "disable/", "delete/")
ACTS = ("invite/", "enable/", "end-sessions/")


def edited(identity: Identity, **change: str) -> dict[str, str]:
    return {
        "first_name": identity.first_name,
        "last_name": identity.last_name,
        "email": identity.email,
        "opened_at": identity.changed_at.isoformat(),
    } | change


def test_a_person_is_added_with_levels_and_recorded(client_of: ClientOf, ada: Identity) -> None:
    answer = client_of(ada).post("/identities/new/", NEW | {"levels": [AUDITOR]}, follow=True)

    person = Identity.objects.get(user_name="audit01")
    assert answer.redirect_chain == [(f"/identities/{person.pk}/", 302)]
    assert "An invitation goes to nina@example.com" in answer.content.decode()
    assert person.levels == {AUDITOR}
    assert not person.is_registered
    actions_recorded = Event.objects.about("identity", person.pk).order_by("id")
    assert [event.action for event in actions_recorded][:3] == [
        "identity.created",
        "identity.levels_changed",
        "identity.invited",
    ]
    assert {event.actor_label for event in actions_recorded[:3]} == {"ada"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user_name": ""}, "user_name"),
        ({"user_name": "otto"}, "user_name"),
        ({"user_name": "OTTO"}, "user_name"),
        ({"user_name": "оttо"}, "user_name"),
        ({"user_name": "ot to"}, "user_name"),
        ({"user_name": "x" * 151}, "user_name"),
        ({"user_name": "a\u202eb"}, "user_name"),
        ({"first_name": "x" * 81}, "first_name"),
        ({"first_name": "a\u200bb"}, "first_name"),
        ({"last_name": "Nоvak"}, "last_name"),
        ({"email": ""}, "email"),
        ({"email": "nina"}, "email"),
        ({"levels": ["superuser"]}, "levels"),
    ],
)
def test_a_bad_field_is_named_and_the_rest_is_kept(
    client_of: ClientOf, ada: Identity, otto: Identity, change: dict[str, Any], field: str
) -> None:
    answer = client_of(ada).post("/identities/new/", NEW | change)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    for name, value in (NEW | change).items():
        assert name == field or f'value="{value}"' in answer.content.decode(), name
    assert not Identity.objects.filter(email="nina@example.com").exists()
    assert not Event.objects.filter(action="identity.created", actor_label="ada").exists()


def test_twice_the_same_form_adds_one_person(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    browser.post("/identities/new/", NEW)

    again = browser.post("/identities/new/", NEW)

    assert "is taken already" in again.content.decode()
    assert Identity.objects.filter(user_name="audit01").count() == 1


def test_editing_is_recorded_with_what_changed(
    client_of: ClientOf, ada: Identity, nina: Identity
) -> None:
    client_of(ada).post(f"/identities/{nina.pk}/edit/", edited(nina, last_name="Nováková"))

    nina.refresh_from_db()
    assert (nina.last_name, nina.display_name) == ("Nováková", "Nina Nováková")
    event = Event.objects.get(action="identity.edited")
    assert event.detail["before"] == {"last_name": "Novak", "display_name": "Nina Novak"}
    assert event.detail["after"] == {"last_name": "Nováková", "display_name": "Nina Nováková"}


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    client_of: ClientOf, ada: Identity, nina: Identity
) -> None:
    browser, path = client_of(ada), f"/identities/{nina.pk}/edit/"
    mine = edited(nina, first_name="Ninette")
    actions.edit_person(
        by=ada,
        identity=nina,
        first_name="Nina",
        last_name="Other",
        email="other@example.com",
        at=timezone.now(),
    )

    told = browser.post(path, mine)

    text = told.content.decode()
    assert "ada changed this identity while you were editing it" in text
    assert "<ins>Other</ins>" in text
    assert 'value="Ninette"' in text
    nina.refresh_from_db()
    assert nina.last_name == "Other"
    again = mine | {"opened_at": nina.changed_at.isoformat()}
    assert f'value="{nina.changed_at.isoformat()}"' in text
    assert browser.post(path, again).status_code == 302
    nina.refresh_from_db()
    assert (nina.first_name, nina.last_name) == ("Ninette", "Novak")


def test_a_name_may_be_freed_by_deleting(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser = client_of(ada)

    browser.post(f"/identities/{otto.pk}/delete/", {"user_name": "otto"})
    browser.post("/identities/new/", NEW | {"user_name": "otto"})

    assert Identity.objects.existing().get(user_name="otto").pk != otto.pk
    assert browser.get(f"/identities/{otto.pk}/").status_code == 404


def test_deleting_wants_the_user_name_and_says_what_loses_its_owner(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    account = make_account("audit02", owner=otto).account
    browser, path = client_of(ada), f"/identities/{otto.pk}/delete/"

    page = browser.get(path).content.decode()
    assert "1 service account passes to somebody else" in page
    assert "audit02" in page
    for typed in ("", "Otto", "ott", "otto2"):
        assert browser.post(path, {"user_name": typed}).status_code == 200
    assert Identity.objects.existing().filter(pk=otto.pk).exists()
    answer = browser.post(path, {"user_name": " otto "}, follow=True)

    assert answer.redirect_chain == [("/identities/", 302)]
    assert "Otto is deleted." in answer.content.decode()
    orphans = ServiceAccount.objects.existing().in_status("no_owner", timezone.now())
    assert list(orphans) == [account]
    event = Event.objects.get(action="identity.deleted")
    assert event.subject_label == "otto"
    assert event.detail["before"]["owned_service_accounts"] == 1


def test_a_deleted_person_keeps_no_level_and_no_password(ada: Identity) -> None:
    bert = make_person("bert", levels=[AUDITOR])

    actions.delete(by=ada, identity=bert, at=timezone.now())

    bert.refresh_from_db()
    assert bert.levels == frozenset()
    assert not bert.has_usable_password()
    assert (
        Client().post("/sign-in/", {"login": bert.user_name, "password": "!"}).context is not None
    )


def test_disabling_and_enabling(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    browser = client_of(ada)
    assert (
        "signed out everywhere at once"
        in browser.get(f"/identities/{otto.pk}/disable/").content.decode()
    )

    browser.post(f"/identities/{otto.pk}/disable/")
    otto.refresh_from_db()
    assert (otto.is_active, otto.disabled_by) == (False, "ada")
    assert "ada disabled it" in browser.get(f"/identities/{otto.pk}/").content.decode()
    browser.post(f"/identities/{otto.pk}/enable/")
    otto.refresh_from_db()
    assert otto.is_active
    recorded = Event.objects.about("identity", otto.pk).filter(action__contains="abled")
    assert [e.action for e in recorded.order_by("id")] == [
        "identity.disabled",
        "identity.enabled",
    ]


def test_an_administrator_can_sign_somebody_out(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser = client_of(otto)

    client_of(ada).post(f"/identities/{otto.pk}/end-sessions/")

    assert browser.get("/profile/").status_code == 302


def test_the_page_shows_what_somebody_owns_and_did(
    client_of: ClientOf, vera: Identity, otto: Identity
) -> None:
    make_account("audit02", owner=otto)
    client_of(otto)

    browser = client_of(vera)
    page = browser.get(f"/identities/{otto.pk}/").content.decode()
    about = browser.get(f"/identities/{otto.pk}/activity/").content.decode()
    did = browser.get(f"/identities/{otto.pk}/activity/?show=did").content.decode()

    assert "audit02" in page
    assert "Never signed in" not in page
    assert "otto signed in" in about
    assert "System added otto" in about
    assert "otto signed in" in did
    assert "System added otto" not in did
    for absent in ("Danger zone", "Set User Levels", "/edit/"):
        assert absent not in page


def test_a_service_has_a_page_that_leads_to_its_account(client_of: ClientOf, ada: Identity) -> None:
    account = make_account("audit02").account

    text = client_of(ada).get(f"/identities/{account.pk}/").content.decode()

    assert f'href="/service-accounts/{account.pk}/"' in text
    assert "Danger zone" not in text


@pytest.mark.parametrize("act", [actions.disable, actions.enable, actions.delete])
def test_services_are_changed_on_their_own_pages(
    client_of: ClientOf, ada: Identity, act: Callable[..., None]
) -> None:
    service = make_account("audit02").account.identity

    with pytest.raises(NotAPerson):
        act(by=ada, identity=service, at=timezone.now())
    for page in ("edit/", "disable/", "delete/"):
        assert client_of(ada).get(f"/identities/{service.pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_behind_an_unknown_id(client_of: ClientOf, ada: Identity, page: str) -> None:
    assert client_of(ada).get(f"/identities/{uuid4()}/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_basic_user_sees_nobody(
    client_of: ClientOf, mallory: Identity, otto: Identity, page: str
) -> None:
    assert client_of(mallory).get(f"/identities/{otto.pk}/{page}").status_code == 403


@pytest.mark.parametrize("page", ["edit/", "levels/", "disable/", "delete/", *ACTS])
def test_an_auditor_changes_nothing(
    client_of: ClientOf, vera: Identity, otto: Identity, page: str
) -> None:
    before = Identity.objects.values().get(pk=otto.pk)

    answer = client_of(vera).post(f"/identities/{otto.pk}/{page}", {"user_name": "otto"})

    assert answer.status_code == 403
    assert Identity.objects.values().get(pk=otto.pk) == before


@pytest.mark.parametrize("act", ACTS)
def test_a_link_does_nothing(client_of: ClientOf, ada: Identity, otto: Identity, act: str) -> None:
    assert client_of(ada).get(f"/identities/{otto.pk}/{act}").status_code == 405


@pytest.mark.parametrize("page", [*PAGES, *ACTS])
def test_every_act_needs_the_token_of_our_page(ada: Identity, otto: Identity, page: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="console.sign_in.backends.PasswordBackend")

    assert browser.post(f"/identities/{otto.pk}/{page}").status_code == 403


def test_the_page_of_one_who_owns_much_costs_no_more(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            make_account(f"account {number} {index}", owner=otto)
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"/identities/{otto.pk}/")
        counts.append(len(captured))

    assert counts[0] == counts[1]
