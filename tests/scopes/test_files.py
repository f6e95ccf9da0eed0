"""The catalogues that are shipped, and what the reader of such files refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokens.scopes.catalogue import BadCatalogue, Bound, Scope
from tokens.scopes.files import FOLDER, installed, load

pytestmark = pytest.mark.sqlite

GOOD = """
key = "ours"
title = "Ours"
bound = "account"

[[sections]]
title = "All"

[[sections.scopes]]
scope = "ours:*"
purpose = "All of it."

[[sections.scopes]]
scope = "ours:read"
parent = "ours:*"
purpose = "Read it."
"""
BY_LEVEL = GOOD.replace('"account"', '"levels"').replace(
    "purpose =", 'levels = ["USER"]\npurpose ='
)


def _file(folder: Path, text: str, name: str = "ours.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def _sailpoint() -> list[Scope]:
    return [s for x in installed().sections if x.publisher.key == "sailpoint" for s in x.scopes]


def test_there_is_one_catalogue_a_vendor_and_nothing_else_in_the_folder() -> None:
    names = ["ping.toml", "sailpoint.toml", "scim.toml", "servicenow.toml", "steward.toml"]
    assert sorted(file.name for file in FOLDER.iterdir()) == names
    bounds = {publisher.key: publisher.bound for publisher in installed().publishers}
    assert bounds == {
        "ping": Bound.ACCOUNT,
        "sailpoint": Bound.LEVELS,
        "scim": Bound.LEVELS,
        "servicenow": Bound.LEVELS,
        "steward": Bound.LEVELS,
    }


def test_sailpoint_has_its_names_each_said_in_words_of_its_own() -> None:
    scopes = _sailpoint()
    assert len(scopes) == 275
    assert len({scope.purpose for scope in scopes}) == 275
    assert all(scope.purpose.endswith(".") and scope.purpose[0].isupper() for scope in scopes)
    assert {scope.name.split(":")[0] for scope in scopes} == {"sp", "idn", "iai", "das"}
    assert max(len(section.scopes) for section in installed().sections) <= 30


def test_every_manage_scope_carries_the_read_scope_of_the_same_thing() -> None:
    names = {scope.name for scope in _sailpoint()}
    for scope in _sailpoint():
        thing, _colon, verb = scope.name.rpartition(":")
        if verb == "read" and f"{thing}:manage" in names:
            assert scope.parent == f"{thing}:manage"
        if scope.parent:
            assert scope.parent.rpartition(":")[0] == thing


def test_an_administrator_carries_what_is_below_a_scope_that_they_carry() -> None:
    for scope in _sailpoint():
        above = installed().get(scope.parent or "")
        if above and "USER" not in scope.levels:
            assert above.levels & {"ORG_ADMIN"} <= scope.levels, scope.name


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("idn:accounts:read", "ORG_ADMIN SOURCE_ADMIN SOURCE_SUBADMIN HELPDESK"),
        ("idn:accounts:manage", "ORG_ADMIN SOURCE_ADMIN SOURCE_SUBADMIN"),
        ("idn:sources:read", "ORG_ADMIN SOURCE_ADMIN SOURCE_SUBADMIN ROLE_SUBADMIN"),
        ("idn:source-schema:manage", "ORG_ADMIN SOURCE_ADMIN"),
        ("idn:transform:manage", "ORG_ADMIN"),
        ("idn:identity:read", "ORG_ADMIN HELPDESK"),
        ("idn:identity-profile:read", "ORG_ADMIN"),
        ("idn:password-user-invite:manage", "ORG_ADMIN HELPDESK"),
        ("sp:auth-user:manage", "ORG_ADMIN"),
        ("sp:my-personal-access-tokens:manage", "USER"),
        ("sp:all-personal-access-tokens:read", "ORG_ADMIN"),
        ("sp:scopes:all", "USER"),
        ("sp:scopes:default", "USER"),
    ],
)
def test_levels_are_those_of_the_operations_that_only_this_scope_opens(
    name: str, levels: str
) -> None:
    scope = installed().get(name)
    assert scope is not None
    assert scope.levels == set(levels.split())


def test_a_good_file_is_read(tmp_path: Path) -> None:
    catalogue = load([_file(tmp_path, GOOD)])
    assert list(catalogue) == ["ours:*", "ours:read"]
    assert catalogue.ancestors("ours:read") == ["ours:*"]
    assert list(load([_file(tmp_path, BY_LEVEL)])) == ["ours:*", "ours:read"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("purpose =", "purpos =", "'purpos'] is not known"),
        ('purpose = "Read it."', "", "'purpose'] is missing"),
        ('purpose = "Read it."', "purpose = 7", "purpose is no str"),
        ('purpose = "Read it."', 'purpose = ""', "purpose is empty"),
        ('title = "All"', 'title = "All"\ncolour = "red"', "'colour'] is not known"),
        ('key = "ours"', 'key = "ours"\nversion = 2', "'version'] is not known"),
        ('key = "ours"', "", "'key'] is missing"),
        ('"account"', '"mood"', "nothing is bound by 'mood'"),
        ('"account"', '"levels"', "ours:\\* names levels"),
        ("purpose =", 'levels = ["USER"]\npurpose =', "ours:\\* names levels"),
        ("purpose =", 'permissions = ["job.view"]\npurpose =', "ours:\\* names permissions"),
        ("purpose =", 'permissions = ["job.look"]\npurpose =', "'job.look' is not known"),
        ('parent = "ours:*"', 'parent = "ours:all"', "leads to ours:all"),
        ('parent = "ours:*"', 'parent = "ours:read"', "is its own parent"),
        ("purpose =", 'parent = "ours:read"\npurpose =', ".*"),
        ('scope = "ours:read"', 'scope = "ours:*"', "is twice"),
        ('scope = "ours:read"', 'scope = "ours read"', "not a scope name"),
        ('key = "ours"', 'key = "ours"\neverything = "fr:am:*"', "leads to fr:am"),
        ("purpose =", 'marks = { nice = "Yes." }\npurpose =', "'nice' is not known"),
        ("purpose =", 'endpoints = [{ path = "/a", methods = ["LOOK"] }]\npurpose =', "'LOOK'"),
        ("purpose =", 'endpoints = ["/a"]\npurpose =', "is no table"),
        ("purpose =", "published = 1\npurpose =", "published is no bool"),
        ("[[sections]]", "[[sections]", "ours.toml"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(BadCatalogue, match=said):
        load([_file(tmp_path, GOOD.replace(before, after))])


@pytest.mark.parametrize("level", ["ROOT", "user", "admin"])
def test_a_level_that_nobody_has_is_refused(tmp_path: Path, level: str) -> None:
    with pytest.raises(BadCatalogue, match="is not known"):
        load([_file(tmp_path, BY_LEVEL.replace("USER", level))])


def test_two_files_do_not_share_a_name_or_key(tmp_path: Path) -> None:
    first = _file(tmp_path, GOOD)
    other = GOOD.replace('key = "ours"', 'key = "theirs"')
    with pytest.raises(BadCatalogue, match="twice"):
        load([first, _file(tmp_path, other, "theirs.toml")])
    with pytest.raises(BadCatalogue, match="another file"):
        load([first, _file(tmp_path, GOOD.replace("ours:", "theirs:"), "theirs.toml")])


def test_no_scope_leads_into_another_vendors_catalogue(tmp_path: Path) -> None:
    text = GOOD.replace('key = "ours"', 'key = "theirs"').replace('"ours:', '"theirs:')
    other = text.replace('parent = "theirs:*"', 'parent = "ours:*"')
    with pytest.raises(BadCatalogue, match=r"leads to ours:\*"):
        load([_file(tmp_path, GOOD), _file(tmp_path, other, "theirs.toml")])


def test_presets_name_scopes_that_there_are(tmp_path: Path) -> None:
    preset = '\n[[presets]]\nkey = "a"\ntitle = "A"\npurpose = "B"\nscopes = ["ours:x"]\n'
    with pytest.raises(BadCatalogue, match="preset a names"):
        load([_file(tmp_path, GOOD + preset)])
    twice = preset.replace("ours:x", "ours:*")
    with pytest.raises(BadCatalogue, match="one key"):
        load([_file(tmp_path, GOOD + twice * 2)])
