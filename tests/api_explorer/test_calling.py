"""A call is filled in and sent: as oneself, as an account of one's own, and as nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Event, Group, Identity
from accounts.service_accounts import actions as service_accounts
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tokens.models import Credential
from tokens.usage.queries import impact

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db

IDENTITIES = "/api-explorer/sailpoint/v1/listIdentities/"
"""A list that an administrator may read."""
OWN_TOKENS = "/api-explorer/sailpoint/v1/listPersonalAccessTokens/"
MAKE_TOKEN = "/api-explorer/sailpoint/v1/createPersonalAccessToken/"


TOKEN = json.dumps(
    {
        "name": "Nightly",
        "scope": ["sp:my-personal-access-tokens:read"],
        "expirationDate": (timezone.now() + timedelta(days=7)).isoformat(),
    }
)


@pytest.fixture
def explorer(otto: Identity) -> Identity:
    """Otto, who may use the API Explorer by a role."""
    role = make_role("rest_explorer", permissions=["api_explorer.use"])
    make_group("Explorers", members=[otto], roles=[role])
    return otto


def text_of(page: Any) -> str:
    return str(page.content.decode())


def test_a_call_as_oneself_shows_status_time_headers_body_and_samples(
    client_of: ClientOf, ada: Identity
) -> None:
    page = client_of(ada).post(IDENTITIES, {"query.limit": "2", "query.count": "true"})

    answer = page.context["answer"]
    assert answer.status == 200
    assert dict(answer.headers)["X-Total-Count"] == str(Identity.objects.count())
    assert "&quot;alias&quot;: &quot;ada&quot;" in text_of(page)
    curl, python, javascript = page.context["samples"]
    assert "limit=2" in curl.code
    for sample in (curl, python, javascript):
        assert "STEWARD_TOKEN" in sample.code
        assert "eyJ" not in sample.code


def test_what_was_tried_is_recorded_and_no_token_is_kept(
    client_of: ClientOf, ada: Identity
) -> None:
    for _again in range(2):
        client_of(ada).post(IDENTITIES, {})

    assert Credential.objects.filter(kind="api_explorer").count() == 1
    tried = Event.objects.filter(action="api_explorer.sent")
    assert tried.count() == 2
    assert tried[0].detail["status"] == 200
    issued = Event.objects.filter(action="token.issued")[0]
    assert issued.detail["scopes"] == ["idn:identity:read", "idn:identity:manage"]


def test_an_account_of_ones_own_is_used_and_no_other(
    client_of: ClientOf, explorer: Identity
) -> None:
    own, other = (
        make_account("audit01", owner=explorer),
        make_account("other", owner=make_person("else")),
    )
    browser = client_of(explorer)

    page = browser.post(OWN_TOKENS, {"account": "audit01", "query.owner-id": "me"})
    assert page.context["answer"].status == 200
    [used] = impact(own.account, timezone.now()).consumers
    assert used.client == "API Explorer", "and not an unknown program"
    issued = Event.objects.get(action="token.issued")
    assert issued.actor_id == str(own.account.pk)

    page = browser.post(OWN_TOKENS, {"account": str(other.account.pk)})
    assert page.context["answer"] is None
    assert "no service account of this name" in text_of(page)
    assert Event.objects.filter(action="token.issued").count() == 1


def test_a_disabled_account_is_refused_in_words(
    client_of: ClientOf, explorer: Identity, ada: Identity
) -> None:
    account = make_account("audit01", owner=explorer).account
    service_accounts.disable(by=ada, account=account, at=timezone.now())
    page = client_of(explorer).post(OWN_TOKENS, {"account": "audit01"})
    assert page.context["answer"] is None
    assert "Enable it first" in text_of(page)


def test_who_lacks_the_scope_is_refused_and_shown_where_to_ask(
    client_of: ClientOf, explorer: Identity
) -> None:
    account = make_account("audit01", owner=explorer, scopes=["fr:am:*"]).account
    page = client_of(explorer).post(
        "/api-explorer/ping/8.0.0/listUsers/", {"account": "audit01", "query._queryFilter": "true"}
    )
    assert page.context["answer"].status == 403
    asking = page.context["ask_url"]
    assert asking == f"/requests/new/more_scopes/?account={account.pk}&scopes=fr%3Aidm%3A%2A"
    form = client_of(explorer).get(asking).context["form"]
    assert form.chosen_scopes() == ["fr:idm:*"]


def test_what_changes_something_asks_for_the_password_first(
    client_of: ClientOf, ada: Identity
) -> None:
    browser = client_of(ada)
    session = browser.session
    session["steward_confirmed_at"] = 0.0
    session.save()
    page = browser.post(MAKE_TOKEN, {"way": "raw", "raw": '{"name": "x"}'})
    assert "step_up_password" in text_of(page)
    assert not Credential.objects.exists()


@pytest.mark.parametrize(
    ("raw", "status"), [(TOKEN, 200), ("{", 400), ("", 415), ('{"name": 1}', 400)]
)
def test_a_body_is_sent_as_it_is_written(
    client_of: ClientOf, ada: Identity, raw: str, status: int
) -> None:
    page = client_of(ada).post(MAKE_TOKEN, {"way": "raw", "raw": raw})
    assert page.context["answer"].status == status
    assert Credential.objects.filter(kind="personal_access_token").exists() is (status == 200)


def test_a_body_is_built_of_fields(client_of: ClientOf, ada: Identity) -> None:
    ends = json.loads(TOKEN)["expirationDate"]
    form = {"way": "builder", "body_free_name_1": "name", "body_free_value_1": "Nightly"}
    form |= {"body_free_name_2": "expirationDate", "body_free_value_2": ends}
    page = client_of(ada).post(MAKE_TOKEN, form)
    assert json.loads(page.context["sent"].body) == {"name": "Nightly", "expirationDate": ends}
    # a token of one scope makes none that may do more
    assert page.context["answer"].status == 403
    assert page["Cache-Control"].startswith("no-store")


def test_a_secret_that_somebody_typed_is_in_no_sample(client_of: ClientOf, ada: Identity) -> None:
    secret = "steward_pat_" + "A" * 49
    page = client_of(ada).post(MAKE_TOKEN, {"way": "raw", "raw": f'{{"name": "{secret}"}}'})
    assert all(secret not in sample.code for sample in page.context["samples"])


@pytest.mark.parametrize("part", ["", "a/b", "../sources", "x" * 4_001, "\0"])
def test_parts_of_an_address_lead_to_no_other(
    client_of: ClientOf, ada: Identity, part: str
) -> None:
    page = client_of(ada).post(
        "/api-explorer/sailpoint/v1/getIdentity/", {"path.identity_id": part}
    )
    assert page.context["answer"] is None
    assert page.context["form"].errors


def test_who_may_not_explore_is_refused(client_of: ClientOf, otto: Identity) -> None:
    for path in ("/api-explorer/", IDENTITIES, "/api-explorer/ping/8.0.0/openapi.json"):
        assert client_of(otto).get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/api-explorer/?namespace=nothing",
        "/api-explorer/?namespace=ping&version=v1",
        "/api-explorer/ping/v1/openapi.json",
        "/api-explorer/nothing/v1/openapi.json",
        "/api-explorer/ping/8.0.0/nothing/",
        "/api-explorer/nothing/8.0.0/listUsers/",
    ],
)
def test_what_is_none_is_not_found(client_of: ClientOf, ada: Identity, path: str) -> None:
    assert client_of(ada).get(path).status_code == 404


def test_calls_are_found_by_word_api_and_scope(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    found = browser.get("/api-explorer/?namespace=sailpoint&q=idn:transform").context["groups"]
    assert {api for api, _rows in found} == {"Transforms"}
    found = browser.get("/api-explorer/?namespace=sailpoint&api=Sources").context["groups"]
    assert [api for api, _rows in found] == ["Sources"]
    page = browser.get("/api-explorer/?q=nothing-like-it")
    assert "No call matches" in text_of(page)


def test_the_document_is_downloaded(client_of: ClientOf, ada: Identity) -> None:
    answer = client_of(ada).get("/api-explorer/sailpoint/v2025/openapi.json")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.json()["openapi"] == "3.1.0"
    assert "/v2025/sources" in answer.json()["paths"]


def test_our_own_api_is_called_with_a_body_built_of_its_members(
    client_of: ClientOf, ada: Identity
) -> None:
    browser = client_of(ada)
    form = {"way": "builder", "body.name": "Operators", "body.may_be_requested": "true"}
    page = browser.post("/api-explorer/steward/v1/create_group/", form)
    assert page.context["answer"].status == 201, page.context["body"]
    group = Group.objects.get(name="Operators")
    assert group.may_be_requested

    edit = "/api-explorer/steward/v1/change_group/"
    stale = {"path.group_id": str(group.pk), "header.If-Match": '"0"', "body.description": "x"}
    assert browser.post(edit, {"way": "builder", **stale}).context["answer"].status == 412
    wrong = {"path.group_id": str(group.pk), "header.If-Match": "*", "body.roles": "not json"}
    page = browser.post(edit, {"way": "builder", **wrong})
    assert "Write it as JSON" in text_of(page)


@pytest.mark.parametrize("deep", ["[" * 3_000, '"\\ud800"'])
def test_odd_json_is_refused_or_sent_and_never_breaks(
    client_of: ClientOf, ada: Identity, deep: str
) -> None:
    form = {"way": "builder", "body.name": "x", "body.roles": deep}
    page = client_of(ada).post("/api-explorer/steward/v1/create_group/", form)
    assert page.status_code == 200
    assert page.context["answer"] is None or page.context["answer"].status == 422


def test_what_a_call_does_is_said_once(client_of: ClientOf, ada: Identity) -> None:
    page = client_of(ada).get("/api-explorer/steward/v1/list_groups/").content.decode()
    assert "The groups that the caller sees" in page
    assert "The groups that the caller sees." not in page
    told = client_of(ada).get("/api-explorer/steward/v1/create_group/").content.decode()
    assert "that you may make tokens" in told


def test_a_person_is_led_to_a_group_that_gives_the_scope_or_to_an_account(
    client_of: ClientOf, explorer: Identity
) -> None:
    browser, url = client_of(explorer), "/api-explorer/ping/8.0.0/listUsers/"
    page = browser.get(url)
    assert page.context["ask_url"] == ""
    assert "Send the call as a service account that has it." in text_of(page)
    assert "No role of this person has this scope." in text_of(page)
    readers = make_role("readers", scopes=["fr:idm:*"])
    group = make_group("Readers", roles=[readers], may_be_requested=True)
    asking = browser.get(url).context["ask_url"]
    assert asking == f"/requests/new/group_membership/?group={group.pk}"
    assert browser.get(asking).context["form"]["group"].value() == str(group.pk)


def test_an_account_above_oneself_is_refused_with_the_reason(
    client_of: ClientOf, explorer: Identity
) -> None:
    above = make_account("above", owner=explorer).account.identity
    role = make_role("strong", permissions=["source.manage_all"])
    make_group("Strong", members=[above], roles=[role])
    page = client_of(explorer).post(OWN_TOKENS, {"account": "above"})
    assert page.context["answer"] is None
    assert "may do what you may not, by its user levels or roles" in text_of(page)


def test_the_builder_says_what_a_call_needs_and_what_is_json(
    client_of: ClientOf, ada: Identity
) -> None:
    page = client_of(ada).get("/api-explorer/steward/v1/create_group/")
    fields = page.context["form"].fields
    assert fields["body.name"].help_text.endswith("The call needs it.")
    assert "Written as JSON, such as [" in fields["body.roles"].help_text
    assert "Written as JSON" not in fields["body.description"].help_text
    assert all("`" not in str(field.help_text) for field in fields.values())
    assert "(optional)" not in text_of(page).partition('for="id_body.name"')[2][:80]
