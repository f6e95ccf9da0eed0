from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.authorization.levels import ADMIN, AUDITOR, HELPDESK, LEVELS, SOURCE_ADMIN
from accounts.authorization.permissions import Permission
from tests.factories.accounts import make_account
from tests.factories.people import make_person
from tokens.scopes.coverage import BadScopes, Coverage, covers
from tokens.scopes.effective import (
    MAX_REQUESTED,
    Held,
    Origin,
    Refusal,
    effective,
    issuable,
    of_identity,
    requested,
)
from tokens.scopes.files import installed
from tokens.scopes.levels import carried

pytestmark = pytest.mark.sqlite

ANY_SCOPES = st.lists(st.sampled_from([*installed(), "fr:autoaccess:*"]), max_size=8)


def test_account_and_roles_add_up_and_each_scope_says_whose_it_is() -> None:
    rights = effective(Held(["fr:idm:*"], ["fr:am:*", "fr:idm:*"]))
    assert [(v.scope, v.origin) for v in rights.verdicts] == [
        ("fr:am:*", Origin.ROLE),
        ("fr:idm:*", Origin.ACCOUNT),
    ]
    assert rights.granted == ["fr:am:*", "fr:idm:*"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ("fr:am:*", Refusal.NOT_ASSIGNED),
        ("fr:idc:federation:*", Refusal.RESTRICTED),
        ("fr:autoaccess:*", Refusal.UNKNOWN),
    ],
)
def test_a_refused_scope_says_which_part_refused_and_why(asked: str, refusal: Refusal) -> None:
    held = ["fr:idm:*", "fr:idc:federation:*", "fr:autoaccess:*"]
    (verdict,) = effective(Held(held), [asked]).verdicts
    assert (verdict.allowed, verdict.refusal, verdict.coverage) == (False, refusal, Coverage.NONE)
    assert verdict.reason


def test_a_call_is_judged_with_the_implication_and_says_so() -> None:
    (verdict,) = effective(Held(["fr:idm:*"]), ["fr:idc:esv:read"], imply_esv=True).verdicts
    assert verdict.allowed
    assert verdict.coverage is Coverage.DEPRECATED_IMPLICATION


def test_a_granted_scope_goes_before_the_implication() -> None:
    rights = effective(Held(["fr:idm:*"], ["fr:idc:esv:*"]), ["fr:idc:esv:read"], imply_esv=True)
    assert rights.verdicts[0].coverage is Coverage.PARENT
    assert rights.verdicts[0].origin is Origin.ROLE


@given(ANY_SCOPES, ANY_SCOPES)
def test_nothing_comes_out_that_was_not_put_in(account: list[str], asked: list[str]) -> None:
    rights = effective(Held(account), asked, catalogue=installed())
    reach = {name for held in account for name in (held, *installed().below(held))}
    assert set(rights.granted) <= reach & set(asked)
    assert sorted([*rights.granted, *rights.refused]) == sorted(set(asked))
    assert not any(name.startswith("fr:idc:federation") for name in rights.granted)


@pytest.mark.django_db
def test_a_request_is_answered_in_its_order_with_all_that_is_refused() -> None:
    held = ["fr:idc:esv:*", "fr:am:*"]
    asked = "fr:iga:* fr:idc:esv:read fr:am:* fr:idm:* fr:am:* fr:autoaccess:*"
    assert requested(Held(held), asked) == (
        ["fr:idc:esv:read", "fr:am:*"],
        ["fr:iga:*", "fr:idm:*", "fr:autoaccess:*"],
    )


def test_no_token_carries_a_scope_by_implication() -> None:
    assert requested(Held(["fr:idm:*"]), "fr:idc:esv:read") == ([], ["fr:idc:esv:read"])


@pytest.mark.parametrize("asked", ["", "   "])
def test_asking_for_nothing_is_refused(asked: str) -> None:
    with pytest.raises(BadScopes, match="at least one scope"):
        requested(Held(["fr:am:*"]), asked)


@pytest.mark.parametrize(
    "asked", ["fr:am:*\tfr:idm:*", "fr:am:*\r\nX: y", 'fr:"am"', "fr:am\\*", "fr:äm:*", "a\x00"]
)
def test_a_list_of_scopes_has_a_syntax(asked: str) -> None:
    with pytest.raises(BadScopes, match="single spaces"):
        requested(Held(["fr:am:*"]), asked)


def test_a_request_has_an_end() -> None:
    with pytest.raises(BadScopes, match="at most"):
        requested(Held(["fr:am:*"]), " ".join(f"s{n}" for n in range(MAX_REQUESTED + 1)))


@given(ANY_SCOPES, ANY_SCOPES, st.sets(st.sampled_from([*LEVELS])))
def test_a_token_gives_nothing_beyond_account_and_levels(
    account: list[str], token: list[str], levels: set[str]
) -> None:
    held = Held(account, levels=levels, token=token)
    for name in effective(held, catalogue=installed()).granted:
        assert covers(token, name, imply_esv=False)
        if installed().is_bound_by_levels(name):
            assert name in carried(levels)
        else:
            assert covers(account, name, imply_esv=False)


