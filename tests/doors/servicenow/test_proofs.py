"""How a program proves who it is at this door."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import memberships
from accounts.identities import actions
from accounts.models import Event, Group, Identity
from accounts.roles import actions as roles
from accounts.roles.actions import RoleDraft
from tests.doors.servicenow.caller import Caller, basic
from tests.factories import make_account
from tests.factories.groups import join
from tests.factories.people import PASSWORD
from tests.factories.tokens import make_token
from tests.factories.uses import make_ready
from tests.oauth.holder import Holder, audience
from tests.oauth.program import Answer, Program
from tokens.doors.servicenow import calls
from tokens.edge import rate
from tokens.personal_access_tokens import actions as tokens
from tokens.usage.buffer import buffer

pytestmark = pytest.mark.django_db

ME = "/api/now/table/sys_user?sysparm_fields=user_name"
FORM = "application/x-www-form-urlencoded"


def get(**headers: str) -> Answer:
    return Program().get(ME, headers={name.replace("_", "-"): v for name, v in headers.items()})


def traded(client_id: str, secret: str, *, by_header: bool = False, **more: str) -> Answer:
    form = {"grant_type": "client_credentials"} | more
    if not by_header:
        form |= {"client_id": client_id, "client_secret": secret}
    headers = {"Authorization": basic(client_id, secret)} if by_header else {}
    return Program().post("/oauth_token.do", urlencode(form), content_type=FORM, headers=headers)


def test_id_and_secret_in_a_basic_header_or_as_one_key(mallory: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    for headers in (
        {"Authorization": basic(made.client_id, made.secret)},
        {"x-sn-apikey": f"{made.client_id}.{made.secret}"},
    ):
        answer = Program().get(ME, headers=headers)
        assert answer.json() == {"result": [{"user_name": "mallory"}]}
        assert answer.headers["Cache-Control"] == "no-store"
    assert not Event.objects.filter(action__in=["token.issued", "api.refused"]).exists()


def test_a_call_is_counted_as_use_of_the_token(mallory: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    get(x_sn_apikey=f"{made.client_id}.{made.secret}")
    buffer.flush()
    made.token.refresh_from_db()
    assert made.token.last_used_at is not None


@pytest.mark.parametrize("by_header", [True, False])
def test_an_access_token_is_got_at_the_vendors_address(mallory: Identity, by_header: bool) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    answer = traded(made.client_id, made.secret, by_header=by_header).json()

    assert (answer["scope"], answer["token_type"]) == ("useraccount", "Bearer")
    assert answer["expires_in"] > 0
    found = get(Authorization=f"Bearer {answer['access_token']}")
    assert found.json() == {"result": [{"user_name": "mallory"}]}


def test_the_password_grant_is_not_taken(mallory: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    answer = traded(
        *(made.client_id, made.secret),
        grant_type="password",
        username="mallory",
        password=PASSWORD,
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_password_opens_nothing(ada: Identity) -> None:
    answer = get(Authorization=basic("ada", PASSWORD))
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "message": "User Not Authenticated",
            "detail": "The user name or the secret is wrong.",
        },
        "status": "failure",
    }
    event = Event.objects.get(action="api.refused")
    assert PASSWORD not in str(event.detail) + event.reason
    assert event.detail["refused_by"] == "secret"


def test_what_is_no_proof(mallory: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    other = make_token(mallory, "Other", scopes=["useraccount"])
    wrong = [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": basic(made.client_id, other.secret)},
        {"Authorization": basic(made.client_id, "")},
        {"Authorization": basic(made.secret, made.client_id)},
        {"Authorization": "Basic " + "A" * 5000},
        {"Authorization": "Bearer " + made.secret},
        {"x-sn-apikey": ""},
        {"x-sn-apikey": made.secret},
        {"x-sn-apikey": f"{made.client_id}.{made.secret}x"},
        {"x-sn-apikey": "." * 9000},
    ]
    for headers in wrong:
        answer = Program().get(ME, headers=headers)
        assert answer.status_code in (401, 429), headers
        assert answer.json()["status"] == "failure"
        if answer.status_code == 401:
            challenge = answer.headers["WWW-Authenticate"]
            assert challenge.startswith('Basic realm="steward", Bearer realm="steward"')
        assert "Set-Cookie" not in answer.headers


def test_two_proofs_at_once_or_one_in_the_address(mallory: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    key, header = f"{made.client_id}.{made.secret}", basic(made.client_id, made.secret)
    assert get(x_sn_apikey=key, Authorization=header).status_code == 400
    assert Program().get(f"{ME}&x-sn-apikey={key}").status_code == 400
    assert Program().get(f"{ME}&access_token=x").status_code == 400


def test_another_scope_is_not_enough(mallory: Identity, ada: Identity) -> None:
    for holder in (mallory, ada):
        made = make_token(holder, scopes=["sp:scopes:all", "fr:idm:*"])
        answer = get(Authorization=basic(made.client_id, made.secret))
        assert answer.status_code == 403
        assert 'scope="useraccount"' in answer.headers["WWW-Authenticate"]
        assert answer.json()["status"] == "failure"
    assert Event.objects.filter(action="api.refused").count() == 2


def test_who_was_stopped_and_what_was_revoked(mallory: Identity, ada: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    header = basic(made.client_id, made.secret)
    bearer = traded(made.client_id, made.secret).json()["access_token"]
    assert get(Authorization=header).status_code == 200
    actions.disable(by=ada, identity=mallory, at=timezone.now())
    assert get(Authorization=header).status_code == 401
    assert get(Authorization=f"Bearer {bearer}").status_code == 401
    assert Event.objects.filter(action="api.refused").latest("id").detail["refused_by"] == "owner"
    actions.enable(by=ada, identity=mallory, at=timezone.now())
    tokens.revoke(by=mallory, token=made.token, at=timezone.now())
    assert get(Authorization=header).status_code == 401
    assert Event.objects.filter(action="api.refused").latest("id").detail["refused_by"] == "expiry"


def test_an_account_for_web_services_only_calls_on(
    account: Identity, group: Group, owner: Caller
) -> None:
    made = make_token(account, scopes=["useraccount"])
    where = f"/api/now/table/sys_user/{account.pk.hex}"
    early = owner.send("PATCH", where, {"web_service_access_only": "true"})
    assert early.status_code == 400
    assert "Nobody has registered" in early.json()["error"]["detail"]
    make_ready(account)
    assert owner.send("PATCH", where, {"web_service_access_only": "true"}).status_code == 200
    assert get(Authorization=basic(made.client_id, made.secret)).status_code == 200
    assert group.memberships.count() == 1


def test_what_a_role_gives_counts_at_the_next_call(group: Group, otto: Identity) -> None:
    account = make_account("svc-beta", owner=otto).account.identity
    caller = Caller(account)
    role = group.group_roles.get(role__name="itil").role
    draft = RoleDraft("itil", "", ["useraccount"], ["identity.view"])
    roles.edit(by=SYSTEM, role=role, draft=draft, revision=1, at=timezone.now())
    assert caller.column("sys_user", "user_name") == ["svc-beta"]
    join(group, account)
    assert {"otto", "svc-alpha", "svc-beta"} <= set(caller.column("sys_user", "user_name"))
    memberships.remove(by=SYSTEM, group=group, identity=account, at=timezone.now())
    assert caller.column("sys_user", "user_name") == ["svc-beta"]


def test_a_key_of_an_account_in_the_group_is_traded_at_the_vendors_address(
    group: Group, otto: Identity
) -> None:
    holder = Holder(make_account("svc-beta", owner=otto))
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": "service-account",
        "scope": "useraccount",
    }

    def ask() -> Answer:
        asserted = {"assertion": holder.assertion(aud=audience(path="/oauth_token.do"))}
        return Program().post("/oauth_token.do", urlencode(form | asserted), content_type=FORM)

    refused = ask()
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    join(group, holder.made.account.identity)
    token = ask().json()["access_token"]
    assert get(Authorization=f"Bearer {token}").json() == {"result": [{"user_name": "svc-beta"}]}
    memberships.remove(
        by=SYSTEM, group=group, identity=holder.made.account.identity, at=timezone.now()
    )
    assert get(Authorization=f"Bearer {token}").status_code == 403


def test_guessing_is_slowed_down(mallory: Identity) -> None:
    made = make_token(mallory, scopes=["useraccount"])
    answers = [get(Authorization=basic(made.client_id, "wrong")) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    right = get(Authorization=basic(made.client_id, made.secret))
    assert right.status_code == 200


def test_who_calls_too_often_waits(mallory: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "CALLS", 2)
    calls.limit.forget()
    made = make_token(mallory, scopes=["useraccount"])
    other = make_token(mallory, "Other", scopes=["useraccount"])
    headers = {"Authorization": basic(made.client_id, made.secret)}
    answers = [Program().get(ME, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert get(Authorization=basic(other.client_id, other.secret)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/now/", "/api/now/table/", "/api/now/table/sys_user/", "/api/now/attachment"]
)
def test_what_is_not_served_is_no_page_and_leads_nowhere_else(path: str) -> None:
    for method in ("GET", "POST"):
        answer = Program().request(method, path)
        assert answer.status_code == 404
        assert answer.json()["status"] == "failure"
