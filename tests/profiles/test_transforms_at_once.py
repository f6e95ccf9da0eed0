"""Transforms are changed while mappings begin to use them: nobody waits in a ring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import IdentityProfile, Transform
from accounts.profiles import library, mappings
from accounts.profiles.importing import import_transforms
from accounts.profiles.library import TransformInUse
from accounts.profiles.mappings import BadMapping, MappingDraft, set_mappings
from accounts.profiles.transforms.base import BadDefinition
from accounts.profiles.transforms.export import Export
from tests.at_once import at_once
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile, map_all

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 1
"""How long one of two lets the other come as far as it can."""
STATIC = {"attributes": {"value": "a"}}


def make(name: str, definition: Mapping[str, Any] | None = None) -> Transform:
    given = definition or {"type": "upper"}
    return library.create(by=SYSTEM, name=name, definition=given, at=timezone.now())


def change(transform: Transform, value: str) -> Callable[[], Transform]:
    definition = {"type": "static", "attributes": {"value": value}}
    return lambda: library.edit(
        by=SYSTEM,
        transform=transform,
        definition=definition,
        revision=Transform.objects.get(pk=transform.pk).revision,
        at=timezone.now(),
    )


def use(profile: IdentityProfile, *transforms: Transform) -> Callable[[], IdentityProfile]:
    """Map some attributes through these transforms, and nothing else."""
    names = ("uid", "email", "lastname", "firstname")
    drafts = [
        MappingDraft(name, source_attribute="name", transform=transform)
        for name, transform in zip(names, transforms, strict=False)
    ]
    current = IdentityProfile.objects.get(pk=profile.pk)
    return lambda: set_mappings(
        by=SYSTEM, profile=current, drafts=drafts, revision=current.revision, at=timezone.now()
    )


def in_the_middle(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, mine: Event, others: Event
) -> None:
    """Let a function say that it is called, and wait for the other one to be."""
    called: Callable[..., Any] = getattr(module, name)

    def wait_for_the_other(*given: Any, **named: Any) -> Any:
        mine.set()
        others.wait(PATIENCE_SECONDS)
        return called(*given, **named)

    monkeypatch.setattr(module, name, wait_for_the_other)


def versions(*profiles: IdentityProfile) -> list[int]:
    return [IdentityProfile.objects.get(pk=profile.pk).version for profile in profiles]


def raised(answers: Sequence[object]) -> list[object]:
    return [answer for answer in answers if isinstance(answer, Exception)]


def test_a_transform_is_edited_while_a_mapping_that_uses_it_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile, transform = make_profile(make_source()), make("Fixed", {"type": "static"} | STATIC)
    use(profile, transform)()
    [before] = versions(profile)
    edits, maps = Event(), Event()
    in_the_middle(monkeypatch, library, "check", edits, maps)
    in_the_middle(monkeypatch, mappings, "rows_of", maps, edits)
    answers = at_once([change(transform, "new"), use(profile, transform, transform)])
    assert not raised(answers)
    # whichever came first: the profile is to be applied again for both
    assert versions(profile) == [before + 2]


def test_a_transform_is_deleted_while_a_mapping_begins_to_use_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile, transform = make_profile(make_source()), make("Shout")
    deletes, maps = Event(), Event()
    in_the_middle(monkeypatch, library, "users_of", deletes, maps)
    in_the_middle(monkeypatch, mappings, "rows_of", maps, deletes)
    answers = at_once(
        [
            lambda: library.delete(by=SYSTEM, transform=transform, at=timezone.now()),
            use(profile, transform),
        ]
    )
    [lost] = raised(answers)
    assert isinstance(lost, (TransformInUse, BadMapping)), lost
    assert Transform.objects.filter(pk=transform.pk).exists() == isinstance(lost, TransformInUse)


def test_a_transform_is_deleted_while_another_begins_to_name_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = make("Inner")
    definition = {"type": "reference", "attributes": {"id": "Inner"}}
    deletes, names = Event(), Event()
    in_the_middle(monkeypatch, library, "users_of", deletes, names)
    in_the_middle(monkeypatch, library, "clean_name", names, deletes)
    answers = at_once(
        [
            lambda: library.delete(by=SYSTEM, transform=named, at=timezone.now()),
            lambda: make("Outer", definition),
        ]
    )
    [lost] = raised(answers)
    assert isinstance(lost, (TransformInUse, BadDefinition)), lost
    assert set(Transform.objects.filter(built_in=False).values_list("name", flat=True)) == (
        {"Inner", "Outer"} if isinstance(lost, TransformInUse) else set()
    )


def test_two_who_mark_the_same_profiles_do_not_wait_for_each_other() -> None:
    profiles = [make_profile(make_source(f"Source {n}")) for n in range(6)]
    one, other = (make(name, {"type": "static"} | STATIC) for name in ("One", "Other"))
    for profile in profiles:
        map_all(
            profile,
            [MappingDraft("uid", transform=one), MappingDraft("email", transform=other)],
        )
    before = versions(*profiles)
    export = Export(({"name": "One", "type": "static", "attributes": {"value": "x"}},), ())
    answers = at_once(
        [
            lambda: import_transforms(by=SYSTEM, export=export, at=timezone.now(), replace=True),
            change(other, "y"),
            use(profiles[0], one),
            use(profiles[5], other),
        ]
    )
    assert not raised(answers)
    assert versions(*profiles[1:5]) == [version + 2 for version in before[1:5]]


def test_a_mapping_through_a_transform_that_is_gone_is_refused() -> None:
    profile, transform = make_profile(make_source()), make("Shout")
    library.delete(by=SYSTEM, transform=transform, at=timezone.now())
    with pytest.raises(BadMapping, match="The transform “Shout” has been deleted"):
        use(profile, transform)()
