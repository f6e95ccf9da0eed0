"""What SailPoint exports is taken as it is; what is exported here can be taken again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import IdentityProfile, Transform
from accounts.profiles import actions, importing, library, sailpoint
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.models import ProfileKind
from accounts.profiles.transforms.base import BadDefinition
from accounts.profiles.transforms.export import BadExport, parse_export
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, map_all, process

pytestmark = pytest.mark.django_db

FOREIGN_ID = "2c9180835d191a86015d28455b4a2329"


def account_attribute(name: str) -> dict[str, Any]:
    attributes = {
        "sourceName": "Service Accounts",
        "attributeName": name,
        "sourceId": FOREIGN_ID,
    }
    return {"type": "accountAttribute", "attributes": attributes}


EXPORTED: dict[str, Any] = {
    "id": "2b838de9db9babcfe646d4f274ad4238",
    "name": "Service Accounts",
    "created": "2021-11-08T14:35:53.000Z",
    "modified": "2021-11-08T14:35:53.000Z",
    "description": None,
    "owner": {"type": "IDENTITY", "id": FOREIGN_ID, "name": "someone else"},
    "priority": 30,
    "authoritativeSource": {"type": "SOURCE", "id": FOREIGN_ID, "name": "Service Accounts"},
    "identityRefreshRequired": True,
    "identityCount": 0,
    "hasTimeBasedAttr": False,
    "identityExceptionReportReference": None,
    "identityAttributeConfig": {
        "enabled": True,
        "attributeTransforms": [
            {
                "identityAttributeName": "uid",
                "transformDefinition": {
                    "type": "reference",
                    "attributes": {"id": "Shout", "input": account_attribute("name")},
                },
            },
            {
                "identityAttributeName": "email",
                "transformDefinition": account_attribute("e-mail"),
            },
            {
                "identityAttributeName": "lastname",
                "transformDefinition": account_attribute("name"),
            },
            {
                "identityAttributeName": "firstname",
                "transformDefinition": {
                    "type": "firstValid",
                    "attributes": {"values": [account_attribute("purpose"), "none"]},
                },
            },
            {
                "identityAttributeName": "companyCode",
                "transformDefinition": {"type": "static", "attributes": {"value": "ACME"}},
            },
        ],
    },
}
TRANSFORMS: list[dict[str, Any]] = [
    {
        "id": "b23788a0-41a2-453b-89ae-0d670fa0cb6a",
        "name": "Shout",
        "type": "reference",
        "attributes": {"id": "Loud"},
        "internal": False,
    },
    {
        "id": FOREIGN_ID,
        "name": "Loud",
        "type": "upper",
        "attributes": None,
        "internal": False,
        "requiresPeriodicRefresh": False,
    },
]


def take_transforms(data: Any = TRANSFORMS, **options: Any) -> importing.ImportedTransforms:
    return importing.import_transforms(
        by=SYSTEM, export=parse_export(json.dumps(data)), at=timezone.now(), **options
    )


def take_profile(data: Any = EXPORTED) -> IdentityProfile:
    [read] = sailpoint.parse_profiles(json.dumps(data))
    return importing.import_profile(
        by=SYSTEM, read=read, kind=ProfileKind.SERVICE, at=timezone.now()
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda p: p,
        lambda p: [p],
        lambda p: [{"version": 1, "self": {"type": "IDENTITY_PROFILE"}, "object": p}],
        lambda p: {
            "objects": [
                {"self": {"type": "SOURCE", "name": "x"}, "object": {}},
                {"self": {"type": "IDENTITY_PROFILE"}, "object": p},
            ]
        },
    ],
    ids=["one", "list", "export", "SP-Config"],
)
def test_an_exported_profile_is_taken_as_it_is_and_works(wrap: Any) -> None:
    source = make_source()
    bring(source, rows("1,audit01,admin@company.com,"))
    take_transforms()
    profile = take_profile(wrap(EXPORTED))
    assert (profile.name, profile.priority, profile.owner) == ("Service Accounts", 30, None)
    process(profile)
    made = identity("AUDIT01")
    assert made.attributes == {
        "uid": "AUDIT01",
        "email": "admin@company.com",
        "lastname": "audit01",
        "firstname": "none",
        "companyCode": "ACME",
    }


def test_what_the_profile_needs_is_named() -> None:
    with pytest.raises(importing.MissingParts) as refusal:
        take_profile()
    assert refusal.value.sources == ["Service Accounts"]
    assert refusal.value.transforms == ["Shout"]
    assert not IdentityProfile.objects.exists()


def test_export_and_import_again_give_the_same_profile() -> None:
    source = make_source()
    take_transforms()
    profile = make_profile(source, name="Mine", description="what for")
    shout = Transform.objects.get(name="Shout")
    map_all(
        profile,
        [
            MappingDraft("uid", "name", transform=shout),
            MappingDraft("email", "e-mail"),
            MappingDraft("lastname", "name", definition={"type": "trim"}),
            MappingDraft("title", transform=shout),
            MappingDraft(
                "firstname",
                definition={"type": "concat", "attributes": {"values": ["a", {"type": "trim"}]}},
            ),
        ],
    )
    profile = IdentityProfile.objects.select_related("source", "owner").get()
    first = sailpoint.export_profile(profile)
    actions.delete(by=SYSTEM, profile=profile, at=timezone.now())
    again = take_profile(first)
    second = sailpoint.export_profile(again)
    for name in ("name", "description", "priority", "identityAttributeConfig"):
        assert second[name] == first[name]
    assert [m.transform_id for m in again.mappings.order_by("position")] == [
        shout.pk,
        None,
        None,
        shout.pk,
        None,
    ]


def test_the_export_has_the_members_of_the_vendor() -> None:
    profile = make_profile(make_source())
    exported = sailpoint.export_profile(profile)
    assert exported.keys() | {"identityExceptionReportReference"} == EXPORTED.keys()
    assert exported["identityAttributeConfig"]["attributeTransforms"][0] == {
        "identityAttributeName": "uid",
        "transformDefinition": {
            "type": "accountAttribute",
            "attributes": {
                "sourceName": "Service Accounts",
                "attributeName": "name",
                "sourceId": str(profile.source_id),
            },
        },
    }
    assert exported["identityRefreshRequired"] is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[]", "no identity profiles"),
        ("[1]", "identity profile in braces"),
        ('{"authoritativeSource": {"name": "x"}}', "Give the identity profile a name"),
        ('{"name": "x"}', "Name the source"),
        (
            json.dumps({**EXPORTED, "identityAttributeConfig": {"attributeTransforms": [{}]}}),
            "Name the identity attribute",
        ),
        (json.dumps({**EXPORTED, "identityAttributeConfig": []}), "mappings as a list"),
        ('{"name": "x", "name": "y"}', "twice"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(BadExport, match=says):
        sailpoint.parse_profiles(text)


def test_a_rule_of_another_tenant_is_refused_and_nothing_is_left() -> None:
    make_source()
    take_transforms()
    config = EXPORTED["identityAttributeConfig"]
    rule = {
        "identityAttributeName": "title",
        "transformDefinition": {"type": "rule", "attributes": {"name": "Their rule"}},
    }
    data = {
        **EXPORTED,
        "identityAttributeConfig": {"attributeTransforms": [*config["attributeTransforms"], rule]},
    }
    with pytest.raises(BadDefinition, match="title"):
        take_profile(data)
    assert not IdentityProfile.objects.exists()


def test_transforms_are_taken_in_any_order_and_twice_changes_nothing() -> None:
    first = take_transforms()
    assert first.created == ["Shout", "Loud"]
    again = take_transforms()
    assert (again.created, again.unchanged) == ([], ["Shout", "Loud"])
    exported = sailpoint.export_transforms(Transform.objects.filter(built_in=False))
    assert take_transforms(exported).created == []
    assert {t["name"]: t["type"] for t in exported} == {"Shout": "reference", "Loud": "upper"}


def test_another_transform_of_that_name_is_replaced_on_purpose_only() -> None:
    take_transforms()
    other = [{**TRANSFORMS[1], "attributes": {"input": "x"}}]
    with pytest.raises(library.NameTaken):
        take_transforms(other)
    assert take_transforms(other, replace=True).replaced == ["Loud"]
    of_another_type = [{**TRANSFORMS[1], "type": "lower"}]
    with pytest.raises(library.Immutable):
        take_transforms(of_another_type, replace=True)


def test_one_bad_transform_keeps_all_of_them_out() -> None:
    bad = [*TRANSFORMS, {"name": "Bad", "type": "nonsense", "attributes": {}}]
    with pytest.raises(BadDefinition, match="Bad"):
        take_transforms(bad)
    assert not Transform.objects.filter(built_in=False).exists()


def test_four_mappings_of_the_guide_are_those_of_its_export() -> None:
    profile = make_profile(make_source())
    config = sailpoint.export_profile(profile)["identityAttributeConfig"]
    found = {
        row["identityAttributeName"]: row["transformDefinition"]["attributes"]["attributeName"]
        for row in config["attributeTransforms"]
    }
    assert found == FOUR
