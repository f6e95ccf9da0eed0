"""`managed/svcacct`: an account reads itself and manages nothing (contract section 3)."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import ServiceAccount
from accounts.service_accounts import actions
from tests.factories import make_account
from tests.oauth.holder import Holder
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin

pytestmark = pytest.mark.django_db

PATH = "/openidm/managed/svcacct"


def test_its_own_record_is_what_the_vendor_answers(holder: Holder) -> None:
    answer = holder.get(f"{PATH}/{holder.id}", _fields="*")
    assert answer.status_code == 200
    body = answer.json()
    revision, jwks = body.pop("_rev"), json.loads(body.pop("jwks"))
    assert body == {
        "_id": holder.id,
        "accountStatus": "active",
        "name": "audit01",
        "description": None,
        "scopes": ["fr:am:*", "fr:idm:*"],
        "maxCachingTime": "15",
        "maxIdleTime": "15",
        "maxSessionTime": "15",
        "quotaLimit": "5",
    }
    assert answer.headers["ETag"] == f'"{revision}"'
    (key,) = jwks["keys"]
    assert key["kid"] == holder.made.credential.key_id
    assert not {"d", "p", "q", "k"} & set(key)


def test_every_key_that_works_is_in_it_and_no_other(holder: Holder) -> None:
    def another(keep_old_for: timedelta) -> None:
        credentials.regenerate(
            by=SYSTEM,
            account=holder.made.account,
            choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
            keep_old_for=keep_old_for,
            revoke_tokens=False,
            within=None,
            at=timezone.now(),
        )

    token = holder.token()
    another(timedelta(hours=1))
    shown = json.loads(holder.get(f"{PATH}/{holder.id}", token).json()["jwks"])
    assert len(shown["keys"]) == 2
    another(timedelta(0))
    shown = json.loads(holder.get(f"{PATH}/{holder.id}", token).json()["jwks"])
    assert len(shown["keys"]) == 1


def test_the_revision_changes_with_whatever_it_shows(holder: Holder) -> None:
    token = holder.token()

    def revision() -> str:
        return str(holder.get(f"{PATH}/{holder.id}", token).json()["_rev"])

    first = revision()
    assert revision() == first
    actions.set_scopes(
        by=SYSTEM, account=holder.made.account, scopes=["fr:am:*"], at=timezone.now()
    )
    assert revision() != first


def test_fields_can_be_chosen(holder: Holder) -> None:
    body = holder.get(f"{PATH}/{holder.id}", _fields="name").json()
    assert set(body) == {"_id", "_rev", "name"}


@pytest.mark.parametrize("exists", [True, False])
def test_another_record_is_denied_whether_it_exists_or_not(holder: Holder, exists: bool) -> None:
    other = make_account("other").account.pk if exists else uuid.uuid4()
    answer = holder.get(f"{PATH}/{other}")
    assert answer.status_code == 403
    assert answer.json() == {"code": 403, "reason": "Forbidden", "message": "Access denied"}


@pytest.mark.parametrize("spelling", [str.upper, lambda id_: id_.replace("-", ""), "{{{}}}".format])
def test_another_spelling_of_its_own_id_is_another_record(holder: Holder, spelling: object) -> None:
    assert callable(spelling)
    assert holder.get(f"{PATH}/{spelling(holder.id)}").status_code == 403


def test_the_list_is_denied(holder: Holder) -> None:
    assert holder.get(PATH, None, _queryFilter="true").status_code == 403


@pytest.mark.parametrize("whose", ["own", "other", "nobody"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed_not_even_itself(holder: Holder, method: str, whose: str) -> None:
    """AB-16: no token makes or widens a service account."""
    other = make_account("other")
    id_ = {"own": holder.id, "other": str(other.account.pk), "nobody": str(uuid.uuid4())}[whose]
    path = f"{PATH}?_action=create" if method == "POST" else f"{PATH}/{id_}"
    body = json.dumps({"name": "mine", "scopes": ["fr:idc:esv:*"], "accountStatus": "active"})
    before = list(ServiceAccount.objects.order_by("pk").values())
    answer = holder.client.request(
        method,
        path,
        body,
        content_type="application/json",
        headers=holder.bearer() | {"If-Match": "*"},
    )
    assert answer.status_code == 403
    assert answer.json()["message"] == "Access denied"
    assert list(ServiceAccount.objects.order_by("pk").values()) == before
    event = Event.objects.get(action="api.refused")
    assert (event.subject_id, event.detail["method"]) == (holder.id, method)


def test_it_wants_the_scope_of_identity_management(db: None) -> None:
    holder = Holder(make_account(scopes=["fr:am:*"]))
    answer = holder.get(f"{PATH}/{holder.id}", holder.token(scope="fr:am:*"))
    assert answer.status_code == 403
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
