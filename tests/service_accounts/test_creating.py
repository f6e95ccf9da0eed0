"""Making an account: what it may be called, who may own it, what it may be given."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions
from accounts.service_accounts.actions import Details, NameTaken
from accounts.service_accounts.states import Status
from tests.factories import make_account, make_person

pytestmark = pytest.mark.django_db


def details(**changes: Any) -> Details:
    values: dict[str, Any] = {
        "name": "audit01",
        "description": "",
        "owner": None,
        "scopes": ["fr:am:*"],
    }
    return Details(**(values | changes))


def create(by: Identity, **changes: Any) -> ServiceAccount:
    return actions.create(by=by, details=details(**changes), at=timezone.now())


def refusal(by: Identity, **changes: Any) -> DomainError:
    """The refusal, after a look that nothing was left behind."""
    identities_before = Identity.objects.count()
    events_before = Event.objects.count()
    with pytest.raises(DomainError) as caught:
        create(by, **changes)
    assert Identity.objects.count() == identities_before
    assert Event.objects.count() == events_before
    return caught.value


def test_an_account_is_an_identity_with_the_same_id(ada: Identity, otto: Identity) -> None:
    account = create(ada, owner=otto)
    assert account.pk == account.identity.pk == account.id
    assert account.identity.kind == "service"
    assert not account.identity.has_usable_password()
    assert account.status_at(timezone.now()) == Status.ACTIVE


def test_it_is_recorded_with_what_it_was_given(ada: Identity, otto: Identity) -> None:
    account = create(ada, owner=otto)
    event = Event.objects.get(action="service_account.created")
    assert (event.actor_id, event.subject_id) == (str(ada.pk), str(account.pk))
    assert event.detail["after"] == {
        "name": "audit01",
        "description": "",
        "owner": "otto",
        "scopes": ["fr:am:*"],
        "ends_at": None,
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  audit01 ", "audit01"),
        ("nightly   export", "nightly export"),
        ("Büro", "Büro"),
        ("Bu\u0308ro", "Büro"),
        ("報告", "報告"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_name_is_kept_as_people_read_it(ada: Identity, typed: str, kept: str) -> None:
    assert create(ada, name=typed).name == kept


@pytest.mark.parametrize(
    "name",
    ["", "   ", "a" * 101, "a\nb", "a\x00b", "a\x1bb", "evil\u202ecod.exe", "a\u200bb", "pаypal"],
)
def test_a_name_that_misleads_is_refused(ada: Identity, name: str) -> None:
    assert refusal(ada, name=name).field == "name"


@pytest.mark.parametrize(
    "name", ["AUDIT01", "audit01 ", "ａｕｄｉｔ０１", "аudit01".replace("а", "a")]
)
def test_a_name_that_looks_like_another_is_taken(ada: Identity, name: str) -> None:
    create(ada)
    refused = refusal(ada, name=name)
    assert isinstance(refused, NameTaken)
    assert "“audit01”" in refused.message


def test_the_name_of_a_deleted_account_is_free_and_its_id_is_not(ada: Identity) -> None:
    first = create(ada)
    actions.delete(by=ada, account=first, at=timezone.now())
    again = create(ada)
    assert again.name == "audit01"
    assert again.pk != first.pk


def test_a_person_of_that_name_is_in_nobodys_way(ada: Identity) -> None:
    """The id tells them apart in tokens, and the identity's user name is marked."""
    account = create(ada, name="ada")
    assert account.pk != ada.pk
    assert account.identity.user_name.startswith("ada-")


def owners() -> list[str]:
    return ["disabled", "deleted", "service", "unsaved"]


@pytest.mark.parametrize("kind", owners())
def test_only_a_person_who_can_sign_in_may_own_one(ada: Identity, kind: str) -> None:
    now = timezone.now()
    match kind:
        case "service":
            candidate = make_account("other").account.identity
        case "unsaved":
            candidate = Identity(pk=uuid.uuid4(), kind="agent", user_name="nobody")
        case _:
            candidate = make_person("leaver")
            act = identities.disable if kind == "disabled" else identities.delete
            act(by=ada, identity=candidate, at=now)
            candidate.refresh_from_db()
    assert refusal(ada, owner=candidate).field == "owner"


def test_nobody_may_own_one_and_the_list_says_so(ada: Identity) -> None:
    create(ada, owner=None)
    found = ServiceAccount.objects.existing().in_status("no_owner", timezone.now())
    assert [account.name for account in found] == ["audit01"]


@pytest.mark.parametrize(
    "scopes", [["fr:idc:federation:*"], ["fr:idc:federation:read"], ["fr:nothing:*"], [""], ["*"]]
)
def test_restricted_and_unknown_scopes_are_refused(ada: Identity, scopes: list[str]) -> None:
    assert refusal(ada, scopes=["fr:am:*", *scopes]).field == "scopes"


def test_a_parent_covers_its_children_and_double_ones_count_once(ada: Identity) -> None:
    account = create(ada, scopes=["fr:idc:esv:read", "fr:idc:esv:*", "fr:am:*", "fr:am:*"])
    assert account.scopes == ["fr:am:*", "fr:idc:esv:*"]


def test_an_end_must_lie_ahead(ada: Identity) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert refusal(ada, ends_at=past).field == "ends_at"


@pytest.mark.parametrize("who", ["vera", "otto", "mallory"])
def test_only_administrators_make_accounts(request: pytest.FixtureRequest, who: str) -> None:
    person: Identity = request.getfixturevalue(who)
    assert isinstance(refusal(person), NotAllowed)


def test_a_disabled_administrator_makes_none(ada: Identity) -> None:
    other = make_person("adam", levels=["admin"])
    identities.disable(by=ada, identity=other, at=timezone.now())
    assert isinstance(refusal(other), NotAllowed)
