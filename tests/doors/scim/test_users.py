"""People, as directories keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions, managing
from accounts.models import Event, Identity
from accounts.profiles.models import ProfileKind
from tests.doors.rest.caller import Caller as RestCaller
from tests.doors.scim.caller import ENTERPRISE, Caller, make_client, replace, told, user
from tests.factories import make_person, profiles
from tests.factories.imports import bring, make_source, rows

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]

AT_WORK = {"employeeNumber": "701984", "department": "Tours"}
WHOLE: dict[str, Any] = {
    "externalId": "0001",
    "name": {"givenName": "Barbara", "familyName": "Jensen"},
    "displayName": "Babs Jensen",
    "title": "Tour guide",
    "emails": [
        {"value": "babs@home.example", "type": "home"},
        {"value": "bjensen@example.com", "type": "work", "primary": True},
    ],
    "active": True,
    ENTERPRISE: AT_WORK,
}


def test_somebody_is_made_with_what_identities_have(scim: Caller) -> None:
    boss = scim.create("boss")
    made = scim.create(
        "bjensen", **WHOLE | {ENTERPRISE: AT_WORK | {"manager": {"value": boss["id"]}}}
    )

    person = Identity.objects.get_queryset().get(pk=made["id"])
    assert (person.first_name, person.last_name) == ("Barbara", "Jensen")
    assert (person.display_name, person.email) == ("Babs Jensen", "bjensen@example.com")
    assert person.attributes["employeeNumber"] == "701984"
    assert (str(person.manager_id), person.origin) == (boss["id"], "scim")
    assert not person.has_usable_password()
    assert scim.get(f"/Users/{made['id']}").json() == made
    assert made["meta"]["location"].endswith(f"/scim/v2/Users/{made['id']}")
    assert made[ENTERPRISE]["manager"]["$ref"].endswith(f"/scim/v2/Users/{boss['id']}")


def test_it_is_in_the_audit_log_as_the_clients(scim: Caller) -> None:
    made = scim.create("bjensen")

    event = Event.objects.get(action="identity.created", subject_id=made["id"])
    assert event.actor_id == str(scim.holder.pk)
    assert event.credential_id is not None


def test_a_password_that_clients_send_is_not_kept(scim: Caller) -> None:
    made = scim.create("bjensen", password="correct horse battery staple")

    assert "password" not in made
    assert not Identity.objects.get_queryset().get(pk=made["id"]).has_usable_password()
    answer = scim.patch(f"/Users/{made['id']}", replace("password", "another one, long"))
    assert answer.status_code in (200, 204)
    assert not Identity.objects.get_queryset().get(pk=made["id"]).has_usable_password()


def test_a_user_name_is_there_once_however_it_is_spelled(scim: Caller) -> None:
    scim.create("bjensen")

    for name in ("bjensen", "BJensen"):
        answer = scim.send("POST", "/Users", user(name))
        assert (answer.status_code, told(answer)) == (409, "uniqueness")
    assert Identity.objects.people().filter(user_name__iexact="bjensen").count() == 1


def test_somebody_is_renamed_and_loses_what_a_put_leaves_out(scim: Caller) -> None:
    made = scim.create("bjensen", **WHOLE)

    answer = scim.send("PUT", f"/Users/{made['id']}", user("bsmith", displayName="B. Smith"))

    assert answer.status_code == 200, answer.content
    person = Identity.objects.get_queryset().get(pk=made["id"])
    assert (person.user_name, person.display_name) == ("bsmith", "B. Smith")
    assert (person.email, person.attributes) == ("", {})
    assert person.is_active  # what is not said is left as it is
    assert "externalId" not in answer.json()


def test_a_patch_as_entra_writes_it(scim: Caller) -> None:
    made = scim.create("bjensen", **WHOLE)

    answer = scim.patch(
        f"/Users/{made['id']}",
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "b@example.com"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Sales"},
        {"op": "Replace", "value": {"displayName": "B. J.", "name.familyName": "Johnson"}},
    )

    assert answer.status_code in (200, 204), answer.content
    person = Identity.objects.get_queryset().get(pk=made["id"])
    assert (person.email, person.attributes["department"]) == ("b@example.com", "Sales")
    assert (person.display_name, person.last_name) == ("B. J.", "Johnson")


def test_deactivating_ends_sessions_and_tokens_at_once(
    scim: Caller, client_of: ClientOf, otto: Identity
) -> None:
    browser, program = client_of(otto), RestCaller(otto)
    assert browser.get("/profile/").status_code == 200
    assert program.get("/identities").status_code in (200, 403)

    assert scim.patch(f"/Users/{otto.pk}", replace("active", False)).status_code in (200, 204)

    assert browser.get("/profile/").status_code == 302
    assert program.get("/identities").status_code == 401
    assert scim.get(f"/Users/{otto.pk}").json()["active"] is False

    assert scim.patch(f"/Users/{otto.pk}", replace("active", True)).status_code in (200, 204)
    assert program.get("/identities").status_code != 401
    assert browser.get("/profile/").status_code == 302, "a session that was ended stays so"
    assert client_of(otto).get("/profile/").status_code == 200


def test_whoever_is_deleted_is_gone_and_may_come_back(scim: Caller) -> None:
    made = scim.create("bjensen", externalId="0001")

    assert scim.send("DELETE", f"/Users/{made['id']}").status_code == 204
    assert scim.get(f"/Users/{made['id']}").status_code == 404
    assert scim.send("DELETE", f"/Users/{made['id']}").status_code == 404
    again = scim.create("bjensen", externalId="0001")
    assert again["id"] != made["id"]


def test_whoever_is_deleted_elsewhere_may_come_back_too(scim: Caller) -> None:
    made = scim.create("bjensen", externalId="0001")
    person = Identity.objects.get_queryset().get(pk=made["id"])

    actions.delete(by=SYSTEM, identity=person, at=timezone.now())

    again = scim.create("bjensen", externalId="0001")
    assert again["id"] != made["id"]
    rows = scim.found("/Users", 'externalId eq "0001"')
    assert [row["id"] for row in rows] == [again["id"]]


@pytest.mark.parametrize("how", ["deactivate", "rename", "mail", "delete"])
def test_who_may_do_more_than_the_client_is_out_of_its_reach(
    scim: Caller, ada: Identity, how: str
) -> None:
    path = f"/Users/{ada.pk}"
    mails = [{"value": "mallory@example.com", "type": "work"}]
    answer = {
        "deactivate": lambda: scim.patch(path, replace("active", False)),
        "rename": lambda: scim.patch(path, replace("userName", "nobody")),
        "mail": lambda: scim.patch(path, replace("emails", mails)),
        "delete": lambda: scim.send("DELETE", path),
    }[how]()

    assert answer.status_code == 403, answer.content
    assert "carry more than yours" in told(answer)
    kept = Identity.objects.get_queryset().get(pk=ada.pk)
    assert (kept.user_name, kept.email, kept.is_active) == ("ada", "ada@example.com", True)
    assert Event.objects.filter(action="api.refused", actor_id=str(scim.holder.pk)).exists()


def test_the_last_administrator_stays_whatever_a_client_may(ada: Identity) -> None:
    every = make_client("Everything")
    actions.set_levels(by=SYSTEM, identity=every, levels=["admin"], at=timezone.now())
    scim = Caller(every)

    answer = scim.patch(f"/Users/{ada.pk}", replace("active", False))

    assert (answer.status_code, told(answer)[:31]) == (403, "This is the last active tenant ")
    assert scim.send("DELETE", f"/Users/{ada.pk}").status_code == 403
    assert Identity.objects.get_queryset().get(pk=ada.pk).is_active


def test_whom_a_source_keeps_is_changed_there(scim: Caller) -> None:
    source = make_source("People")
    bring(source, rows("1,pat01,pat@example.com,"))
    profiles.process(profiles.make_profile(source, kind=ProfileKind.PERSON))
    person = profiles.identity("pat01")

    answer = scim.patch(f"/Users/{person.pk}", replace("name.familyName", "Other"))

    assert (answer.status_code, told(answer)) == (400, "mutability")
    assert "People" in answer.json()["detail"]


def test_a_manager_is_somebody_there(scim: Caller, otto: Identity) -> None:
    path = f"{ENTERPRISE}:manager"
    answer = scim.patch(f"/Users/{otto.pk}", replace(path, {"value": str(scim.holder.pk)}))
    assert (answer.status_code, told(answer)) == (400, "invalidValue")

    boss = make_person("boss")
    answer = scim.patch(f"/Users/{otto.pk}", replace(path, {"value": str(boss.pk)}))
    assert answer.status_code in (200, 204), answer.content
    managing.set_manager(by=SYSTEM, identity=otto, manager=None, at=timezone.now())
    assert "manager" not in scim.get(f"/Users/{otto.pk}").json().get(ENTERPRISE, {})


def test_service_accounts_are_no_users(scim: Caller) -> None:
    assert scim.get(f"/Users/{scim.holder.pk}").status_code == 404
    assert scim.send("DELETE", f"/Users/{scim.holder.pk}").status_code == 404
    assert all(row["userName"] != "directory" for row in scim.get("/Users").json()["Resources"])
