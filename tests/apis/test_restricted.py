"""A restricted scope is given by administrators alone, and never through another one."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.models import Identity
from accounts.service_accounts import actions as service_accounts
from tests.factories import make_account
from tests.factories.apis import make_api, make_scope
from tests.factories.tokens import make_token
from tokens.models import ApiScope
from tokens.personal_access_tokens import actions as tokens
from tokens.scopes.coverage import (
    Coverage,
    check_assignable,
    check_may_give,
    covers,
    given_by_administrators,
)
from tokens.scopes.effective import effective, of_identity
from tokens.scopes.picker import tree_for_picker

pytestmark = pytest.mark.django_db


@pytest.fixture
def wipe() -> ApiScope:
    """pay:wipe, restricted, below pay:*, which is not."""
    api = make_api()
    return make_scope(api, "pay:wipe", parent=make_scope(api, "pay:*"), restricted=True)


def test_a_parent_that_anybody_gives_does_not_cover_it(wipe: ApiScope) -> None:
    assert not covers(["pay:*"], "pay:wipe", imply_esv=False)
    assert covers(["pay:wipe"], "pay:wipe", imply_esv=False) is Coverage.DIRECT
    assert check_assignable(["pay:wipe", "pay:*"]) == ["pay:*", "pay:wipe"]
    account = make_account(scopes=["pay:*"]).account
    assert effective(of_identity(account.identity), ["pay:wipe"]).granted == []


def test_a_restricted_parent_covers_all_below_it(wipe: ApiScope) -> None:
    make_scope(wipe.api, "pay:wipe:all", parent=wipe, restricted=True)
    make_scope(wipe.api, "pay:wipe:one", parent=wipe)
    for name in ("pay:wipe:all", "pay:wipe:one"):
        assert covers(["pay:wipe"], name, imply_esv=False) is Coverage.PARENT
    assert covers(["pay:*"], "pay:wipe:one", imply_esv=False) is Coverage.PARENT
    assert not covers(["pay:*"], "pay:wipe:all", imply_esv=False)


def test_the_picker_neither_ticks_nor_locks_it_with_its_parent(wipe: ApiScope) -> None:
    (section,) = [s for s in tree_for_picker(["pay:*"]) if s.publisher.key.startswith("own:")]
    (top,) = section.scopes
    (child,) = top.children
    assert (top.checked, child.checked, child.locked) == (True, False, False)
    assert [mark.label for mark in child.marks] == ["Restricted"]


def test_an_owner_keeps_it_on_a_token_and_puts_it_on_none(
    wipe: ApiScope, ada: Identity, otto: Identity
) -> None:
    holder = make_account(scopes=["pay:*", "pay:wipe"], owner=otto).account.identity
    with pytest.raises(NotAllowed) as refused:
        make_token(holder, scopes=["pay:wipe"], by=otto)
    assert refused.value.field == "scopes"
    assert "Only an administrator gives pay:wipe." in refused.value.message
    made = make_token(holder, scopes=["pay:wipe"], by=ada).token
    now = timezone.now()
    both = tokens.edit(by=otto, token=made, within=None, at=now, scopes=["pay:wipe", "pay:*"])
    assert both.scopes == ["pay:*", "pay:wipe"]
    less = tokens.edit(by=otto, token=made, within=None, at=now, scopes=["pay:*"])
    with pytest.raises(NotAllowed):
        tokens.edit(by=otto, token=less, within=None, at=now, scopes=["pay:*", "pay:wipe"])


def test_an_administrator_gives_it_to_an_account(wipe: ApiScope, ada: Identity) -> None:
    account = make_account(scopes=["pay:*"]).account
    given = service_accounts.set_scopes(
        by=ada, account=account, scopes=["pay:wipe"], at=timezone.now()
    )
    assert given.scopes == ["pay:wipe"]


def test_only_new_ones_ask_who_gives_them(wipe: ApiScope, vera: Identity) -> None:
    assert given_by_administrators(["pay:*", "pay:wipe", "fr:am:*"]) == ["pay:wipe"]
    assert given_by_administrators(["pay:wipe"], had=["pay:wipe"]) == []
    check_may_give(vera, ["pay:*", "idn:sources:read", "pay:unknown"])
    with pytest.raises(NotAllowed):
        check_may_give(vera, ["pay:wipe"])
