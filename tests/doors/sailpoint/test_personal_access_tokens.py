"""Personal access tokens over the door: made, changed, revoked; nobody reaches another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import Identity
from accounts.tenant import actions as tenant
from tests.doors.sailpoint.caller import Caller, said
from tests.factories.accounts import make_account
from tests.factories.apis import make_api, make_scope
from tests.factories.tokens import make_token
from tokens.credentials.models import Credential
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.personal_access_tokens.lifetimes import MAY_NEVER_EXPIRE

pytestmark = pytest.mark.django_db

PATH = "/personal-access-tokens/v1"
PATCH = "application/json-patch+json"
MANAGE = "sp:my-personal-access-tokens:manage"


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


def ends(days: int = 7) -> str:
    return (timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def draft(**changed: Any) -> dict[str, Any]:
    wanted = {"name": "Integration", "scope": ["idn:sources:read"], "expirationDate": ends()}
    return {name: value for name, value in (wanted | changed).items() if value is not None}


def test_the_answer_that_makes_a_token_is_the_only_one_with_its_secret(caller: Caller) -> None:
    answer = caller.send("POST", PATH, draft(accessTokenValiditySeconds=900))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    assert len(made["id"]) == 32
    assert len(made["secret"]) == 64
    assert made["accessTokenValiditySeconds"] == 900
    assert made["owner"] == {"type": "IDENTITY", "id": str(caller.holder.pk), "name": "ada"}
    listed = caller.get(PATH, **{"owner-id": "me"})
    assert made["secret"].encode() not in listed.content
    kept = Credential.objects.get(name="Integration")
    assert kept.client_id == made["id"]
    assert made["secret"] not in str(list(Event.objects.values()))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": 3}, "name"),
        ({"scope": "idn:sources:read"}, "scope"),
        ({"scope": ["idn:nothing:read"]}, "scope: "),
        ({"expirationDate": None}, "Send expirationDate, or set userAwareTokenNeverExpires"),
        ({"expirationDate": "soon"}, "expirationDate"),
        ({"expirationDate": "2020-01-01T00:00:00Z"}, "expirationDate: "),
        ({"expirationDate": None, "userAwareTokenNeverExpires": True}, "expirationDate: "),
        ({"userAwareTokenNeverExpires": "yes"}, "userAwareTokenNeverExpires"),
        ({"accessTokenValiditySeconds": 14}, "accessTokenValiditySeconds: "),
        ({"accessTokenValiditySeconds": 43_201}, "accessTokenValiditySeconds: "),
        ({"accessTokenValiditySeconds": "900"}, "accessTokenValiditySeconds"),
        ({"accessTokenValiditySeconds": True}, "accessTokenValiditySeconds"),
    ],
)
def test_a_draft_that_cannot_be_taken_is_refused_and_makes_nothing(
    caller: Caller, changed: dict[str, Any], field: str
) -> None:
    answer = caller.send("POST", PATH, draft(**changed))
    assert answer.status_code == 400, answer.content
    assert said(answer).startswith(field)
    assert Credential.objects.count() == 1


def test_a_token_that_never_expires_has_a_far_end_in_the_answer_that_makes_it(
    caller: Caller,
) -> None:
    tenant.set_switches(by=SYSTEM, states={MAY_NEVER_EXPIRE.name: True}, at=timezone.now())
    wanted = draft(expirationDate=None, userAwareTokenNeverExpires=True)
    made = caller.send("POST", PATH, wanted).json()
    assert made["expirationDate"] == "9999-12-31T23:59:59.999Z"
    told = {each["id"]: each for each in caller.get(PATH).json()}[made["id"]]
    assert (told["expirationDate"], told["userAwareTokenNeverExpires"]) == (None, True)


def test_a_narrow_token_makes_no_wider_one(ada: Identity) -> None:
    caller = Caller(ada, [MANAGE, "idn:sources:manage"])
    assert caller.send("POST", PATH, draft()).status_code == 200  # to read is below to manage
    for scope in (["sp:scopes:all"], ["idn:accounts:read"], [], None):
        answer = caller.send("POST", PATH, draft(name=f"For {scope}", scope=scope))
        assert answer.status_code == 403, scope
        assert "scopes that it lacks itself" in said(answer)
    mine = caller.get(PATH, **{"owner-id": "me"}).json()
    own = next(each for each in mine if MANAGE in each["scope"])
    wider = [{"op": "replace", "path": "/scope", "value": ["sp:scopes:all"]}]
    answer = caller.send("PATCH", f"{PATH}/{own['id']}", wider, content_type=PATCH)
    assert answer.status_code == 403
    assert set(Credential.objects.get(pk=own["id"]).scopes) == {MANAGE, "idn:sources:manage"}


def test_nor_one_that_has_the_scopes_of_the_tenants_own_apis(ada: Identity) -> None:
    make_scope(make_api(), "pay:read")
    caller = Caller(make_account(owner=ada, scopes=["pay:read"]).account.identity, [MANAGE])
    answer = caller.send("POST", PATH, draft(scope=["pay:read"]))
    assert (answer.status_code, "scopes that it lacks itself" in said(answer)) == (403, True)
    (token,) = Credential.objects.filter(kind=PERSONAL_ACCESS_TOKEN)
    patch = [{"op": "replace", "path": "/scope", "value": ["pay:read"]}]
    path = f"{PATH}/{token.client_id}"
    assert caller.send("PATCH", path, patch, content_type=PATCH).status_code == 403
    token.refresh_from_db()
    assert token.scopes == [MANAGE]


@pytest.mark.parametrize("ids", [[{}], [7], [[]], [None]])
def test_ids_that_are_none(caller: Caller, ids: list[Any]) -> None:
    body = {"ids": ids, "patch": []}
    assert caller.send("POST", f"{PATH}/bulk-update", body).status_code == 400


def test_the_tokens_of_others_are_not_there_for_whoever_may_do_nothing(
    ada: Identity, otto: Identity
) -> None:
    other = make_token(ada, "Ada's", scopes=["sp:scopes:all"])
    caller = Caller(otto)
    assert len(caller.get(PATH, **{"owner-id": "me"}).json()) == 1
    assert caller.get(PATH).status_code == 403
    assert caller.get(PATH, **{"owner-id": str(ada.pk)}).status_code == 403
    rename = [{"op": "replace", "path": "/name", "value": "Mine"}]
    path = f"{PATH}/{other.client_id}"
    assert caller.send("PATCH", path, rename, content_type=PATCH).status_code == 404
    assert caller.send("DELETE", path).status_code == 404
    other.token.refresh_from_db()
    assert (other.token.name, other.token.revoked_at) == ("Ada's", None)


def test_whoever_administers_lists_and_revokes_the_tokens_of_others_but_changes_none(
    caller: Caller, otto: Identity
) -> None:
    other = make_token(otto, "Otto's", scopes=["sp:scopes:default"])
    assert len(caller.get(PATH).json()) == 2
    assert [t["name"] for t in caller.get(PATH, **{"owner-id": str(otto.pk)}).json()] == ["Otto's"]
    rename = [{"op": "replace", "path": "/name", "value": "Mine"}]
    path = f"{PATH}/{other.client_id}"
    assert caller.send("PATCH", path, rename, content_type=PATCH).status_code == 403
    assert caller.send("DELETE", path).status_code == 204
    assert caller.send("DELETE", path).status_code == 404
    other.token.refresh_from_db()
    assert other.token.revoked_at is not None


@pytest.mark.parametrize("path", ["/owner", "/secret", "/id", "/owner/id", "/created"])
def test_nothing_else_of_a_token_is_changed(caller: Caller, otto: Identity, path: str) -> None:
    made = caller.send("POST", PATH, draft()).json()
    change = [{"op": "replace", "path": path, "value": str(otto.pk)}]
    answer = caller.send("PATCH", f"{PATH}/{made['id']}", change, content_type=PATCH)
    assert answer.status_code == 400
    assert Credential.objects.get(pk=made["id"]).identity == caller.holder


def test_name_scopes_and_expiry_are_changed_together(caller: Caller) -> None:
    made = caller.send("POST", PATH, draft()).json()
    until = ends(30)
    changes = [
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "replace", "path": "/scope", "value": ["idn:sources:manage", "idn:sources:read"]},
        {"op": "replace", "path": "/expirationDate", "value": until},
    ]
    told = caller.send("PATCH", f"{PATH}/{made['id']}", changes, content_type=PATCH).json()
    assert (told["name"], told["expirationDate"]) == ("Renamed", until)
    assert told["scope"] == ["idn:sources:manage"]


def test_several_tokens_get_another_expiry_or_none_does(caller: Caller) -> None:
    ids = [caller.send("POST", PATH, draft(name=name)).json()["id"] for name in ("One", "Two")]
    until = ends(60)
    body = {"ids": ids, "patch": [{"op": "replace", "path": "/expirationDate", "value": until}]}
    told = caller.send("POST", f"{PATH}/bulk-update", body).json()
    assert [each["expirationDate"] for each in told] == [until, until]
    later = body | {"ids": [*ids, uuid4().hex]}
    later["patch"] = [{"op": "replace", "path": "/expirationDate", "value": ends(90)}]
    assert caller.send("PATCH", f"{PATH}/bulk-update", later).status_code == 404
    kept = {t["id"]: t["expirationDate"] for t in caller.get(PATH).json()}
    assert [kept[each] for each in ids] == [until, until]
    name = {"ids": ids, "patch": [{"op": "replace", "path": "/name", "value": "Same"}]}
    assert caller.send("POST", f"{PATH}/bulk-update", name).status_code == 400
    assert caller.send("POST", f"{PATH}/bulk-update", {"ids": [], "patch": []}).status_code == 400


def test_tokens_are_found_by_when_they_were_last_used(caller: Caller) -> None:
    caller.send("POST", PATH, draft())
    unused = caller.get(PATH, filters="lastUsed isnull").json()
    assert "Integration" in [each["name"] for each in unused]
    assert caller.get(PATH, filters="lastUsed le 2020-01-01T00:00:00Z").json() == []
