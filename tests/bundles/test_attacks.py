"""Bundles that should not be taken: too large, too deep, with secrets, by the wrong people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.bundles import actions
from accounts.bundles.actions import HasProblems, PlanChanged
from accounts.bundles.format import MAX_BYTES, parse
from accounts.bundles.members import BadBundle
from accounts.bundles.plan import Fate
from accounts.models import Event, Identity, IdentityProfile, Source, Transform
from accounts.profiles import library
from tests.bundles.tenants import empty, exported, fill, imported, planned, static
from tests.factories import make_person
from tests.factories.imports import make_source

pytestmark = pytest.mark.django_db

PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
JWK = {"kty": "EC", "crv": "P-256", "x": "abc", "d": "c2VjcmV0c2VjcmV0"}


def bundle(**members: Any) -> str:
    return json.dumps({"format": "steward.configuration", "version": 1} | members)


def transform(**members: Any) -> dict[str, Any]:
    return {
        "name": "Shout",
        "type": "upper",
        "requiresPeriodicRefresh": False,
        "attributes": {},
    } | members


def value(inner: Any) -> str:
    """A bundle with a value where anything may stand."""
    attributes = {"value": inner}
    return bundle(transforms=[transform(type="static", attributes=attributes)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[]", "no configuration"),
        ("{}", "no configuration"),
        ("null", "no configuration"),
        (b"\xff\xfe", "UTF-8"),
        (bundle(format="other"), "no configuration"),
        (bundle(version=2), "$.version: Version 1"),
        (bundle(version="1"), "$.version: Version 1"),
        (bundle(version=True), "$.version: Version 1"),
        (bundle(service_accounts=[]), "There is no member “service_accounts”"),
        (bundle(levels={}), "There is no member “levels”"),
        (bundle(transforms={}), "$.transforms: Write a list"),
        (bundle(transforms=[1]), "$.transforms[0]: Write it in braces"),
        (bundle(transforms=[transform(id="1")]), "There is no member “id”"),
        (bundle(transforms=[{"name": "x"}]), "The member “type” is missing"),
        (bundle(transforms=[transform(name=1)]), "$.transforms[0].name: Write a text"),
        (bundle(transforms=[transform(attributes=[])]), "Write it in braces"),
        (bundle(transforms=[transform(), transform()]), "$.transforms[1]: “Shout” stands twice"),
        ('{"format": 1, "format": 2}', "stands twice"),
        ("[" * 100_000, "nested too deeply"),
        (value(json.loads("[" * 200 + "]" * 200)), "Nest less deeply"),
        (value("a\0b"), "U+0000"),
        (value("\ud800"), "half a pair"),
        (value(2**70), "too large"),
        (value(0).replace(": 0}", ": 1e999}"), "too large"),
        (value(0).replace(": 0}", ": NaN}"), "a number that is none"),
        (" " * (MAX_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_bundle_is_refused_with_its_place(text: str | bytes, said: str) -> None:
    with pytest.raises(BadBundle) as refused:
        parse(text)
    assert said in refused.value.message
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    "secret",
    [
        "steward_pat_abcdefghij",
        "see steward_pat_x",
        "stw_key_abc.def",
        "stw_pat_half",
        PRIVATE_KEY,
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
        json.dumps(JWK),
        JWK,
        {"password": "hunter2"},
        {"a": [{"client_secret": "hunter2"}]},
        {"Private_Key": "MIIE"},
        {"steward_pat_as_a_name": 1},
        {"sealed": "AAAA"},
    ],
    ids=str,
)
def test_a_bundle_with_a_secret_is_refused_without_repeating_it(secret: Any) -> None:
    with pytest.raises(BadBundle, match="Secrets never travel") as refused:
        parse(value(secret))
    assert refused.value.message.startswith("$.transforms[0] (“Shout”).attributes.value")
    for part in ("hunter2", "abcdefghij", "MIIE", "c2VjcmV0", "as_a_name", "c2ln"):
        assert part not in refused.value.message


def test_a_secret_in_a_name_is_not_repeated_either() -> None:
    with pytest.raises(BadBundle) as refused:
        parse(bundle(transforms=[transform(name="steward_pat_abcdefghij stw_key_a.bcdefgh")]))
    assert "abcdefghij" not in refused.value.message
    assert "bcdefgh" not in refused.value.message
    assert "steward_pat_" not in refused.value.message


def test_what_a_lookup_finds_may_be_called_as_it_is() -> None:
    table = {"secret": "Confidential", "d": "Germany", "default": "none"}
    text = bundle(transforms=[transform(type="lookup", attributes={"table": table})])
    assert not imported(text).has_problems


def test_a_secret_that_stands_here_is_not_exported() -> None:
    definition = {"type": "static", "attributes": {"value": PRIVATE_KEY}}
    library.create(by=SYSTEM, name="Key", definition=definition, at=timezone.now())
    with pytest.raises(BadBundle, match=r"\$\.transforms\[0\] \(“Key”\)\.attributes\.value"):
        exported()
    assert not Event.objects.filter(action="configuration.exported").exists()


@pytest.mark.parametrize("level", ["auditor", "helpdesk", "source_admin"])
def test_only_who_may_change_all_of_it_moves_it(level: str) -> None:
    fill()
    text = exported()
    person = make_person("mallory", levels=[level])
    for act in (planned, imported):
        with pytest.raises(NotAllowed):
            act(text, by=person)
    with pytest.raises(NotAllowed):
        actions.export(by=person, at=timezone.now())


def test_a_problem_is_told_with_its_mend_and_nothing_is_imported(ada: Identity) -> None:
    fill()
    document = json.loads(exported())
    empty()
    document["sources"] = [row for row in document["sources"] if row["name"] != "Directory"]
    document["transforms"][1]["attributes"] = {"inputs": 1}
    before = Event.objects.count()
    plan = planned(json.dumps(document), by=ada)
    told = {line.name: line.problem for line in plan.of(Fate.PROBLEM)}
    assert told.keys() == {"Shout", "Loud badge", "Workers"}
    assert "Add these sources first: Directory." in told["Workers"]
    with pytest.raises(HasProblems) as refused:
        imported(json.dumps(document), by=ada)
    assert refused.value.plan.digest == plan.digest
    assert not Source.objects.exists()
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("sources", {"connector": "nothing"}),
        ("sources", {"config": {"unknown": "x"}}),
        ("sources", {"schema": []}),
        ("sources", {"secrets": ["password"]}),
        ("sources", {"delete_threshold_percent": 0}),
        ("sources", {"name": "  Payroll  "}),
        ("sources", {"name": "A\u200bB"}),
        ("sources", {"description": "x" * 1001}),
        ("identity_profiles", {"kind": "robots"}),
        ("identity_profiles", {"priority": 2**31 - 1}),
        ("identity_profiles", {"invite_policy": "always"}),
        ("identity_profiles", {"invite_state": "nowhere"}),
        ("identity_profiles", {"source": "Nowhere"}),
        ("mail_templates", {"name": "unheard-of"}),
        ("mail_templates", {"body": "{{ secret_of_all }}"}),
        ("identity_attributes", {"name": "1st"}),
        ("identity_attributes", {"name": "EMAIL"}),
        ("transforms", {"type": "python"}),
    ],
)
def test_what_the_console_would_refuse_is_a_problem(key: str, change: dict[str, Any]) -> None:
    fill()
    document = json.loads(exported())
    empty()
    document[key][-1] |= change
    try:
        text = json.dumps(document)
        plan = planned(text)
    except BadBundle:
        return  # refused even before: by the form of the bundle
    assert plan.has_problems
    with pytest.raises(HasProblems):
        imported(text)


def test_a_source_of_another_kind_is_not_overwritten() -> None:
    make_source("Payroll")
    document = json.loads(exported())
    document["sources"][0] |= {"connector": "ldap"}
    (problem,) = planned(json.dumps(document)).of(Fate.PROBLEM)
    assert "has another connector" in problem.problem


def test_a_built_in_transform_is_not_overwritten() -> None:
    name = Transform.objects.filter(built_in=True).earliest("name").name
    (problem,) = planned(bundle(transforms=[transform(name=name)])).of(Fate.PROBLEM)
    assert "built-in" in problem.problem


def change_a_transform(text: str) -> str:
    row = Transform.objects.get(name="Shout")
    library.edit(
        by=SYSTEM,
        transform=row,
        definition=static("upper") | {"requiresPeriodicRefresh": True},
        revision=row.revision,
        at=timezone.now(),
    )
    return text


def change_something_else(text: str) -> str:
    make_source("Another")
    return text


def change_the_bundle(text: str) -> str:
    return text.replace("Who works here", "Who worked here")


@pytest.mark.parametrize(
    "meanwhile", [change_a_transform, change_something_else, change_the_bundle]
)
def test_what_was_not_seen_is_not_imported(meanwhile: Callable[[str], str]) -> None:
    fill()
    text = exported().replace("Badge number", "Number of the badge")
    seen = planned(text)
    text = meanwhile(text)
    profile = IdentityProfile.objects.get()
    with pytest.raises(PlanChanged) as changed:
        imported(text, digest=seen.digest)
    assert changed.value.plan.digest == planned(text).digest
    assert '"label": "Badge number"' in exported()
    assert IdentityProfile.objects.get().revision == profile.revision
    assert imported(text, digest=changed.value.plan.digest).differences


@pytest.mark.parametrize("name", ["api_token", "sailpointSecret", "Client-Secret", "tokenValue"])
def test_a_secret_in_the_vendors_form_is_refused_under_a_name_that_says_so(name: str) -> None:
    """64 hexadecimal digits and no prefix: by itself it looks like any checksum."""
    bare = "0123456789abcdef" * 4
    with pytest.raises(BadBundle, match=re.escape(f".{name}: Here stands a key")):
        parse(value({name: bare}))
    with pytest.raises(BadBundle, match="Here stands a key"):
        parse(value({name: f"Bearer {bare.upper()}"}))
    assert parse(value({"sha256": bare, name: "none"}))
