"""What one environment exports, another has after the import; nothing that is only there goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.bundles.plan import BundlePlan, Fate
from accounts.models import Event, Identity, IdentityProfile, Source, Transform
from accounts.sources import secrets
from tests.bundles.tenants import (
    PASSWORD_OF_THE_DIRECTORY,
    empty,
    exported,
    fill,
    imported,
    make_directory,
    planned,
)
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows

pytestmark = pytest.mark.django_db


def counts(plan: BundlePlan) -> dict[str, int]:
    return {fate.value: plan.count(fate) for fate in Fate if plan.count(fate)}


def without_secrets(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    for source in document["sources"]:
        source["secrets"] = []
    return document


def test_what_is_exported_is_the_same_after_it_is_imported_elsewhere() -> None:
    fill()
    text = exported()
    empty()
    done = imported(text)
    assert counts(done) == {"created": 8}
    assert json.loads(exported()) == without_secrets(text)
    assert counts(imported(text)) == {"unchanged": 8}


def test_the_same_configuration_always_gives_the_same_text() -> None:
    fill()
    assert exported() == exported()
    document = json.loads(exported())
    assert list(document)[:2] == ["format", "version"]
    assert [row["name"] for row in document["transforms"]] == ["Loud badge", "Shout"]


def test_secrets_are_named_and_never_told() -> None:
    fill()
    text = exported()
    assert PASSWORD_OF_THE_DIRECTORY not in text
    assert [row["secrets"] for row in json.loads(text)["sources"]] == [["password"], []]
    empty()
    done = imported(text)
    told = {line.name: line.notes for line in done.lines if line.notes}
    assert told == {"Directory": ("To be set here: Password.",)}
    assert secrets.names(Source.objects.get(name="Directory")) == {}


def test_a_password_is_not_sent_elsewhere_by_a_bundle() -> None:
    make_directory(host="ldap.example.com")
    document = json.loads(exported())
    document["sources"][0]["config"]["host"] = "elsewhere.example.org"
    done = imported(json.dumps(document))
    (line,) = done.of(Fate.CHANGED)
    assert line.notes == ("To be set here: Password.",)
    assert secrets.names(Source.objects.get()) == {}


def test_a_password_stays_where_nothing_changes_about_where_it_goes() -> None:
    make_directory(host="ldap.example.com")
    document = json.loads(exported())
    document["sources"][0]["description"] = "The directory"
    imported(json.dumps(document))
    assert list(secrets.names(Source.objects.get())) == ["password"]


def test_a_plan_changes_nothing_and_tells_every_field() -> None:
    fill()
    text = exported()
    document = json.loads(text)
    source = next(row for row in document["sources"] if row["name"] == "Payroll")
    source["delete_threshold_percent"] = 40
    source["schema"][3]["type"] = "INT"
    profile = document["identity_profiles"][0]
    profile["lifecycle_states"][0]["description"] = "Out for a while"
    before = Event.objects.count()
    plan = planned(json.dumps(document))
    told = {(line.name, c.field): (c.before, c.after) for line in plan.lines for c in line.changes}
    assert told == {
        ("Payroll", "Delete threshold in percent"): ("25", "40"),
        ("Payroll", "Account schema › purpose › Type"): ("STRING", "INT"),
        ("Workers", "Life-cycle states › leave › Description"): ("Back soon", "Out for a while"),
    }
    assert exported() == text
    assert Event.objects.count() == before + 1  # that of the export


def test_what_is_only_here_stays() -> None:
    fill()
    text = exported()
    make_source("Extra")
    document = json.loads(text)
    document["sources"][1]["schema"].pop()
    document["identity_profiles"][0]["mappings"].pop()
    document["identity_profiles"][0]["lifecycle_states"].pop()
    document["transforms"] = []
    plan = imported(json.dumps(document))
    assert counts(plan) == {"unchanged": 6, "only_here": 3}
    assert Transform.objects.filter(built_in=False).count() == 2


def test_each_change_and_the_bundle_itself_are_in_the_log() -> None:
    fill()
    text = exported()
    empty()
    last = Event.objects.latest("pk").pk
    done = imported(text)
    actions = list(
        Event.objects.filter(pk__gt=last).order_by("pk").values_list("action", flat=True)
    )
    assert actions[-1] == "configuration.imported"
    assert {"source.created", "transform.created", "identity_profile.mapped"} <= set(actions)
    assert Event.objects.latest("pk").detail == {"plan": done.digest, "created": 8, "changed": 0}
    last = Event.objects.latest("pk").pk
    imported(text)
    assert not Event.objects.filter(pk__gt=last).exists()


def test_owners_travel_by_user_name_and_who_is_missing_is_told() -> None:
    owner = make_person("olga")
    fill(owner)
    text = exported()
    empty()
    imported(text)
    assert IdentityProfile.objects.get().owner == owner

    stays = make_person("sam")
    IdentityProfile.objects.update(owner=stays)
    missing = text.replace('"olga"', '"nobody-here"')
    plan = imported(missing)
    assert IdentityProfile.objects.get().owner == stays
    assert counts(plan) == {"unchanged": 8}
    (note,) = next(line.notes for line in plan.lines if line.name == "Workers")
    assert note == "“nobody-here” cannot own it here: Sam stays its owner."


def test_who_was_disabled_here_is_given_nothing() -> None:
    owner = make_person("olga")
    fill(owner)
    text = exported()
    empty()
    Identity.objects.filter(pk=owner.pk).update(disabled_at=owner.created_at, disabled_by="x")
    imported(text)
    assert IdentityProfile.objects.get().owner is None


def test_a_schema_with_accounts_is_added_to() -> None:
    source = make_source("Payroll")
    document = json.loads(exported())
    bring(source, rows("1,one,one@example.com,x"))
    added = document["sources"][0]["schema"][3] | {"name": "team"}
    document["sources"][0]["schema"].append(added)
    imported(json.dumps(document))
    assert [row.name for row in source.attributes.order_by("position")][-1] == "team"
    document["sources"][0]["schema"][4]["type"] = "INT"
    plan = planned(json.dumps(document))
    assert plan.has_problems
    assert "can only be added to" in plan.of(Fate.PROBLEM)[0].problem