@pytest.mark.parametrize(
    ("levels", "allowed"),
    [([ADMIN], True), ([SOURCE_ADMIN], True), ([HELPDESK], False), ([AUDITOR], False), ([], False)],
)
def test_a_scope_that_levels_bound_needs_one_that_carries_it(
    levels: list[str], allowed: bool
) -> None:
    (verdict,) = effective(Held(levels=levels, token=["idn:sources:manage"])).verdicts
    assert verdict.allowed is allowed
    assert verdict.refusal is (None if allowed else Refusal.LEVEL)
    assert verdict.origin is (Origin.LEVEL if allowed else None)


def test_a_refusal_by_level_names_the_levels_and_what_remains() -> None:
    (verdict,) = effective(Held(levels=[HELPDESK], token=["idn:accounts:manage"])).verdicts
    assert verdict.reason == (
        "Only Admin, Source Admin or Source Sub-Admin carries it; the holder has Helpdesk."
    )
    assert verdict.remains == ("idn:accounts:read",)
    rights = effective(Held(token=["idn:jit-policy:read", "idn:accounts:read"]))
    reasons = [verdict.reason for verdict in rights.verdicts]
    assert reasons[0].endswith("the holder has User.")
    assert "No user level of this tenant" in reasons[1]
    assert rights.reach == []


def test_everything_is_everything_that_the_levels_carry() -> None:
    held = Held(levels=[HELPDESK], token=["sp:scopes:all"])
    asked = ["sp:scopes:all", "idn:accounts:read", "idn:accounts:manage"]
    assert effective(held, asked).granted == ["sp:scopes:all", "idn:accounts:read"]
    theirs = [name for name in installed() if name.startswith(("sp:", "idn:", "iai:", "das:"))]
    assert effective(held, theirs).granted == [n for n in carried([HELPDESK]) if n in theirs]


def test_a_token_does_not_reach_beyond_its_own_scopes() -> None:
    held = Held(["fr:am:*"], levels=[ADMIN], token=["idn:sources:read", "fr:idm:*"])
    verdicts = effective(held, ["idn:sources:manage", "fr:am:*", "fr:idm:*"]).verdicts
    assert [verdict.refusal for verdict in verdicts] == [
        Refusal.NOT_ON_TOKEN,
        Refusal.NOT_ON_TOKEN,
        Refusal.NOT_ASSIGNED,
    ]


def test_a_key_needs_the_scope_on_the_account_and_within_the_levels() -> None:
    asked = ["idn:sources:read"]
    assert effective(Held(asked, levels=[ADMIN]), asked).granted == asked
    without_level = effective(Held(asked), asked).verdicts[0]
    not_assigned = effective(Held(levels=[ADMIN]), asked).verdicts[0]
    assert without_level.refusal is Refusal.LEVEL
    assert not_assigned.refusal is Refusal.NOT_ASSIGNED
    assert issuable(Held(asked), asked) == []


def test_an_access_token_keeps_what_levels_refuse_now_but_never_what_the_account_lacks() -> None:
    held = Held(["fr:am:*"], token=["fr:am:*", "fr:idm:*", "idn:sources:read"])
    assert issuable(held) == ["fr:am:*", "idn:sources:read"]
    assert requested(held, "idn:sources:read fr:idm:*") == (["idn:sources:read"], ["fr:idm:*"])
    assert effective(held).granted == ["fr:am:*"]


@pytest.mark.django_db
def test_an_identity_is_judged_by_what_stands_in_the_database() -> None:
    account = make_account("reader", scopes=["fr:idm:*"]).account
    person = make_person("sam", levels=[SOURCE_ADMIN])
    assert effective(of_identity(account.identity)).granted == ["fr:idm:*"]
    asked = ["idn:sources:read", "fr:idm:*"]
    assert effective(of_identity(person, token=asked)).granted == ["idn:sources:read"]
    assert effective(of_identity(account.identity, token=asked)).granted == ["fr:idm:*"]


def test_a_scope_with_permissions_behind_it_needs_one_of_them_by_level_or_role() -> None:
    asked = ["steward:groups:manage"]
    (refused,) = effective(Held(levels=[HELPDESK], token=asked)).verdicts
    assert refused.refusal is Refusal.LEVEL
    assert refused.reason.startswith("No level or role of the holder allows what it opens: ")
    assert refused.remains == ("steward:groups:read",)
    by_role = Held(permissions=[Permission.GROUP_MANAGE_OWN], token=asked)
    assert effective(by_role).granted == asked
    assert effective(Held(levels=[ADMIN], token=asked)).granted == asked


def test_everything_of_a_catalogue_covers_no_scope_that_the_holder_may_not_use() -> None:
    held = Held(token=["steward:all"])
    assert effective(held, ["steward:groups:read"]).granted == ["steward:groups:read"]
    assert effective(held, ["steward:groups:manage"]).granted == []
    assert effective(held, ["idn:sources:read"]).granted == []
