"""Configuration is moved by our own API: exported, planned and imported as on the page Move."""

from __future__ import annotations

import json

import pytest

from accounts.models import Event, Identity, Source, Transform
from tests.bundles import tenants
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields

pytestmark = pytest.mark.django_db

BUNDLE = "/bundles"


def exported(caller: Caller) -> bytes:
    answer = caller.get(f"{BUNDLE}/export")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "configuration-" in answer.headers["Content-Disposition"]
    return answer.content


def test_what_one_tenant_exports_another_imports_as_planned(admin: Caller) -> None:
    tenants.fill()
    bundle = exported(admin)
    assert tenants.PASSWORD_OF_THE_DIRECTORY.encode() not in bundle
    same = admin.upload(f"{BUNDLE}/plan", bundle).json()
    assert (same["differences"], same["has_problems"]) == (0, False)
    changed = json.loads(bundle)
    changed["transforms"].append(changed["transforms"][0] | {"name": "Quiet"})
    content = json.dumps(changed).encode()
    plan = admin.upload(f"{BUNDLE}/plan", content)
    assert plan.status_code == 200, plan.content
    assert not Transform.objects.filter(name="Quiet").exists()
    (new,) = [line for line in plan.json()["lines"] if line["fate"] == "created"]
    assert (new["part"], new["name"]) == ("transforms", "Quiet")
    done = admin.upload(f"{BUNDLE}/import?digest={plan.json()['digest']}", content)
    assert done.status_code == 200, done.content
    assert done.json()["differences"] == 1
    assert Transform.objects.filter(name="Quiet").exists()
    assert Event.objects.get(action="configuration.imported").credential_id is not None
    assert admin.upload(f"{BUNDLE}/import", content).json()["differences"] == 0


def test_another_plan_than_was_seen_changes_nothing(admin: Caller) -> None:
    world.transform()
    bundle = exported(admin)
    Transform.objects.all().delete()
    refused = admin.upload(f"{BUNDLE}/import?digest=another", bundle)
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_changed")
    assert not Transform.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"nothing", b"[]", b'{"format": "steward.configuration", "version": 7}']
)
def test_what_is_no_bundle_is_said(admin: Caller, content: bytes) -> None:
    for act in ("plan", "import"):
        assert fields(admin.upload(f"{BUNDLE}/{act}", content)) == {"file"}


def test_a_secret_in_it_is_refused_and_not_repeated(admin: Caller) -> None:
    secret = "stw_pat_" + "x" * 40
    sent = {"format": "steward.configuration", "version": 1, "sources": [{"name": secret}]}
    refused = admin.upload(f"{BUNDLE}/import", json.dumps(sent).encode())
    assert refused.status_code == 422
    assert secret.encode() not in refused.content


def test_who_does_not_administer_the_tenant_moves_nothing(otto: Identity, vera: Identity) -> None:
    before = Source.objects.count()
    for person in (otto, vera):
        caller = Caller(person)
        assert caller.get(f"{BUNDLE}/export").status_code == 403
        for act in ("plan", "import"):
            assert caller.upload(f"{BUNDLE}/{act}", b"{}").status_code == 403
    assert Source.objects.count() == before
    assert not Event.objects.filter(action="configuration.exported").exists()
