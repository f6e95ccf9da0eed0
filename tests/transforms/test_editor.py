"""The editor: what is saved, what is refused with its place, and who was quicker."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity, Transform
from accounts.profiles import library
from tests.transforms.test_list import ClientOf, make, reference

Post = Callable[..., str]


def text_of(**body: Any) -> str:
    return json.dumps({"name": "Shout", "type": "upper", "attributes": {}} | body)


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def new(browser: Client, definition: str, **more: str) -> str:
    fields = {"definition": definition, "action": "save"} | more
    return browser.post("/transforms/new/", fields, follow=True).content.decode()


def test_from_the_sample_of_a_type_to_a_saved_transform(browser: Client) -> None:
    page = browser.get("/transforms/new/?type=substring")
    text = page.content.decode()
    for part in ("beginOffset", "&quot;type&quot;: &quot;substring&quot;", "Tester"):
        assert part in text

    definition = page.context["form"].initial["definition"].replace('""', '"First part"', 1)
    assert "The transform First part is added." in new(browser, definition)
    made = Transform.objects.get(name="First part")
    assert made.definition["attributes"]["begin"] == 0
    assert Event.objects.filter(action="transform.created", actor_label="ada").exists()


@pytest.mark.parametrize("kind", ["rule:getEndOfString", "usernameGenerator", "nonsense", ""])
def test_every_beginning_is_json_that_can_be_tried(browser: Client, kind: str) -> None:
    page = browser.get("/transforms/new/", {"type": kind})
    assert "trial" in page.context["result"]


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("", "Write a transform in braces, with a type."),
        ("{", "This is no JSON: line 1, column 2"),
        ("[]", "Write one transform in braces."),
        (text_of(name=""), "$.name: Type a name."),
        (text_of(name=7), "$.name: Type a name."),
        (text_of(name="To Lower"), "$.name: There already is a transform named"),
        (text_of(type="uper"), "$.type: There is no type “uper”"),
        (text_of(attributes={"inputs": "x"}), "$.attributes.inputs: “upper” has no such attribute"),
        (text_of(attributes=[]), "$.attributes: Write the attributes in braces."),
        (text_of(requiresPeriodicRefresh="often"), "$.requiresPeriodicRefresh: Write true or"),
        (text_of(atributes={}), "$.atributes: Remove it, or move it"),
        ('{"name": "a", "name": "b", "type": "upper"}', "The key “name” stands twice"),
        (
            text_of(type="substring", attributes={"begin": "x"}),
            "$.attributes.begin: Write a whole number",
        ),
        (text_of(type="rule", attributes={"name": "Mine"}), "Rules are programs, and none is run"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_typed_is_lost(
    browser: Client, definition: str, message: str
) -> None:
    answer = browser.post("/transforms/new/", {"definition": definition, "action": "save"})
    assert answer.status_code == 200
    errors = answer.context["form"].errors["definition"]
    assert message in " ".join(errors)
    assert answer.context["form"]["definition"].value() == definition
    assert Transform.objects.filter(built_in=False).count() == 0


def test_the_tester_says_what_else_is_wrong_when_the_name_is(browser: Client) -> None:
    text = text_of(name="", type="substring", attributes={"begin": "x"})
    answer = browser.post("/transforms/new/", {"definition": text, "action": "save"})
    assert [p.path for p in answer.context["result"]["problems"]] == ["$.attributes.begin"]
    assert answer.context["described"].key == "substring"


def test_an_edit_is_saved_and_says_that_profiles_are_to_be_applied(browser: Client) -> None:
    made = make("Shout", {"type": "concat", "attributes": {"values": ["a"]}})
    path = f"/transforms/{made.pk}/edit/"
    text = browser.get(path).context["form"].initial["definition"]
    fields = {"definition": text.replace('"a"', '"b"'), "revision": "1", "action": "save"}
    answer = browser.post(path, fields, follow=True)
    assert "The transform Shout is saved." in answer.content.decode()
    made.refresh_from_db()
    assert (made.definition["attributes"]["values"], made.revision) == (["b"], 2)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (text_of(name="Whisper"), "The name stays “Shout”"),
        (text_of(type="lower"), "The type stays “upper”"),
    ],
)
def test_name_and_type_stay(browser: Client, definition: str, message: str) -> None:
    made = make("Shout")
    fields = {"definition": definition, "revision": "1", "action": "save"}
    answer = browser.post(f"/transforms/{made.pk}/edit/", fields)
    assert message in " ".join(answer.context["form"].errors["definition"])
    made.refresh_from_db()
    assert (made.name, made.type, made.revision) == ("Shout", "upper", 1)


def test_two_who_edit_at_once_are_told(browser: Client) -> None:
    made = make("Shout", {"type": "static", "attributes": {"value": "first"}})
    path = f"/transforms/{made.pk}/edit/"

    def save(value: str, revision: str) -> Any:
        text = text_of(type="static", attributes={"value": value})
        return browser.post(path, {"definition": text, "revision": revision, "action": "save"})

    assert save("second", "1").status_code == 302
    answer = save("third", "1")
    text = answer.content.decode()
    assert "Someone else changed this transform" in text
    assert "second" in text
    assert 'name="revision" value="2"' in text
    made.refresh_from_db()
    assert made.definition["attributes"]["value"] == "second"
    assert save("third", "2").status_code == 302
    assert save("fourth", "").status_code == 200


def test_a_built_in_one_is_copied_instead(browser: Client) -> None:
    built_in = Transform.objects.get(name="To Lower")
    answer = browser.get(f"/transforms/{built_in.pk}/edit/", follow=True)
    assert "Copy of To Lower" in answer.context["form"].initial["definition"]
    posted = browser.post(f"/transforms/{built_in.pk}/delete/")
    assert "A built-in transform cannot be deleted" in posted.content.decode()
    assert Transform.objects.filter(pk=built_in.pk).exists()


def test_what_is_used_is_not_deleted_and_its_users_are_named(browser: Client) -> None:
    made, user = make("Shout"), make("Louder", reference("Shout"))
    path = f"/transforms/{made.pk}/delete/"
    assert "the transform “Louder”" in browser.get(path).content.decode()
    assert "the transform “Louder”" in browser.post(path).content.decode()
    assert Transform.objects.filter(pk=made.pk).exists()

    assert browser.post(f"/transforms/{user.pk}/delete/").status_code == 302
    text = browser.post(path, follow=True).content.decode()
    assert "The transform Shout is deleted." in text
    assert browser.post(path).status_code == 404


def test_one_that_was_deleted_meanwhile_is_not_there(browser: Client, ada: Identity) -> None:
    made = make("Shout")
    library.delete(by=ada, transform=made, at=timezone.now())
    assert browser.get(f"/transforms/{made.pk}/edit/").status_code == 404


def test_circles_are_refused_with_the_way_they_go(browser: Client) -> None:
    text = text_of(name="Self", **reference("Self"))
    answer = browser.post("/transforms/new/", {"definition": text, "action": "save"})
    said = " ".join(answer.context["form"].errors["definition"])
    assert "$.attributes.id: It leads back to itself: Self → Self." in said

    first = make("First", {"type": "static", "attributes": {"value": "a"}})
    make("Second", reference("First"))
    closing = text_of(
        name="First", type="static", attributes={"value": "$x", "x": reference("Second")}
    )
    fields = {"definition": closing, "revision": "1", "action": "save"}
    answer = browser.post(f"/transforms/{first.pk}/edit/", fields)
    assert "First → Second → First" in " ".join(answer.context["form"].errors["definition"])
