"""The library: what is used stays, what leads back to itself is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity, Transform
from accounts.profiles import built_in, custom_attributes, library
from accounts.profiles.attributes import known
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.transforms.base import BadDefinition
from accounts.profiles.transforms.compile import compile_transform
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile, map_all

pytestmark = pytest.mark.django_db

UPPER = {"type": "upper"}


def reference(name: str) -> dict[str, object]:
    return {"type": "reference", "attributes": {"id": name}}


def make(ada: Identity, name: str, definition: Mapping[str, object]) -> Transform:
    return library.create(by=ada, name=name, definition=definition, at=timezone.now())


def test_a_transform_is_kept_with_its_name_and_recorded(ada: Identity) -> None:
    made = make(ada, " Shout ", {"name": "other", "id": "x", "internal": True, **UPPER})
    assert (made.name, made.type, made.built_in) == ("Shout", "upper", False)
    assert made.definition == {
        "name": "Shout",
        "type": "upper",
        "requiresPeriodicRefresh": False,
        "attributes": {},
    }
    assert Event.objects.get(action="transform.created").subject_label == "Shout"


def test_a_name_is_there_once(ada: Identity) -> None:
    make(ada, "Shout", UPPER)
    with pytest.raises(library.NameTaken):
        make(ada, "Shout", UPPER)


def test_circles_are_refused_when_they_would_close(ada: Identity) -> None:
    with pytest.raises(BadDefinition, match="leads back to itself"):
        make(ada, "Self", reference("Self"))
    first = make(ada, "First", {"type": "concat", "attributes": {"values": ["a"]}})
    make(ada, "Second", reference("First"))
    make(ada, "Third", reference("Second"))
    closing = {"type": "concat", "attributes": {"values": [reference("Third")]}}
    with pytest.raises(BadDefinition, match="First → Third → Second → First"):
        library.edit(by=ada, transform=first, definition=closing, revision=1, at=timezone.now())
    first.refresh_from_db()
    assert first.revision == 1


def test_what_is_used_is_not_deleted(ada: Identity) -> None:
    shout = make(ada, "Shout", UPPER)
    user = make(ada, "User", reference("Shout"))
    mapped = make(ada, "Mapped", {"type": "lower"})
    profile = make_profile(make_source())
    map_all(
        profile,
        [
            MappingDraft("uid", "name", transform=mapped),
            MappingDraft("title", "name", definition=reference("User")),
        ],
    )
    for transform, who in (
        (shout, "the transform “User”"),
        (mapped, "“uid” of the identity profile “Service Accounts”"),
        (user, "“title” of the identity profile “Service Accounts”"),
    ):
        with pytest.raises(library.TransformInUse) as refusal:
            library.delete(by=ada, transform=transform, at=timezone.now())
        assert refusal.value.users == [who]
    map_all(profile, [MappingDraft("uid", "name")])
    for transform in (user, shout, mapped, shout):
        library.delete(by=ada, transform=transform, at=timezone.now())
    assert Event.objects.filter(action="transform.deleted").count() == 3


def test_two_who_edit_at_once_are_told(ada: Identity) -> None:
    made = make(ada, "Shout", UPPER)
    new = {"type": "upper", "attributes": {"input": "x"}}
    library.edit(by=ada, transform=made, definition=new, revision=1, at=timezone.now())
    with pytest.raises(library.EditConflict):
        library.edit(by=ada, transform=made, definition=UPPER, revision=1, at=timezone.now())


def test_every_tenant_begins_with_some_that_nobody_changes(ada: Identity) -> None:
    for name, body in built_in.DEFINITIONS.items():
        row, _made = Transform.objects.get_or_create(
            name=name,
            defaults={
                "type": body["type"],
                "definition": {**body, "name": name},
                "built_in": True,
                "created_at": timezone.now(),
                "changed_at": timezone.now(),
            },
        )
        assert row.built_in
        compile_transform(row.definition)
    lower = Transform.objects.get(name="To Lower")
    with pytest.raises(library.Immutable):
        library.delete(by=ada, transform=lower, at=timezone.now())
    with pytest.raises(library.Immutable):
        library.edit(by=ada, transform=lower, definition=UPPER, revision=1, at=timezone.now())


def test_own_attributes_stand_beside_the_defaults_and_stay_while_mapped(ada: Identity) -> None:
    assert [a.label for a in known().values()][:4] == [
        "SailPoint User Name",
        "Work Email",
        "Last Name",
        "First Name",
    ]
    now = timezone.now()
    for bad in ("1st", "a b", "", "uid", "EMAIL", "x" * 61):
        with pytest.raises(custom_attributes.BadName):
            custom_attributes.add(by=ada, label="Bad", name=bad, at=now)
    row = custom_attributes.add(by=ada, label="Employee number", name="employeeNumber", at=now)
    assert known()["employeeNumber"].is_custom
    profile = make_profile(make_source())
    map_all(profile, [MappingDraft("employeeNumber", "id")])
    with pytest.raises(custom_attributes.AttributeInUse):
        custom_attributes.remove(by=ada, attribute=row, at=now)
    map_all(profile, [])
    custom_attributes.remove(by=ada, attribute=row, at=now)
    assert "employeeNumber" not in known()
