"""An API of the tenant's own and its scopes: added, changed, refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.lib.names import BadText
from accounts.models import Event, Identity
from console.ui.sentences import sentence
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tokens.access_tokens.claims import issuer
from tokens.apis import actions, queries
from tokens.apis.actions import ApiDraft, BadParent, EditConflict, Gone, ScopeDraft, TooMany
from tokens.apis.policies import NameTaken
from tokens.models import Api, ApiScope

pytestmark = pytest.mark.django_db


def _add(by: Identity, **changes: Any) -> Api:
    values = {"name": "Payroll", "audience": AUDIENCE} | changes
    return actions.create(by=by, draft=ApiDraft(**values), at=timezone.now())


def test_an_api_and_its_scopes_stand_in_the_audit_log(ada: Identity) -> None:
    now = timezone.now()
    api = _add(ada, description="  Pays people.\r\n")
    scope = actions.create_scope(by=ada, api=api, draft=ScopeDraft("Read it.", "pay:read"), at=now)
    actions.edit_scope(
        by=ada,
        scope=scope,
        draft=ScopeDraft("Read all of it.", restricted=True),
        revision=1,
        at=now,
    )
    draft = ApiDraft("Pay", AUDIENCE, "Pays people.")
    actions.edit(by=ada, api=api, draft=draft, revision=1, at=now)
    actions.remove_scope(by=ada, scope=scope, at=now)
    actions.remove(by=ada, api=api, at=now)
    events = list(Event.objects.filter(action__startswith="own_api.").order_by("pk"))
    assert [sentence(event) for event in events] == [
        "ada added API Payroll",
        "ada added scope pay:read to API Payroll",
        "ada changed scope pay:read of API Payroll",
        "ada changed API Pay",
        "ada removed scope pay:read from API Pay",
        "ada removed API Pay",
    ]
    assert events[2].detail["before"] == {"description": "Read it.", "restricted": False}
    assert events[3].detail["after"] == {"name": "Pay"}
    assert not Api.objects.exists()
    assert api.description == "Pays people."


@pytest.mark.parametrize(
    "audience",
    [
        "",
        "payroll",
        "/api",
        "//payroll.example.com",
        "https://",
        "https://payroll.example.com/#top",
        "https://payroll.example.com/a b",
        "https://ada:secret@payroll.example.com/",
        "https://payroll.example.com:http/",
        "https://p\u00e4yroll.example.com/",
        'https://payroll.example.com/"',
        "https://payroll.example.com/\n",
        f"https://{'a' * 300}.example.com",
    ],
)
def test_an_audience_is_an_absolute_uri(ada: Identity, audience: str) -> None:
    if audience.endswith("\n"):
        audience += "x"
    with pytest.raises(BadText) as refused:
        _add(ada, audience=audience)
    assert refused.value.field == "audience"


@pytest.mark.parametrize("audience", ["urn:example:payroll", "https://p.example.com:8443/a?b=c"])
def test_other_uris_are_audiences_too(ada: Identity, audience: str) -> None:
    assert _add(ada, audience=audience).audience == audience


@pytest.mark.parametrize("path", ["", "/oauth/token", "/am/oauth2/access_token"])
def test_the_audience_of_this_server_is_taken(ada: Identity, path: str) -> None:
    with pytest.raises(NameTaken) as refused:
        _add(ada, audience=issuer() + path)
    assert refused.value.field == "audience"


def test_names_and_audiences_are_there_once(ada: Identity) -> None:
    make_api()
    with pytest.raises(NameTaken) as by_audience:
        _add(ada, name="Other", audience=AUDIENCE.replace(".com/", ".com:443/"))
    with pytest.raises(NameTaken) as by_name:
        _add(ada, name="PAYROLL", audience="urn:other")
    assert (by_audience.value.field, by_name.value.field) == ("audience", "name")
    assert Api.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["fr:am:*", "fr:new", "FR:x", "idn:sources:read", "sp:later", "iai:x", "das:y", "idn"]
)
def test_the_names_of_catalogues_are_theirs_also_those_that_come_later(
    ada: Identity, name: str
) -> None:
    with pytest.raises(NameTaken) as refused:
        make_scope(make_api(), name)
    assert refused.value.field == "name"
    assert "belong to" in refused.value.message


@pytest.mark.parametrize("name", ["", " ", "pay read", 'pay"', "pay\\", "päy", "a" * 201])
def test_a_scope_name_has_a_syntax(name: str) -> None:
    with pytest.raises(BadText) as refused:
        make_scope(make_api(), name)
    assert refused.value.field == "name"


def test_a_scope_name_is_there_once_in_the_tenant_whatever_its_case() -> None:
    make_scope(make_api())
    with pytest.raises(NameTaken):
        make_scope(make_api("Other", "urn:other"), "PAY:READ")


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "x" * 301])
def test_a_scope_says_what_it_allows_in_a_line(text: str) -> None:
    with pytest.raises(BadText) as refused:
        make_scope(make_api(), description=text)
    assert refused.value.field == "description"


def test_a_parent_is_of_the_same_api_and_never_below(ada: Identity) -> None:
    api, now = make_api(), timezone.now()
    top = make_scope(api, "pay:*")
    middle = make_scope(api, "pay:read", parent=top)
    low = make_scope(api, "pay:read:own", parent=middle)
    other = make_scope(make_api("Other", "urn:other"), "other:x")
    for scope, parent in ((top, low), (top, top), (middle, other)):
        draft = ScopeDraft("Read.", parent=parent)
        with pytest.raises(BadParent):
            actions.edit_scope(by=ada, scope=scope, draft=draft, revision=1, at=now)
    names = [scope.name for scope in queries.scopes_of(api)]
    assert names == ["pay:*", "pay:read", "pay:read:own"]


def test_a_scope_as_its_own_parent_is_refused_by_the_table() -> None:
    scope = make_scope(make_api())
    with pytest.raises(IntegrityError, match="scope_is_not_its_own_parent"), transaction.atomic():
        ApiScope.objects.filter(pk=scope.pk).update(parent=scope)


def test_the_second_of_two_who_edit_at_once_is_told(ada: Identity) -> None:
    api, now = make_api(), timezone.now()
    scope = make_scope(api)
    actions.edit(by=ada, api=api, draft=ApiDraft("Pay", AUDIENCE), revision=1, at=now)
    actions.edit_scope(by=ada, scope=scope, draft=ScopeDraft("Read."), revision=1, at=now)
    with pytest.raises(EditConflict):
        actions.edit(by=ada, api=api, draft=ApiDraft("Mine", AUDIENCE), revision=1, at=now)
    with pytest.raises(EditConflict):
        actions.edit_scope(by=ada, scope=scope, draft=ScopeDraft("Mine."), revision=1, at=now)


def test_what_is_gone_is_said_to_be_gone(ada: Identity) -> None:
    api, now = make_api(), timezone.now()
    scope = make_scope(api)
    actions.remove(by=ada, api=api, at=now)
    for act in (
        lambda: actions.remove(by=ada, api=api, at=now),
        lambda: actions.remove_scope(by=ada, scope=scope, at=now),
        lambda: actions.edit(by=ada, api=api, draft=ApiDraft("P", AUDIENCE), revision=1, at=now),
        lambda: actions.edit_scope(
            by=ada, scope=scope, draft=ScopeDraft("Read."), revision=1, at=now
        ),
        lambda: make_scope(api),
    ):
        with pytest.raises(Gone):
            act()


def test_there_is_an_end_to_apis_and_scopes(ada: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_APIS", 1)
    monkeypatch.setattr(actions, "MOST_SCOPES", 1)
    api = make_api()
    make_scope(api)
    with pytest.raises(TooMany):
        _add(ada, name="Other", audience="urn:other")
    with pytest.raises(TooMany):
        make_scope(api, "pay:write")


def test_a_refusal_leaves_nothing_behind(otto: Identity, vera: Identity) -> None:
    for person in (otto, vera):
        with pytest.raises(NotAllowed):
            _add(person)
    with pytest.raises(DomainError):
        make_api(audience="nowhere")
    assert not Api.objects.exists()
    assert not Event.objects.filter(action__startswith="own_api.").exists()
