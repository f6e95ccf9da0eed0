"""Identities over the door: read, invited, reset, processed, deleted; and their user levels."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Identity, Invitation
from tests.doors.sailpoint.caller import Caller, said
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process, work

pytestmark = pytest.mark.django_db

PATCH = "application/json-patch+json"


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def audit(db: None) -> Identity:
    """A service account that came from a file."""
    source = make_source()
    bring(source, rows("SA-1,audit01,audit@example.com,Reports"))
    process(make_profile(source))
    return identity("audit01")


def test_an_identity_is_told_in_the_vendors_words(caller: Caller, audit: Identity) -> None:
    told = caller.get(f"/identities/v1/{audit.pk}").json()
    assert (told["name"], told["alias"]) == ("audit01", "audit01")
    assert told["emailAddress"] == "audit@example.com"
    assert told["identityStatus"] == told["attributes"]["cloudStatus"] == "UNREGISTERED"
    assert told["attributes"]["uid"] == "audit01"
    assert (told["managerRef"], told["isManager"]) == (None, False)
    [found] = caller.get("/identities/v1", filters='cloudStatus eq "UNREGISTERED"').json()
    assert found == told
    assert caller.get("/identities/v1", filters="correlated eq false").json() == []
    assert caller.get("/identities/v1", defaultFilter="SOME").status_code == 400


def test_who_may_see_nobody_sees_only_themselves(audit: Identity, otto: Identity) -> None:
    caller = Caller(otto)
    seen = caller.get("/public-identities/v1", count="true")
    assert [each["alias"] for each in seen.json()] == ["otto"]
    assert seen.headers["X-Total-Count"] == "1"
    assert caller.get("/public-identities/v1", **{"add-core-filters": "true"}).json() == []


def invite(caller: Caller, **body: Any) -> dict[str, Any]:
    answer = caller.send("POST", "/identities/v1/invite", body)
    assert answer.status_code == 202, answer.content
    work()
    task: dict[str, Any] = caller.get(f"/task-status/v1/{answer.json()['id']}").json()
    return task


def test_an_invitation_is_a_task_and_a_mail(caller: Caller, audit: Identity) -> None:
    task = invite(caller, ids=[str(audit.pk)])
    assert (task["completionStatus"], task["attributes"]["invited"]) == ("SUCCESS", 1)
    assert Invitation.objects.get().identity == audit
    told = caller.get(f"/identities/v1/{audit.pk}").json()
    assert told["identityStatus"] == "PENDING"


def test_who_cannot_be_invited_is_told_in_the_task(
    caller: Caller, audit: Identity, otto: Identity
) -> None:
    task = invite(caller, ids=[str(audit.pk), str(otto.pk)])
    assert task["completionStatus"] == "WARNING"
    assert task["attributes"] == {"invited": 1, "not_invited": 1}
    assert "otto: Has a password already" in task["messages"][0]["localizedText"]["message"]


def test_everybody_who_was_not_invited_yet_is_invited_once(caller: Caller, audit: Identity) -> None:
    assert invite(caller, ids=[], uninvited=True)["attributes"]["invited"] == 1
    answer = caller.send("POST", "/identities/v1/invite", {"ids": [], "uninvited": True})
    assert answer.status_code == 400
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": "x"}, {"ids": [3]}, {"ids": ["x"] * 1001}, {"uninvited": "yes"}],
)
def test_an_invitation_of_nobody_is_refused(caller: Caller, body: dict[str, Any]) -> None:
    assert caller.send("POST", "/identities/v1/invite", body).status_code == 400


def test_one_id_that_is_not_there_stops_the_whole_call(caller: Caller, audit: Identity) -> None:
    ids = [str(audit.pk), str(uuid4())]
    assert caller.send("POST", "/identities/v1/invite", {"ids": ids}).status_code == 404
    assert not Invitation.objects.exists()


def test_a_reset_takes_levels_and_password(caller: Caller) -> None:
    vera = make_person("vera", levels=["auditor"])
    assert caller.send("POST", f"/identities/v1/{vera.pk}/reset").status_code == 202
    vera.refresh_from_db()
    assert (vera.levels, vera.is_registered) == (frozenset(), False)
    assert caller.send("POST", f"/identities/v1/{caller.holder.pk}/reset").status_code == 400


def test_an_identity_is_deleted_and_its_tokens_with_it(caller: Caller, otto: Identity) -> None:
    other = Caller(otto)
    assert other.get("/public-identities/v1").status_code == 200
    assert caller.send("DELETE", f"/identities/v1/{otto.pk}").status_code == 204
    assert caller.get(f"/identities/v1/{otto.pk}").status_code == 404
    assert other.get("/public-identities/v1").status_code == 401


def test_processing_brings_the_profiles_of_the_identities_up_to_date(
    caller: Caller, audit: Identity
) -> None:
    source = audit.source_accounts.get().source
    bring(source, rows("SA-1,audit01,new@example.com,Reports"))
    answer = caller.send("POST", "/identities/v1/process", {"identityIds": [str(audit.pk)]})
    assert answer.status_code == 202, answer.content
    work()
    task = caller.get(f"/task-status/v1/{answer.json()['id']}").json()
    assert task["completionStatus"] == "SUCCESS"
    assert identity("audit01").email == "new@example.com"
    own = {"identityIds": [str(caller.holder.pk)]}
    assert caller.send("POST", "/identities/v1/process", own).status_code == 400


def levels(caller: Caller, person: Identity, value: Any, path: str = "/capabilities") -> Any:
    change = [{"op": "replace", "path": path, "value": value}]
    return caller.send("PATCH", f"/auth-users/v1/{person.pk}", change, content_type=PATCH)


def test_user_levels_are_set_and_what_the_vendor_does_not_know_is_kept(caller: Caller) -> None:
    vera = make_person("vera", levels=["auditor", "helpdesk"])
    answer = levels(caller, vera, ["SOURCE_ADMIN"])
    assert answer.json()["capabilities"] == ["SOURCE_ADMIN"]
    vera.refresh_from_db()
    assert vera.levels == {"auditor", "source_admin"}
    assert levels(caller, vera, []).json()["capabilities"] == []


@pytest.mark.parametrize(
    "value", [["NOBODY"], [""], "ORG_ADMIN", [3], None, ["SOURCE_ADMIN", "SOURCE_SUBADMIN"]]
)
def test_user_levels_that_cannot_be_are_refused(caller: Caller, otto: Identity, value: Any) -> None:
    assert levels(caller, otto, value).status_code == 400
    otto.refresh_from_db()
    assert otto.levels == frozenset()


def test_nothing_but_the_user_levels_of_an_auth_user_is_changed(
    caller: Caller, otto: Identity
) -> None:
    answer = levels(caller, otto, "x@example.com", "/email")
    assert answer.status_code == 400
    assert answer.json()["detailCode"] == "400.1.1 Illegal update attempt"


def test_a_refusal_speaks_of_what_was_sent(caller: Caller, otto: Identity) -> None:
    answer = levels(caller, otto, ["ROLE_ADMIN", "SOURCE_SUBADMIN"])
    assert said(answer).startswith("capabilities: Role Admin and Source Sub-Admin")
    transform = caller.send("POST", "/transforms/v1", {"name": "Shout", "type": "upper"}).json()
    other = {"name": "Whisper", "type": "upper"}
    answer = caller.send("PUT", f"/transforms/v1/{transform['id']}", other)
    assert said(answer).startswith("The name stays")


def test_nobody_gives_levels_to_themselves(caller: Caller) -> None:
    answer = levels(caller, caller.holder, ["ORG_ADMIN", "HELPDESK"])
    assert (answer.status_code, said(answer)[:14]) == (400, "You cannot do ")
