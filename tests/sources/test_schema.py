"""The account schema: what may change, and what may not while accounts exist."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.models import Identity, SchemaAttribute, Source
from accounts.sources import schema
from accounts.sources.connectors.base import AttributeDraft
from accounts.sources.schema import BadSchema, SchemaInUse
from tests.factories.imports import bring, make_source, rows

pytestmark = pytest.mark.django_db


def attribute(source: Source, name: str) -> SchemaAttribute:
    return source.attributes.get(name=name)


def add(by: Identity, source: Source, name: str, **more: Any) -> SchemaAttribute:
    draft = AttributeDraft(name, **more)
    return schema.add(by=by, source=source, draft=draft, at=timezone.now())


def edit(by: Identity, source: Source, name: str, draft: AttributeDraft) -> SchemaAttribute:
    row = attribute(source, name)
    return schema.edit(by=by, source=source, attribute=row, draft=draft, at=timezone.now())


def names(source: Source) -> list[str]:
    return [row.name for row in schema.attributes_of(source)]


def test_attributes_are_added_at_the_end_and_removed(ada: Identity) -> None:
    source = make_source()
    row = add(ada, source, "groups", is_entitlement=True, is_multi_valued=True)
    assert names(source) == ["id", "name", "e-mail", "purpose", "groups"]
    schema.remove(by=ada, source=source, attribute=row, at=timezone.now())
    schema.remove(by=ada, source=source, attribute=attribute(source, "e-mail"), at=timezone.now())
    assert names(source) == ["id", "name", "purpose"]
    assert Event.objects.filter(action="source.schema_changed", actor_label=ada.label).count() == 3


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "ID",
        "e-mail ",
        "=cmd",
        "'x",
        "#x",
        '"x',
        "Rejected line",
        "a\nb",
        "x" * 101,
        "a\0",
    ],
)
def test_a_name_that_would_not_work_is_refused(ada: Identity, name: str) -> None:
    source = make_source()
    with pytest.raises(DomainError) as refused:
        add(ada, source, name)
    assert refused.value.field == "name"
    assert len(names(source)) == 4


def test_the_badges_move_but_are_never_lost(ada: Identity) -> None:
    source = make_source()
    edit(ada, source, "e-mail", AttributeDraft("e-mail", is_account_id=True))
    assert attribute(source, "e-mail").is_account_id
    assert not attribute(source, "id").is_account_id
    with pytest.raises(BadSchema):
        edit(ada, source, "e-mail", AttributeDraft("e-mail"))
    with pytest.raises(BadSchema):
        schema.remove(
            by=ada, source=source, attribute=attribute(source, "e-mail"), at=timezone.now()
        )
    for wrong in ({"type": "INT"}, {"is_multi_valued": True}):
        with pytest.raises(BadSchema):
            edit(ada, source, "e-mail", AttributeDraft("e-mail", is_account_id=True, **wrong))


def test_one_attribute_may_be_both(ada: Identity) -> None:
    source = make_source()
    edit(ada, source, "id", AttributeDraft("id", is_account_id=True, is_account_name=True))
    run = bring(source, rows("SA-1,,,"))
    assert run.new == 1


def test_while_accounts_exist_the_badges_stay_and_the_refusal_says_the_way_out(
    ada: Identity,
) -> None:
    source = make_source()
    bring(source, rows("SA-1,a,,"))
    source.refresh_from_db()
    refused: list[Callable[[], object]] = [
        lambda: edit(ada, source, "e-mail", AttributeDraft("e-mail", is_account_id=True)),
        lambda: add(ada, source, "new", is_account_name=True),
        lambda: edit(ada, source, "id", AttributeDraft("number", is_account_id=True)),
        lambda: edit(ada, source, "purpose", AttributeDraft("purpose", type="INT")),
        lambda: schema.upload(by=ada, source=source, content=b"id,name,e-mail", at=timezone.now()),
        lambda: schema.upload(
            by=ada,
            source=source,
            content=json.dumps(
                json.loads(schema.as_json(source)) | {"identityAttribute": "e-mail"}
            ).encode(),
            at=timezone.now(),
        ),
    ]
    for call in refused:
        with pytest.raises(SchemaInUse, match="Remove all accounts"):
            call()
    edit(ada, source, "purpose", AttributeDraft("purpose", "Why it is there", is_entitlement=True))
    add(ada, source, "groups")
    schema.upload(
        by=ada, source=source, content=b"groups,id,name,e-mail,purpose,more", at=timezone.now()
    )
    assert names(source) == ["groups", "id", "name", "e-mail", "purpose", "more"]
    assert attribute(source, "purpose").description == "Why it is there"


def test_a_header_makes_a_schema(ada: Identity) -> None:
    source = make_source(header="\ufeffkey;x,title,note")
    assert names(source) == ["key;x", "title", "note"]
    assert attribute(source, "key;x").is_account_id
    assert attribute(source, "title").is_account_name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"a,a",
        b"a,,b",
        b"\xff\xfea\x00",
        b"{",
        b"{}",
        b'{"attributes": 1}',
        b'{"attributes": [{"name": "a"}]}',
        b'[{"name": "a", "type": "BLOB"}]',
        b"[" * 100_000,
        b'a,"b',
        b"x" * 2_000_000,
        ",".join(f"c{n}" for n in range(1001)).encode(),
    ],
    ids=lambda content: str(content[:20]),
)
def test_a_file_that_is_no_schema_changes_nothing(ada: Identity, content: bytes) -> None:
    source = make_source()
    with pytest.raises(BadSchema):
        schema.upload(by=ada, source=source, content=content, at=timezone.now())
    assert names(source) == ["id", "name", "e-mail", "purpose"]


def test_a_changed_schema_voids_the_plans_made_before(ada: Identity) -> None:
    source = make_source()
    before = source.generation
    add(ada, source, "groups")
    source.refresh_from_db()
    assert source.generation == before + 1


def test_who_may_not_does_not(vera: Identity) -> None:
    source = make_source()
    with pytest.raises(NotAllowed):
        add(vera, source, "groups")
