"""Sources: made, changed, deleted, and what they keep to themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.imports import actions as imports
from accounts.imports.actions import NotTaken
from accounts.lib.errors import DomainError
from accounts.models import Identity, Source, SourceAccount, SourceSecret
from accounts.sealing import SealBroken
from accounts.sources import actions, policies, queries, secrets
from accounts.sources.actions import (
    BadThreshold,
    Details,
    EditConflict,
    SourceGone,
    SourceInUse,
)
from accounts.sources.connectors import connectors
from accounts.sources.connectors.base import (
    AttributeDraft,
    BadConfig,
    ConfigField,
    Connector,
    Intake,
    Reading,
    SecretField,
    Text,
)
from accounts.sources.policies import BadOwner
from tests.factories import make_account
from tests.factories.imports import accounts_of, bring, make_source, rows, work

pytestmark = pytest.mark.django_db


def create(by: Identity, **details: Any) -> Source:
    details = {"name": "Service Accounts"} | details
    return actions.create(
        by=by, connector="delimited_file", details=Details(**details), at=timezone.now()
    )


def edit(by: Identity, source: Source, **details: Any) -> Source:
    return actions.edit(
        by=by,
        source=source,
        details=Details(**{"name": source.name} | details),
        revision=source.revision,
        at=timezone.now(),
    )


def test_a_new_source_says_that_it_needs_accounts(ada: Identity, otto: Identity) -> None:
    source = create(ada, owner=otto, description="From HR")
    assert (source.delete_threshold_percent, source.deletion_disabled) == (10, False)
    assert str(source.status.label) == "Source config is incomplete. Please add accounts."
    assert source.kind.label == "Delimited File"
    assert source.config["merge_rows"] is True
    names = [a.name for a in source.attributes.order_by("position")]
    assert names[:3] == ["id", "name", "givenName"]
    event = Event.objects.get(action="source.created")
    assert event.detail["after"]["owner"] == "otto"


@pytest.mark.parametrize("name", ["Service Accounts", "service accounts", "Ѕervice Accounts"])
def test_a_name_that_looks_like_another_is_refused(ada: Identity, name: str) -> None:
    create(ada)
    with pytest.raises(DomainError) as refused:
        create(ada, name=name)
    assert refused.value.field == "name"


def test_a_deleted_source_frees_its_name_and_keeps_its_history(ada: Identity) -> None:
    source = make_source()
    run = bring(source, rows("SA-1,a,,"))
    actions.delete(by=ada, source=source, at=timezone.now())
    actions.delete(by=ada, source=source, at=timezone.now())
    assert not SourceAccount.objects.exists()
    assert not Source.objects.existing().exists()
    run.refresh_from_db()
    assert run.source.name == "Service Accounts"
    create(ada)
    with pytest.raises(SourceGone):
        edit(ada, source, description="x")
    assert Event.objects.get(action="source.deleted").detail == {"accounts": 1}


def test_a_source_that_somebody_needs_is_not_deleted(
    ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = create(ada)
    monkeypatch.setitem(policies.uses._parts, "test", lambda source: "profile People")
    with pytest.raises(SourceInUse, match="profile People"):
        actions.delete(by=ada, source=source, at=timezone.now())


def test_two_people_do_not_overwrite_each_other(ada: Identity) -> None:
    source = create(ada)
    edit(ada, source, description="first")
    with pytest.raises(EditConflict) as refused:
        edit(ada, source, description="second")
    assert refused.value.source.description == "first"


def test_an_edit_says_what_changed_and_a_new_dialect_voids_plans(ada: Identity) -> None:
    source = create(ada)
    after = edit(ada, source, config={"delimiter": ";"}, delete_threshold_percent=20)
    assert after.generation == source.generation + 1
    event = Event.objects.get(action="source.edited")
    assert event.detail["before"]["delete_threshold_percent"] == 10
    assert event.detail["after"]["config"]["delimiter"] == ";"
    same = edit(ada, after, config=after.config, delete_threshold_percent=20)
    assert same.revision == after.revision


@pytest.mark.parametrize("percent", [0, 101, -1])
def test_the_threshold_is_a_percentage(ada: Identity, percent: int) -> None:
    with pytest.raises(BadThreshold):
        create(ada, delete_threshold_percent=percent)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"delimiter": "ab"}, "delimiter"),
        ({"delimiter": "\n"}, "delimiter"),
        ({"delimiter": "x"}, "delimiter"),
        ({"delimiter": '"'}, "delimiter"),
        ({"quote": "'"}, "quote"),
        ({"quote": "''"}, "quote"),
        ({"comment": "1"}, "comment"),
        ({"comment": ",", "delimiter": ","}, "delimiter"),
        ({"merge_rows": "yes"}, "merge_rows"),
        ({"delimiter": None}, "delimiter"),
        ({"is_admin": True}, "is_admin"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    ada: Identity, config: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadConfig) as refused:
        create(ada, config=config)
    assert refused.value.field == field


def test_an_owner_is_a_person_who_can_sign_in(ada: Identity, otto: Identity) -> None:
    robot = make_account("robot").account.identity
    with pytest.raises(BadOwner):
        create(ada, owner=robot)
    source = create(ada, owner=otto)
    identities.set_disabled(by=SYSTEM, identity=otto, at=timezone.now())
    otto.refresh_from_db()
    edit(ada, source, owner=otto, description="stays")
    with pytest.raises(BadOwner):
        create(ada, name="Another", owner=otto)


@pytest.mark.parametrize("who", ["vera", "mallory", "otto"])
def test_only_who_manages_sources_changes_them(
    who: str, ada: Identity, request: pytest.FixtureRequest
) -> None:
    source, person = create(ada), request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        create(person, name="Mine")
    with pytest.raises(NotAllowed):
        edit(person, source, description="x")
    with pytest.raises(NotAllowed):
        actions.delete(by=person, source=source, at=timezone.now())
    with pytest.raises(NotAllowed):
        imports.upload(by=person, source=source, file_name="x", chunks=[b"id\n"], at=timezone.now())
    assert queries.for_list(person).exists() is (who == "vera")


class Rows:
    header: Sequence[str] = ["id", "name"]
    ignored: Sequence[str] = ()
    total: int | None = 2
    position = 2

    def __init__(self, password: str) -> None:
        self.password = password

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        yield 1, ["1", self.password]

    def as_read(self, cells: list[str]) -> list[str]:
        return cells


class Remote(Connector):
    """A connector is one file and one line of registration: this is one."""

    label: ClassVar[Text] = "Remote"
    connection_type: ClassVar[Text] = "Direct"
    takes_files: ClassVar[bool] = False
    fields: ClassVar[Sequence[ConfigField]] = (ConfigField("host", "Host", required=True),)
    secrets: ClassVar[Sequence[SecretField]] = (SecretField("password", "Password"),)
    first_attributes: ClassVar[Sequence[AttributeDraft]] = (
        AttributeDraft("id", is_account_id=True),
        AttributeDraft("name", is_account_name=True),
    )

    def open(self, intake: Intake) -> AbstractContextManager[Reading]:
        return Rows(intake.secret("password"))

    def check(self, config: Mapping[str, Any]) -> None:
        if config["host"] == "bad":
            raise BadConfig("No.", field="host")


@pytest.fixture
def remote(ada: Identity, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setitem(connectors._parts, "remote", Remote())
    return actions.create(
        by=ada,
        connector="remote",
        details=Details(name="Directory", config={"host": "h"}, secrets={"password": "hunter2"}),
        at=timezone.now(),
    )


def test_a_secret_is_sealed_used_and_never_told(ada: Identity, remote: Source) -> None:
    assert b"hunter2" not in bytes(SourceSecret.objects.get().blob)
    assert list(secrets.names(remote)) == ["password"]
    assert "hunter2" not in str(list(Event.objects.values()))
    assert "hunter2" not in repr(Details(name="x", secrets={"password": "hunter2"}))
    same = edit(ada, remote, config={"host": "h"}, secrets={"password": ""})
    assert same.revision == remote.revision
    edit(ada, remote, config={"host": "h"}, secrets={"password": "better"})
    assert secrets.plain(remote, "password") == "better"
    assert Event.objects.get(action="source.edited").detail["secrets_set"] == ["password"]
    with pytest.raises(DomainError):
        edit(ada, same, secrets={"token": "x"}, config={"host": "h"})


def test_a_secret_moved_to_another_source_does_not_open(ada: Identity, remote: Source) -> None:
    other = actions.create(
        by=ada,
        connector="remote",
        details=Details(name="Other", config={"host": "h"}),
        at=timezone.now(),
    )
    SourceSecret.objects.update(source=other)
    with pytest.raises(SealBroken):
        secrets.plain(other, "password")


def test_a_source_that_reads_by_itself_is_planned_and_applied_in_one_go(
    ada: Identity, remote: Source
) -> None:
    with pytest.raises(NotTaken):
        imports.upload(by=ada, source=remote, file_name="x", chunks=[b"id\n"], at=timezone.now())
    run = imports.refresh(by=ada, source=remote, at=timezone.now())
    work(run)
    assert run.state == "applying"
    work(run)
    assert run.state == "applied"
    assert accounts_of(remote) == {"1": {"id": "1", "name": "hunter2"}}
    with pytest.raises(NotTaken):
        imports.refresh(by=ada, source=make_source(), at=timezone.now())
