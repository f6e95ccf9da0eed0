"""Two APIs are told apart by more than a slash, and an example names what programs are given."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Identity
from tests.factories.apis import AUDIENCE, make_api, make_scope
from tokens.apis import actions
from tokens.apis.actions import ApiDraft
from tokens.apis.policies import NameTaken
from tokens.models import Api

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("first", "second"), [("", "/"), ("/", "")])
def test_a_slash_at_the_end_makes_no_other_api(ada: Identity, first: str, second: str) -> None:
    make_api("Payroll", AUDIENCE + first)
    with pytest.raises(NameTaken, match="The API Payroll has the audience") as refused:
        make_api("Twin", AUDIENCE + second)
    assert refused.value.field == "audience"
    other = make_api("Other", f"{AUDIENCE}/v2")
    for audience, passes in ((AUDIENCE + second, False), (f"{AUDIENCE}/v2/", True)):
        draft = ApiDraft("Other", audience)
        other.refresh_from_db()
        if passes:
            actions.edit(by=ada, api=other, draft=draft, revision=other.revision, at=timezone.now())
        else:
            with pytest.raises(NameTaken):
                actions.edit(
                    by=ada, api=other, draft=draft, revision=other.revision, at=timezone.now()
                )


def test_twins_that_stand_there_already_can_be_edited(ada: Identity) -> None:
    api = make_api("Payroll", AUDIENCE)
    make_api("Twin", f"{AUDIENCE}/v2")
    twin = f"{AUDIENCE}/"
    Api.objects.filter(name="Twin").update(audience=twin, audience_key=twin)
    draft = ApiDraft("Payroll", AUDIENCE, "Pays.")
    edited = actions.edit(by=ada, api=api, draft=draft, revision=api.revision, at=timezone.now())
    assert edited.description == "Pays."


def test_the_form_says_so(client_of: Callable[[Identity], Client], ada: Identity) -> None:
    make_api("Payroll", AUDIENCE)
    typed = {"name": "Twin", "audience": f"{AUDIENCE}/", "description": ""}
    answer = client_of(ada).post(reverse("apis:new"), typed)
    assert "differs by the slash at its end alone" in answer.content.decode()
    assert Api.objects.count() == 1


def test_the_example_is_no_restricted_scope(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    api = make_api()
    make_scope(api, "pay:all", restricted=True)
    url = reverse("apis:detail", args=[api.pk])
    assert "scope=a scope of this API" in client_of(ada).get(url).content.decode()
    make_scope(api, "pay:read")
    assert "scope=pay:read" in client_of(ada).get(url).content.decode()
