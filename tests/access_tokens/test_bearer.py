"""How a token is sent, and what is answered when it does not do (RFC 6750)."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from tests.factories import make_account
from tests.oauth.holder import FORM, Holder
from tests.oauth.program import Answer, Program
from tests.oauth.test_states import disable

pytestmark = pytest.mark.django_db

PATH = "/openidm/managed/alpha_user?_queryFilter=true"


def challenge(answer: Answer) -> dict[str, str]:
    scheme, _space, rest = answer.headers["WWW-Authenticate"].partition(" ")
    assert scheme == "Bearer"
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


def send(header: str, path: str = PATH) -> Answer:
    return Program().get(path, headers={"Authorization": header})


def test_without_credentials_no_error_is_named(db: None) -> None:
    answer = Program().get(PATH)
    assert answer.status_code == 401
    assert "error" not in challenge(answer)
    assert challenge(answer)["realm"] == "steward"
    assert answer.json() == {
        "code": 401,
        "reason": "Unauthorized",
        "message": "Send an access token.",
    }


def test_the_challenge_says_where_to_read_on(db: None) -> None:
    where = challenge(Program().get(PATH))["resource_metadata"]
    assert Program().get(where.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_a_token_that_does_not_hold_is_invalid(db: None) -> None:
    answer = send("Bearer x.y.z")
    assert answer.status_code == 401
    assert challenge(answer)["error"] == "invalid_token"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(holder: Holder, scheme: str) -> None:
    assert send(f"{scheme} {holder.token()}").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        "Bearer",
        "Bearer ",
        "Bearer  {}",
        "Bearer\t{}",
        " Bearer {}",
        "Bearer {} ",
        "Bearer {},Bearer {}",
        "Bearer {}, {}",
        "Bearer: {}",
        'Bearer "{}"',
        "Bearer={}",
        "Bearer {}\x00",
        "Bearer {}\u00e4",
        "Bearer\u00a0{}",
        "BearerX {}",
        "Token {}",
        "{}",
    ],
)
def test_any_other_form_of_the_header_is_refused(holder: Holder, form: str) -> None:
    assert send(form.replace("{}", holder.token())).status_code == 401


def test_another_scheme_names_no_error(holder: Holder) -> None:
    assert "error" not in challenge(send("Basic YTpi"))


@pytest.mark.parametrize("with_header", [True, False])
def test_a_token_in_the_address_is_refused(holder: Holder, with_header: bool) -> None:
    token = holder.token()
    headers = holder.bearer(token) if with_header else {}
    answer = Program().get(f"{PATH}&access_token={token}", headers=headers)
    assert answer.status_code == 400
    assert challenge(answer)["error"] == "invalid_request"
    event = Event.objects.get(action="api.refused")
    assert token not in f"{event.reason}{event.detail}"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_token_in_a_form_is_refused(holder: Holder, method: str) -> None:
    answer = Program().request(method, PATH, f"access_token={holder.token()}", content_type=FORM)
    assert answer.status_code == 400
    assert challenge(answer)["error"] == "invalid_request"


def test_a_scope_that_is_missing_is_named(db: None) -> None:
    holder = Holder(make_account(scopes=["fr:am:*"]))
    answer = holder.get(PATH, holder.token(scope="fr:am:*"))
    assert answer.status_code == 403
    told = challenge(answer)
    assert (told["error"], told["scope"]) == ("insufficient_scope", "fr:idm:*")
    assert answer.json() == {"code": 403, "reason": "Forbidden", "message": "Access denied"}


def test_each_refusal_is_one_event_that_says_why(holder: Holder) -> None:
    token = holder.token()
    disable(holder.made, timezone.now())
    holder.get(PATH, token)
    event = Event.objects.get(action="api.refused")
    assert event.outcome == "refused"
    assert "disabled" in event.reason
    assert (event.subject_id, event.actor_label) == (holder.id, "audit01")
    assert event.detail["error"] == "invalid_token"
    assert event.address == "127.0.0.1"


def test_the_caller_hears_nothing_of_why(holder: Holder) -> None:
    token = holder.token()
    disable(holder.made, timezone.now())
    assert holder.get(PATH, token).content == send("Bearer x.y.z").content
