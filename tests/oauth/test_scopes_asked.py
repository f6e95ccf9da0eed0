"""Contract sections 1.4 and 10.5 to 10.7: the refusal of scopes is an interface."""

from __future__ import annotations

import pytest

from tests.factories import make_account
from tests.oauth.holder import LEFT_OUT, Holder
from tokens.access_tokens.models import UsedAssertion

pytestmark = pytest.mark.django_db

FRODO = (
    "fr:am:* fr:idc:analytics:* fr:autoaccess:* fr:idc:certificate:* "
    "fr:idc:content-security-policy:* fr:idc:cookie-domain:* fr:idc:custom-domain:* fr:idc:esv:* "
    "fr:idm:* fr:iga:* fr:idc:promotion:* fr:idc:release:* fr:idc:sso-cookie:* "
    "fr:idc:proxy-connect:*"
)
"""What frodo 3.1.0 asks for unless it is told otherwise."""


def test_every_refused_scope_is_named_in_the_words_that_clients_parse(holder: Holder) -> None:
    answer = holder.ask(scope="fr:am:* fr:idc:ws:admin fr:iga:*")
    assert answer.status_code == 400
    assert answer.json() == {
        "error_description": "Unsupported scope for service account: fr:idc:ws:admin,fr:iga:*",
        "error": "invalid_scope",
    }


def test_the_same_assertion_asks_again_without_the_refused_ones(holder: Holder) -> None:
    assertion = holder.assertion()
    refused = holder.ask(assertion, scope=FRODO).json()["error_description"]
    named = refused.removeprefix("Unsupported scope for service account: ").split(",")
    rest = [scope for scope in FRODO.split() if scope not in named]
    assert rest == ["fr:am:*", "fr:idm:*"]
    assert holder.ask(assertion, scope=" ".join(rest)).status_code == 200


def test_a_refused_request_leaves_nothing_of_its_assertion_behind(holder: Holder) -> None:
    holder.ask(scope="fr:iga:*")
    assert not UsedAssertion.objects.exists()


def test_a_child_of_an_assigned_wildcard_may_be_asked_for(db: None) -> None:
    holder = Holder(make_account(scopes=["fr:idc:esv:*"]))
    answer = holder.ask(scope="fr:idc:esv:read")
    assert answer.json()["scope"] == "fr:idc:esv:read"


def test_a_wildcard_is_not_had_by_its_child(db: None) -> None:
    holder = Holder(make_account(scopes=["fr:idc:esv:read"]))
    assert holder.ask(scope="fr:idc:esv:*").json()["error"] == "invalid_scope"


def test_no_scope_is_issued_by_implication(holder: Holder) -> None:
    assert holder.ask(scope="fr:idc:esv:read").json()["error"] == "invalid_scope"


@pytest.mark.parametrize("asked", ["fr:idc:federation:*", "fr:idc:federation:read", "no:such"])
def test_restricted_and_unknown_scopes_are_refused(holder: Holder, asked: str) -> None:
    assert holder.ask(scope=asked).json()["error_description"].endswith(f": {asked}")


@pytest.mark.parametrize("asked", [LEFT_OUT, "", "  "])
def test_no_scope_at_all_is_refused_and_not_everything_granted(holder: Holder, asked: str) -> None:
    answer = holder.ask(scope=asked)
    assert answer.status_code == 400
    assert answer.json() == {
        "error_description": "No scope was requested.",
        "error": "invalid_scope",
    }


@pytest.mark.parametrize(
    "asked", ["fr:am:*\tfr:idm:*", 'fr:"am', "fr:am:*%00", "fr:%C3%A4", "a%20" * 300, "x" * 30_000]
)
def test_what_is_no_list_of_scopes_is_refused(holder: Holder, asked: str) -> None:
    answer = holder.ask(scope=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_scopes_are_looked_at_only_behind_a_signature_that_holds(holder: Holder) -> None:
    stranger = holder.assertion(exp=1)
    assert holder.ask(stranger, scope="fr:iga:*").json()["error"] == "invalid_grant"


def test_a_scope_asked_twice_is_granted_once(holder: Holder) -> None:
    assert holder.ask(scope="fr:am:* fr:am:*").json()["scope"] == "fr:am:*"
