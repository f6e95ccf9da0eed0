"""Who decides about what an identity asks for is chosen by others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.identities import managing
from accounts.identities.managing import BadManager
from accounts.identities.policies import OwnLevels
from accounts.models import Event, Identity
from tests.factories import make_account

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def test_a_manager_is_chosen_by_name_shown_and_taken_away(
    client_of: ClientOf, ada: Identity, otto: Identity, vera: Identity
) -> None:
    browser, path = client_of(ada), f"/identities/{otto.pk}/manager/"
    assert browser.get(path).status_code == 200
    browser.post(path, {"manager": "vera"})
    otto.refresh_from_db()
    assert otto.manager == vera
    page = browser.get(f"/identities/{otto.pk}/").content.decode()
    assert "Set Manager" in page
    assert "Vera" in page
    browser.post(path, {"manager": "vera"})
    browser.post(path, {"manager": ""})
    otto.refresh_from_db()
    assert otto.manager is None
    told = Event.objects.filter(action="identity.manager_set").order_by("pk")
    assert [event.detail["after"]["manager"] for event in told] == ["vera", None]


def test_who_cannot_be_a_manager_is_refused(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    make_account("bot", owner=otto)
    path = f"/identities/{otto.pk}/manager/"
    for named in ("otto", "bot"):
        page = client_of(ada).post(path, {"manager": named}).content.decode()
        assert "Choose another person who can sign in." in page
    assert (
        "There is nobody called"
        in client_of(ada).post(path, {"manager": "nobody-here"}).content.decode()
    )
    with pytest.raises(BadManager):
        managing.set_manager(by=ada, identity=otto, manager=otto, at=timezone.now())


def test_nobody_chooses_who_decides_about_themselves(
    client_of: ClientOf, ada: Identity, vera: Identity, otto: Identity
) -> None:
    with pytest.raises(OwnLevels):
        managing.set_manager(by=ada, identity=ada, manager=otto, at=timezone.now())
    with pytest.raises(NotAllowed):
        managing.set_manager(by=vera, identity=otto, manager=vera, at=timezone.now())
    assert client_of(vera).post(f"/identities/{otto.pk}/manager/").status_code == 403
