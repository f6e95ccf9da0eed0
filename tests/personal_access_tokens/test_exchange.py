"""Id and secret are traded for an access token, in every form that clients send them."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Event, Identity
from accounts.tenant import actions as tenant
from tests.factories import make_account
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.program import Answer, Program
from tokens.oauth.client_auth import SECRET_IN_QUERY
from tokens.personal_access_tokens import actions

pytestmark = pytest.mark.django_db
PATH = "/oauth/token"
OTHER_PATH = "/am/oauth2/access_token"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def holder(ada: Identity) -> Identity:
    return make_account(owner=ada).account.identity


@pytest.fixture
def made(holder: Identity, ada: Identity) -> MadeToken:
    return make_token(holder, scopes=["fr:idm:*"], by=ada, access_token_seconds=900)


def ask(made: MadeToken, **changed: str) -> Answer:
    form = {
        "grant_type": "client_credentials",
        "client_id": made.client_id,
        "client_secret": made.secret,
    } | changed
    return Program().request("POST", PATH, urlencode(form), content_type=FORM)


def call(token: str) -> int:
    program = Program(headers={"Authorization": f"Bearer {token}"})
    return program.request("GET", "/openidm/managed/alpha_user?_queryFilter=true").status_code


def test_the_grant_in_capitals_as_the_vendor_writes_it(made: MadeToken) -> None:
    assert ask(made, grant_type="CLIENT_CREDENTIALS").status_code == 200
    assert ask(made, grant_type="Client_Credentials").json()["error"] == "unsupported_grant_type"


def test_in_the_body(made: MadeToken, holder: Identity) -> None:
    answer = ask(made)
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["scope"]) == (200, "Bearer", "fr:idm:*")
    claims = jwt.decode(told["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["client_id"]) == (str(holder.pk), made.client_id)
    assert claims["exp"] - claims["iat"] == told["expires_in"] == 900
    assert call(told["access_token"]) == 200


def test_the_answer_has_what_clients_of_sailpoint_know(made: MadeToken, holder: Identity) -> None:
    told = ask(made).json()
    info = Program().request("GET", "/oauth/info").json()
    claims = jwt.decode(told["access_token"], options={"verify_signature": False})
    assert (told["identity_id"], told["jti"]) == (str(holder.pk), claims["jti"])
    assert (told["tenant_id"], told["org"]) == (info["tenantId"], info["tenantName"])
    assert (told["pod"], told["enabled"]) == (info["pod"], True)


def test_in_the_basic_header(made: MadeToken) -> None:
    pair = base64.b64encode(f"{made.client_id}:{made.secret}".encode()).decode()
    answer = Program(headers={"Authorization": f"Basic {pair}"}).request(
        "POST", PATH, "grant_type=client_credentials", content_type=FORM
    )
    assert answer.status_code == 200


def test_as_multipart(made: MadeToken) -> None:
    fields = {
        "grant_type": "client_credentials",
        "client_id": made.client_id,
        "client_secret": made.secret,
    }
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    answer = Program().request(
        "POST", PATH, f"{parts}--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 200


def test_in_the_address_only_where_the_tenant_takes_it(made: MadeToken, ada: Identity) -> None:
    query = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.secret,
        }
    )
    assert Program().request("POST", f"{PATH}?{query}").status_code == 401
    states = {SECRET_IN_QUERY.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    assert Program().request("POST", f"{PATH}?{query}").status_code == 200
    refused = Event.objects.filter(action="token.refused")
    assert made.secret not in json.dumps([e.detail for e in refused])


def test_on_the_other_path_no_address_holds_a_secret_whatever_the_tenant_takes(
    made: MadeToken, ada: Identity
) -> None:
    """Only clients of SailPoint send it so, and they know one path."""
    states = {SECRET_IN_QUERY.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    pair = urlencode({"client_id": made.client_id, "client_secret": made.secret})
    whole = f"{OTHER_PATH}?{pair}&grant_type=client_credentials"
    in_part = f"{OTHER_PATH}?{pair}"
    assert Program().request("POST", whole).status_code == 401
    body = "grant_type=client_credentials"
    assert Program().request("POST", in_part, body, content_type=FORM).status_code == 401
    reasons = Event.objects.filter(action="token.refused").values_list("reason", flat=True)
    assert all("only /oauth/token may take" in reason for reason in reasons)
    assert not Event.objects.filter(action="token.issued").exists()
    answer = Program().request("POST", OTHER_PATH, f"{body}&{pair}", content_type=FORM)
    assert answer.status_code == 200, "in the body it is taken on both"


def test_in_two_ways_at_once_is_no_way(made: MadeToken) -> None:
    pair = base64.b64encode(f"{made.client_id}:{made.secret}".encode()).decode()
    form = urlencode({"grant_type": "client_credentials", "client_secret": made.secret})
    answer = Program(headers={"Authorization": f"Basic {pair}"}).request(
        "POST", PATH, form, content_type=FORM
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "steward_pat_x"},
        {"client_secret": ""},
        {"client_secret": "x" * 5_000},
        {"client_id": "0" * 32},
        {"client_id": "nobody"},
        {"client_id": ""},
    ],
)
def test_a_wrong_id_and_a_wrong_secret_look_alike(made: MadeToken, wrong: dict[str, str]) -> None:
    answer = ask(made, **wrong)
    assert (answer.status_code, answer.json()) == (
        401,
        {"error": "invalid_client", "error_description": "This client is not known."},
    )
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_the_id_with_dashes_is_another_spelling(made: MadeToken) -> None:
    assert ask(made, client_id=str(made.token.pk)).status_code == 401


def test_fewer_scopes_may_be_asked_for_and_no_more(holder: Identity, ada: Identity) -> None:
    made = make_token(holder, scopes=["fr:am:*", "fr:idm:*"], by=ada)
    assert ask(made, scope="fr:am:*").json()["scope"] == "fr:am:*"
    answer = ask(made, scope="fr:idc:esv:*")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_what_is_given_to_accounts_only_is_on_no_other_token(
    holder: Identity, otto: Identity, ada: Identity
) -> None:
    persons = make_token(otto, scopes=["fr:am:*"])
    assert (ask(persons).status_code, ask(persons).json()["error"]) == (400, "invalid_scope")
    both = make_token(holder, scopes=["fr:idm:*", "fr:idc:esv:*"], by=ada)
    assert ask(both).json()["scope"] == "fr:idm:*"


def test_a_scope_beyond_the_levels_stays_on_the_token_for_when_they_change(
    otto: Identity,
) -> None:
    made = make_token(otto, scopes=["idn:sources:manage"])
    assert ask(made).json()["scope"] == "idn:sources:manage"


def test_a_revoked_token_is_refused_and_its_access_tokens_with_it(
    made: MadeToken, ada: Identity
) -> None:
    access = ask(made).json()["access_token"]
    actions.revoke(by=ada, token=made.token, at=timezone.now())
    assert ask(made).status_code == 401
    assert call(access) == 401


def test_of_a_disabled_holder_nothing_works_until_it_is_enabled(
    made: MadeToken, holder: Identity, ada: Identity
) -> None:
    access = ask(made).json()["access_token"]
    identities.set_disabled(by=ada, identity=holder, at=timezone.now())
    assert ask(made).status_code == 401
    assert call(access) == 401
    identities.set_enabled(identity=holder, at=timezone.now())
    assert ask(made).status_code == 200


def test_an_access_token_does_not_outlive_its_token(holder: Identity, ada: Identity) -> None:
    soon = timedelta(seconds=100)
    made = make_token(holder, expires_in=soon, access_token_seconds=900, by=ada)
    assert 98 <= ask(made).json()["expires_in"] <= 100


def test_a_person_has_tokens_too(otto: Identity) -> None:
    made = make_token(otto, scopes=["sp:scopes:all"])
    assert ask(made).json()["scope"] == "sp:scopes:all"
    event = Event.objects.get(action="token.issued")
    told: dict[str, Any] = event.detail
    assert (event.actor_kind, event.subject_type, event.subject_label) == (
        "person",
        "identity",
        "otto",
    )
    assert (told["kid"], told["credential"]) == ("Nightly export", str(made.token.pk))
