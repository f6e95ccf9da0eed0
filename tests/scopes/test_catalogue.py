from __future__ import annotations

from collections.abc import Iterable

import pytest

from accounts.lib.errors import DomainError
from tokens.scopes.catalogue import BadCatalogue, Catalogue, Mark, Publisher, Scope, Section
from tokens.scopes.coverage import BadScopes, Coverage, check_assignable, covers, grantable
from tokens.scopes.files import installed
from tokens.scopes.picker import (
    PickerSection,
    environment_tree,
    in_plain_words,
    presets,
    tree_for_picker,
)

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

SERVED = [
    ("fr:am:*", []),
    ("fr:idc:analytics:*", []),
    ("fr:idc:certificate:*", ["fr:idc:certificate:read"]),
    ("fr:idc:content-security-policy:*", ["fr:idc:content-security-policy:read"]),
    ("fr:idc:cookie-domain:*", ["fr:idc:cookie-domain:read"]),
    ("fr:idc:custom-domain:*", ["fr:idc:custom-domain:read"]),
    ("fr:idc:dataset:*", ["fr:idc:dataset:read"]),
    ("fr:idc:esv:*", ["fr:idc:esv:read", "fr:idc:esv:update", "fr:idc:esv:restart"]),
    ("fr:idc:promotion:*", ["fr:idc:promotion:read"]),
    ("fr:idc:release:*", ["fr:idc:release:read"]),
    ("fr:idc:sso-cookie:*", ["fr:idc:sso-cookie:read"]),
    ("fr:idc:telemetry:*", ["fr:idc:telemetry:read"]),
    ("fr:idm:*", []),
]
"""The tree that a real tenant answered."""


OURS = Publisher("ours", "Ours")


def _catalogue(*scopes: Scope, publisher: Publisher = OURS) -> Catalogue:
    return Catalogue([Section("Ours", "", scopes, publisher)])


def _ping(chosen: Iterable[str] = ()) -> list[PickerSection]:
    return [s for s in tree_for_picker(list(chosen)) if s.publisher.key == "ping"]


def _names(scopes: Iterable[Scope]) -> list[str]:
    return [scope.name for scope in scopes]


def test_clients_read_the_tree_of_a_real_tenant() -> None:
    tree = environment_tree()
    served = [(s["scope"], [c["scope"] for c in s.get("childScopes", [])]) for s in tree]
    assert served == SERVED
    assert tree[2] == {
        "scope": "fr:idc:certificate:*",
        "description": "All TLS certificate APIs",
        "childScopes": [
            {"scope": "fr:idc:certificate:read", "description": "Read TLS certificates"}
        ],
    }
    assert tree[-1] == {"scope": "fr:idm:*", "description": "All Identity Management APIs"}


def test_the_picker_shows_the_five_sections_of_the_guide() -> None:
    sections = _ping()
    assert [section.title for section in sections] == [
        "Scopes for AM and IDM APIs in Advanced Identity Cloud",
        "Scopes for Advanced Identity Cloud environment APIs",
        "Scopes for Advanced Identity Cloud APIs under development",
        "Scopes for add-on capability APIs",
        "Restricted scopes",
    ]
    shown = [entry for section in tree_for_picker() for entry in section.scopes]
    assert len(shown) + sum(len(entry.children) for entry in shown) == len(installed())
    assert all(entry.scope.purpose for entry in shown)


def test_a_ticked_parent_ticks_and_locks_its_children() -> None:
    esv = _ping(["fr:idc:esv:*"])[1].scopes[4]
    assert (esv.scope.name, esv.checked, esv.locked) == ("fr:idc:esv:*", True, False)
    assert [(child.checked, child.locked) for child in esv.children] == [(True, True)] * 3


def test_a_restricted_scope_is_shown_locked_with_its_reason() -> None:
    federation = _ping(["fr:idc:federation:*"])[4].scopes[0]
    assert (federation.checked, federation.locked) == (False, True)
    assert "administrator" in federation.refusal
    assert [mark.label for mark in federation.marks] == ["Restricted"]


def test_scopes_under_development_and_of_add_ons_are_marked() -> None:
    assert Mark.UNDER_DEVELOPMENT in installed().get("fr:idc:mtls:*").marks  # type: ignore[union-attr]
    assert Mark.ADD_ON in installed().get("fr:iga:*").marks  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["fr:autoaccess:*", "fr:idc:direct-configuration:session:*", "FR:AM:*", "fr:am:* ", ""]
)
def test_what_the_catalogue_does_not_know_cannot_be_given(name: str) -> None:
    assert grantable(name) == "There is no such scope."


@pytest.mark.parametrize(
    ("granted", "needed", "how"),
    [
        (["fr:idc:esv:read"], "fr:idc:esv:read", Coverage.DIRECT),
        (["fr:idc:esv:*"], "fr:idc:esv:read", Coverage.PARENT),
        (["fr:idm:*"], "fr:idc:esv:read", Coverage.DEPRECATED_IMPLICATION),
        (["fr:idm:*"], "fr:idc:esv:*", Coverage.DEPRECATED_IMPLICATION),
        (["fr:idm:*", "fr:idc:esv:*"], "fr:idc:esv:read", Coverage.PARENT),
        (["fr:idc:esv:read"], "fr:idc:esv:*", Coverage.NONE),
        (["fr:idc:esv:read"], "fr:idc:esv:update", Coverage.NONE),
        (["fr:idc:certificate:*"], "fr:idc:certificate:write", Coverage.NONE),
        (["fr:idc:federation:*"], "fr:idc:federation:read", Coverage.NONE),
        (["fr:*", "*"], "fr:am:*", Coverage.NONE),
        ([], "fr:am:*", Coverage.NONE),
    ],
)
def test_what_is_granted_covers(granted: list[str], needed: str, how: Coverage) -> None:
    found = covers(granted, needed, imply_esv=True)
    assert found is how
    assert bool(found) is (how is not Coverage.NONE)


