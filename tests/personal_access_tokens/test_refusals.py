"""What refuses a token: told in full to the audit log and its page, to the caller hardly at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.tenant import actions as tenant
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.program import Answer, Program
from tests.personal_access_tokens.test_exchange import FORM, PATH, ask, call
from tokens.models import Credential
from tokens.oauth.client_auth import SECRET_IN_QUERY
from tokens.personal_access_tokens import actions

pytestmark = pytest.mark.django_db
NOT_KNOWN = {"error": "invalid_client", "error_description": "This client is not known."}


@pytest.fixture
def made(account: ServiceAccount, ada: Identity) -> MadeToken:
    return make_token(account.identity, scopes=["fr:idm:*"], by=ada)


def last() -> Event:
    return Event.objects.filter(outcome="refused").latest("pk")


def refused_by() -> tuple[str, str]:
    detail = last().detail
    return detail.get("refused_by", ""), detail.get("credential", "")


def test_an_expired_token(account: ServiceAccount, ada: Identity) -> None:
    made = make_token(account.identity, by=ada, at=timezone.now() - timedelta(days=60))
    answer = ask(made)
    assert (answer.status_code, answer.json()) == (401, NOT_KNOWN)
    assert refused_by() == ("expiry", str(made.token.pk))
    assert last().reason == "The token Nightly export is expired."


def test_a_revoked_token(made: MadeToken, ada: Identity) -> None:
    access = ask(made).json()["access_token"]
    actions.revoke(by=ada, token=made.token, at=timezone.now())
    assert (ask(made).json(), refused_by()) == (NOT_KNOWN, ("expiry", str(made.token.pk)))
    assert (call(access), refused_by()) == (401, ("expiry", str(made.token.pk)))
    assert "its personal access token is revoked" in last().reason


def test_a_token_whose_end_was_moved_nearer(made: MadeToken, ada: Identity) -> None:
    access = ask(made).json()["access_token"]
    Credential.objects.filter(pk=made.token.pk).update(expires_at=timezone.now())
    assert (call(access), refused_by()) == (401, ("expiry", str(made.token.pk)))


def test_a_secret_that_is_sent_as_the_id_is_not_kept(made: MadeToken) -> None:
    for secret in (made.secret, "ab" * 32):
        assert ask(made, client_id=secret, client_secret=made.client_id).status_code == 401
        event = last()
        assert secret not in f"{event.actor_label} {event.reason} {event.detail}"


def test_a_holder_who_is_disabled_and_comes_back(
    made: MadeToken, account: ServiceAccount, ada: Identity
) -> None:
    access = ask(made).json()["access_token"]
    service_accounts.disable(by=ada, account=account, at=timezone.now())
    assert (ask(made).json(), refused_by()) == (NOT_KNOWN, ("owner", str(made.token.pk)))
    assert (call(access), refused_by()) == (401, ("owner", str(made.token.pk)))
    service_accounts.enable(by=ada, account=account, at=timezone.now())
    assert (call(access), ask(made).status_code) == (200, 200)


def test_a_holder_who_has_ended(made: MadeToken, account: ServiceAccount) -> None:
    access = ask(made).json()["access_token"]
    past = timezone.now() - timedelta(seconds=1)
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=past)
    assert (ask(made).status_code, call(access), refused_by()[0]) == (401, 401, "owner")


def test_a_holder_who_is_gone(made: MadeToken, account: ServiceAccount, ada: Identity) -> None:
    access = ask(made).json()["access_token"]
    service_accounts.delete(by=ada, account=account, at=timezone.now())
    assert (ask(made).json(), call(access)) == (NOT_KNOWN, 401)
    assert refused_by()[0] == "owner"


def test_a_person_who_is_disabled(otto: Identity, ada: Identity) -> None:
    made = make_token(otto, scopes=["sp:scopes:all"])
    access = ask(made).json()["access_token"]
    identities.disable(by=ada, identity=otto, at=timezone.now())
    assert (ask(made).json(), call(access)) == (NOT_KNOWN, 401)


def test_a_scope_that_the_token_lacks(made: MadeToken) -> None:
    assert ask(made, scope="fr:am:*").json()["error"] == "invalid_scope"
    assert refused_by() == ("scope", str(made.token.pk))
    assert last().reason.endswith("The token does not have this scope.")


def test_a_call_beyond_the_scopes_says_so_to_the_caller(
    account: ServiceAccount, ada: Identity
) -> None:
    made = make_token(account.identity, scopes=["fr:am:*"], by=ada)
    token = ask(made).json()["access_token"]
    program = Program(headers={"Authorization": f"Bearer {token}"})
    answer = program.request("GET", "/openidm/managed/alpha_user?_queryFilter=true")
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert refused_by() == ("scope", str(made.token.pk))


def test_a_scope_taken_from_account_or_token_is_refused_at_the_next_call(
    made: MadeToken, account: ServiceAccount, ada: Identity
) -> None:
    """A token of an hour would otherwise go on for an hour."""
    access = ask(made).json()["access_token"]
    assert call(access) == 200
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:am:*"])
    assert call(access) == 403
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:am:*", "fr:idm:*"])
    assert call(access) == 200
    actions.edit(by=ada, token=made.token, within=None, scopes=["fr:am:*"], at=timezone.now())
    assert call(access) == 403


def test_a_wrong_secret_stands_on_the_page_of_the_token(
    made: MadeToken, admin: Client, otto: Identity
) -> None:
    ask(made, client_secret="wrong")
    other = make_token(made.token.identity, "Other", by=otto)
    page = "/personal-access-tokens/"
    assert "The secret is wrong." in admin.get(f"{page}{made.token.pk}/").content.decode()
    assert "The secret is wrong." not in admin.get(f"{page}{other.token.pk}/").content.decode()
    shown = admin.get("/audit/").content.decode()
    assert "Refused by" in shown
    assert "ID or secret" in shown


def test_a_secret_in_the_address_is_recorded(made: MadeToken, ada: Identity) -> None:
    states = {SECRET_IN_QUERY.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    query = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.secret,
        }
    )
    assert Program().request("POST", f"{PATH}?{query}").status_code == 200
    assert Event.objects.get(action="token.issued").detail["sent_by"] == "query"


def fail(made: MadeToken, times: int, **changed: str) -> Answer:
    for _ in range(times):
        answer = ask(made, **({"client_secret": "wrong"} | changed))
    return answer


def test_failures_are_slowed_down_and_the_right_secret_passes(made: MadeToken) -> None:
    assert fail(made, 10).status_code == 401
    answer = fail(made, 1)
    assert (answer.status_code, answer.json()["error"]) == (429, "invalid_client")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert last().detail["refused_by"] == "network"
    assert ask(made).status_code == 200
    assert fail(made, 1).status_code == 401


def test_nobody_is_slowed_down_by_the_failures_of_another(made: MadeToken, otto: Identity) -> None:
    fail(made, 11)
    other = make_token(otto, scopes=["sp:scopes:all"])
    assert ask(other, client_secret="wrong").status_code == 401
    elsewhere = Program(address="198.51.100.9")
    form = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": "x"}
    assert elsewhere.request("POST", PATH, urlencode(form), content_type=FORM).status_code == 401


def test_one_id_after_another_from_one_address_is_slowed_down(made: MadeToken) -> None:
    answers = [fail(made, 1, client_id=f"{number:032x}").status_code for number in range(52)]
    assert answers[:50] == [401] * 50
    assert answers[50:] == [429, 429]
    assert ask(made).status_code == 200


def test_an_expired_token_with_its_right_secret_is_no_failure_of_that_kind(
    account: ServiceAccount, ada: Identity
) -> None:
    made = make_token(account.identity, by=ada, at=timezone.now() - timedelta(days=60))
    assert {ask(made).status_code for _ in range(15)} == {401}
    assert Credential.objects.get(pk=made.token.pk).last_used_at is None


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke"])
def test_who_asks_about_tokens_is_slowed_down_as_well(made: MadeToken, path: str) -> None:
    form = {"client_id": made.client_id, "client_secret": "wrong", "token": "x"}

    def answer() -> Answer:
        return Program().request("POST", path, urlencode(form), content_type=FORM)

    assert [answer().status_code for _ in range(12)] == [401] * 10 + [429] * 2
    assert int(answer().headers["Retry-After"]) > 0
    form["client_secret"] = made.secret
    assert answer().status_code == 200


def test_which_part_refused_stands_beside_the_reason(
    made: MadeToken, account: ServiceAccount, ada: Identity, client_of: Callable[..., Client]
) -> None:
    assert ask(made, scope="fr:am:*").status_code == 400
    service_accounts.disable(by=ada, account=account, at=timezone.now())
    assert ask(made).status_code == 401
    browser = client_of(ada)
    page = browser.get(f"/personal-access-tokens/{made.token.pk}/").content.decode()
    assert '<td data-label="Refused by">Scope</td>' in page
    assert '<td data-label="Refused by">Its holder is stopped</td>' in page
    log = browser.get("/audit/?outcome=refused").content.decode()
    assert "Refused: Scope" in log
    assert "Refused: Its holder is stopped" in log
