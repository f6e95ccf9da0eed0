from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.scopes.catalogue import installed
from tokens.scopes.coverage import BadScopes, Coverage
from tokens.scopes.effective import MAX_REQUESTED, Origin, Refusal, effective, requested

pytestmark = pytest.mark.sqlite

ANY_SCOPES = st.lists(st.sampled_from([*installed(), "fr:autoaccess:*"]), max_size=8)


def test_account_and_roles_add_up_and_each_scope_says_whose_it_is() -> None:
    rights = effective(["fr:idm:*"], ["fr:am:*", "fr:idm:*"])
    assert [(v.scope, v.origin) for v in rights.verdicts] == [
        ("fr:am:*", Origin.ROLE),
        ("fr:idm:*", Origin.ACCOUNT),
    ]
    assert rights.granted == ["fr:am:*", "fr:idm:*"]


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
    (verdict,) = effective(held, requested=[asked]).verdicts
    assert (verdict.allowed, verdict.refusal, verdict.coverage) == (False, refusal, Coverage.NONE)
    assert verdict.reason


def test_a_level_bounds_what_its_holder_may_pass_on() -> None:
    rights = effective(["fr:am:*", "fr:idm:*"], level_scopes=["fr:idm:*"])
    assert (rights.granted, rights.refused) == (["fr:idm:*"], ["fr:am:*"])
    assert rights.verdicts[0].refusal is Refusal.LEVEL


def test_a_call_is_judged_with_the_implication_and_says_so() -> None:
    (verdict,) = effective(["fr:idm:*"], requested=["fr:idc:esv:read"], imply_esv=True).verdicts
    assert verdict.allowed
    assert verdict.coverage is Coverage.DEPRECATED_IMPLICATION


def test_a_granted_scope_goes_before_the_implication() -> None:
    rights = effective(["fr:idm:*"], ["fr:idc:esv:*"], ["fr:idc:esv:read"], imply_esv=True)
    assert rights.verdicts[0].coverage is Coverage.PARENT
    assert rights.verdicts[0].origin is Origin.ROLE


@given(ANY_SCOPES, ANY_SCOPES)
def test_nothing_comes_out_that_was_not_put_in(account: list[str], asked: list[str]) -> None:
    rights = effective(account, requested=asked)
    reach = {name for held in account for name in (held, *_below(held))}
    assert set(rights.granted) <= reach & set(asked)
    assert sorted([*rights.granted, *rights.refused]) == sorted(set(asked))
    assert not any(name.startswith("fr:idc:federation") for name in rights.granted)


def _below(name: str) -> list[str]:
    return [child.name for child in installed().children(name)]


def test_a_request_is_answered_in_its_order_with_all_that_is_refused() -> None:
    held = ["fr:idc:esv:*", "fr:am:*"]
    asked = "fr:iga:* fr:idc:esv:read fr:am:* fr:idm:* fr:am:* fr:autoaccess:*"
    assert requested(held, asked) == (
        ["fr:idc:esv:read", "fr:am:*"],
        ["fr:iga:*", "fr:idm:*", "fr:autoaccess:*"],
    )


def test_no_token_carries_a_scope_by_implication() -> None:
    assert requested(["fr:idm:*"], "fr:idc:esv:read") == ([], ["fr:idc:esv:read"])


@pytest.mark.parametrize("asked", ["", "   "])
def test_asking_for_nothing_is_refused(asked: str) -> None:
    with pytest.raises(BadScopes, match="at least one scope"):
        requested(["fr:am:*"], asked)


@pytest.mark.parametrize(
    "asked", ["fr:am:*\tfr:idm:*", "fr:am:*\r\nX: y", 'fr:"am"', "fr:am\\*", "fr:äm:*", "a\x00"]
)
def test_a_list_of_scopes_has_a_syntax(asked: str) -> None:
    with pytest.raises(BadScopes, match="single spaces"):
        requested(["fr:am:*"], asked)


def test_a_request_has_an_end() -> None:
    with pytest.raises(BadScopes, match="at most"):
        requested(["fr:am:*"], " ".join(f"s{n}" for n in range(MAX_REQUESTED + 1)))