def test_the_deprecated_implication_can_be_switched_off() -> None:
    assert not covers(["fr:idm:*"], "fr:idc:esv:read", imply_esv=False)


def test_chosen_scopes_are_kept_once_in_order_and_without_covered_children() -> None:
    chosen = ["fr:idm:*", "fr:idc:esv:read", "fr:idc:esv:*", "fr:am:*", "fr:am:*"]
    assert check_assignable(chosen) == ["fr:am:*", "fr:idm:*", "fr:idc:esv:*"]
    assert check_assignable(["fr:idc:esv:restart", "fr:idc:esv:read"]) == [
        "fr:idc:esv:read",
        "fr:idc:esv:restart",
    ]


def test_every_scope_that_cannot_be_given_is_named_with_its_reason() -> None:
    with pytest.raises(BadScopes) as refusal:
        check_assignable(["fr:am:*", "fr:nothing:*", "fr:idc:federation:read"])
    assert "fr:nothing:*: There is no such scope." in refusal.value.message
    assert "fr:idc:federation:read: The API endpoints" in refusal.value.message
    assert "fr:am:*" not in refusal.value.message
    assert refusal.value.field == "scopes"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/environment/secrets/esv-a", "fr:idc:esv:read"),
        ("HEAD", "/environment/variables", "fr:idc:esv:read"),
        ("PUT", "/environment/secrets/esv-a", "fr:idc:esv:update"),
        ("POST", "/environment/startup", "fr:idc:esv:restart"),
        ("DELETE", "/environment/certificates/1", "fr:idc:certificate:*"),
        ("GET", "/openidm/managed/alpha_user", "fr:idm:*"),
        ("GET", "/environment/federation/enforcement", "fr:idc:federation:read"),
        ("GET", "/environment/secretsandmore", None),
        ("GET", "/keys", None),
    ],
)
def test_an_endpoint_asks_for_the_least_scope(method: str, path: str, scope: str | None) -> None:
    assert installed().needed_for(method, path) == scope


def test_plain_words_say_the_broadest_once_and_nothing_that_is_refused() -> None:
    words = in_plain_words(["fr:idc:esv:read", "fr:idc:esv:*", "fr:idc:federation:*", "fr:x"])
    assert words == ["Read, create, change and delete ESVs, and restart what uses them"]


def test_plain_words_name_what_comes_by_implication() -> None:
    assert len(in_plain_words(["fr:idm:*"])) == 1
    assert "fr:idm:* still implies it" in in_plain_words(["fr:idm:*"], imply_esv=True)[1]
    assert len(in_plain_words(["fr:idm:*", "fr:idc:esv:*"], imply_esv=True)) == 2


def test_every_preset_can_be_chosen_as_it_stands() -> None:
    assert presets()
    for preset in presets():
        assert check_assignable(preset.scopes) == list(preset.scopes)


def test_a_tenant_adds_scopes_of_its_own() -> None:
    ours = Section(
        "Payroll", "", (Scope("pay:*", "All"), Scope("pay:read", "Read", parent="pay:*")), OURS
    )
    catalogue = installed().with_sections([ours])
    assert covers(["pay:*"], "pay:read", imply_esv=False, catalogue=catalogue) is Coverage.PARENT
    assert _names(catalogue.children("pay:*")) == ["pay:read"]
    assert "pay:*" not in installed()


@pytest.mark.parametrize(
    "scopes",
    [
        [Scope("a", ""), Scope("a", "")],
        [Scope("a b", "")],
        [Scope('a"', "")],
        [Scope("a", "", parent="b")],
        [Scope("a", "", parent="a")],
        [Scope("a", "", parent="b"), Scope("b", "", parent="a")],
        [Scope("a", "", levels=frozenset({"USER"}))],
    ],
)
def test_a_catalogue_that_contradicts_itself_does_not_start(scopes: list[Scope]) -> None:
    with pytest.raises(BadCatalogue):
        _catalogue(*scopes)
    assert not issubclass(BadCatalogue, DomainError)


def test_what_this_tenant_serves_read_only_is_not_promised_for_change() -> None:
    (said,) = in_plain_words(["fr:idm:*"])
    assert "Read and change" not in said
    assert "serves them read-only" in said


def test_what_covers_everything_covers_its_own_publishers_scopes_only() -> None:
    covered = covers(["sp:scopes:all"], "idn:sources:read", imply_esv=False)
    assert covered is Coverage.PARENT
    assert not covers(["sp:scopes:all"], "fr:am:*", imply_esv=False)
    assert check_assignable(["idn:sources:read", "sp:scopes:all", "fr:am:*"]) == [
        "fr:am:*",
        "sp:scopes:all",
    ]
    with pytest.raises(BadCatalogue):
        _catalogue(Scope("a", ""), publisher=Publisher("x", "X", everything="fr:am:*"))


def test_the_vendors_tree_has_no_scopes_of_other_vendors() -> None:
    assert all(entry["scope"].startswith("fr:") for entry in environment_tree())
