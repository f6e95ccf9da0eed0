"""What a mapping writes, nobody types over; the rest is edited as ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.identities import actions
from accounts.identities.policies import OwnedElsewhere
from accounts.models import Identity
from accounts.profiles.models import ProfileKind
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def nina(db: None) -> Identity:
    """A person of a source, whose first name no mapping gives."""
    source = make_source("People")
    bring(source, rows("1,nina,nina@x.example,p"))
    mapped = {"uid": "name", "email": "e-mail", "lastname": "name"}
    process(make_profile(source, mapped=mapped, kind=ProfileKind.PERSON))
    return identity("nina")


def test_a_mapped_value_is_refused(nina: Identity, ada: Identity) -> None:
    with pytest.raises(OwnedElsewhere) as refused:
        actions.edit_person(
            by=ada,
            identity=nina,
            first_name="",
            last_name=nina.last_name,
            email="eve@x.example",
            at=timezone.now(),
        )

    assert refused.value.field == "email"
    nina.refresh_from_db()
    assert nina.email == "nina@x.example"


def test_the_form_says_so_and_takes_the_rest(
    client_of: ClientOf, nina: Identity, ada: Identity
) -> None:
    browser, path = client_of(ada), f"/identities/{nina.pk}/edit/"
    answer = browser.get(path)
    assert "Some values come from a source" in answer.content.decode()
    opened = answer.context["form"].initial["opened_at"]

    browser.post(
        path,
        {"first_name": "Nina", "last_name": "X", "email": "e@x.example", "opened_at": opened},
    )

    nina.refresh_from_db()
    assert (nina.first_name, nina.last_name, nina.email) == ("Nina", "nina", "nina@x.example")
