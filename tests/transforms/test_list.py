"""The list of transforms: what is in it, who uses what, and who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import Identity, Transform
from accounts.profiles import library
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.transforms.export import parse_export
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile, map_all

ClientOf = Callable[[Identity], Client]


def make(name: str, definition: Mapping[str, object] | None = None) -> Transform:
    body = definition or {"type": "upper"}
    return library.create(by=SYSTEM, name=name, definition=body, at=timezone.now())


def reference(name: str) -> dict[str, object]:
    return {"type": "reference", "attributes": {"id": name}}


def test_a_new_tenant_has_the_built_in_ones_marked(client_of: ClientOf, ada: Identity) -> None:
    text = client_of(ada).get("/transforms/").content.decode()
    for part in ("To Lower", "Built in", "Not used", "New Transform", "7 in all"):
        assert part in text


def test_who_uses_a_transform_is_counted(client_of: ClientOf, ada: Identity) -> None:
    shout = make("Shout")
    make("Louder", reference("Shout"))
    profile = make_profile(make_source())
    map_all(profile, [MappingDraft("uid", source_attribute="name", transform=shout)])
    browser = client_of(ada)
    rows = browser.get("/transforms/?q=shout").context["rows"]
    assert [row["used"] for row in rows] == ["1 mapping, 1 transform"]

    text = browser.get(f"/transforms/{shout.pk}/").content.decode()
    assert "uid of the identity profile" in text
    assert f"/{profile.pk}/mappings/" in text
    assert "Louder" in text


def test_search_and_the_filter_of_types(client_of: ClientOf, ada: Identity) -> None:
    make("Shout")
    browser = client_of(ada)

    def names(query: str) -> list[str]:
        rows = browser.get(f"/transforms/?{query}").context["rows"]
        return [row["transform"].name for row in rows]

    assert names("q=SHO") == ["Shout"]
    assert names("type=upper") == ["Shout", "To Upper"]
    assert names("type=nonsense&q=%00shout") == ["Shout"]
    assert "No transform matches" in browser.get("/transforms/?q=zzz").content.decode()


def test_many_rows_cost_as_much_as_few(client_of: ClientOf, ada: Identity) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            make(f"{number} {index}", reference("To Lower"))
        with CaptureQueriesContext(connection) as captured:
            browser.get("/transforms/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_all_types_are_there_with_an_example(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    shown = browser.get("/transforms/types/").context["types"]
    assert len({d.type for d in shown}) == 36
    text = browser.get("/transforms/types/?q=regular").content.decode()
    assert "Start from Replace" in text
    assert "Start from Lower" not in text


def test_the_export_is_what_import_reads(client_of: ClientOf, vera: Identity) -> None:
    make("Shout", {"type": "static", "attributes": {"value": "ß"}})
    answer = client_of(vera).get("/transforms/export/")
    assert 'filename="transforms.json"' in answer["Content-Disposition"]
    assert {row["name"] for row in json.loads(answer.content)} >= {"Shout", "To Lower"}
    assert len(parse_export(answer.content).definitions) == 8


def test_an_auditor_reads_and_has_no_button(client_of: ClientOf, vera: Identity) -> None:
    made, browser = make("Shout"), client_of(vera)
    for path in ("/transforms/", f"/transforms/{made.pk}/", "/transforms/types/"):
        text = browser.get(path).content.decode()
        for absent in ("New Transform", "transforms/import", "/edit/", "/delete/", "Start from"):
            assert absent not in text
    for path in ("new/", "import/", f"{made.pk}/edit/", f"{made.pk}/delete/"):
        assert browser.get(f"/transforms/{path}").status_code == 403
    assert browser.post("/transforms/try/", {}).status_code == 403


PAGES = ["", "new/", "types/", "import/", "export/", "{0}/", "{0}/edit/", "{0}/delete/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_basic_user_is_refused_and_it_is_recorded(
    client_of: ClientOf, mallory: Identity, path: str
) -> None:
    answer = client_of(mallory).get("/transforms/" + path.format(make("Shout").pk))
    assert answer.status_code == 403
    assert Event.objects.filter(action="console.refused", actor_label="mallory").exists()


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_asked_to(client: Client, db: None, path: str) -> None:
    answer = client.get("/transforms/" + path.format(make("Shout").pk))
    assert answer["Location"].startswith("/sign-in/?next=/transforms/")


def test_what_is_only_read_and_what_does_not_exist(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    for path in ("", "types/", "export/"):
        assert browser.post(f"/transforms/{path}").status_code == 405
    assert browser.get("/transforms/try/").status_code == 405
    nowhere = "00000000-0000-4000-8000-000000000000"
    for path in ("", "edit/", "delete/"):
        assert browser.get(f"/transforms/{nowhere}/{path}").status_code == 404
    assert browser.get(f"/transforms/new/?copy={nowhere}").status_code == 404
