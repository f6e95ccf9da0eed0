"""Identity profiles of another tenant: the file, its plan, and the way back out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.audit.models import Event
from accounts.models import Identity, IdentityAttribute, IdentityProfile
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile
from tests.profiles.test_sailpoint_exports import EXPORTED, account_attribute

ClientOf = Callable[[Identity], Client]

PATH = "/identity-profiles/import/"


def exported(**changes: Any) -> dict[str, Any]:
    """The export of the guide's profile, without a transform of its own."""
    plain: dict[str, Any] = json.loads(json.dumps(EXPORTED))
    names = {"uid": "name", "email": "e-mail", "lastname": "name", "badge": "id"}
    plain["identityAttributeConfig"]["attributeTransforms"] = [
        {"identityAttributeName": name, "transformDefinition": account_attribute(source)}
        for name, source in names.items()
    ]
    return plain | changes


def send(browser: Client, content: object) -> Any:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return browser.post(PATH, {"file": SimpleUploadedFile("profile.json", data), "text": ""})


def chosen(answer: Any, **changes: str) -> dict[str, str]:
    """The form of the plan as it stands on the page, sent back."""
    form = answer.context["form"]
    given = {"plan": answer.context["packed"]}
    for name in form.fields:
        value = form[name].value()
        if value is not False and value is not None:
            given[name] = "on" if value is True else str(value)
    return {name: value for name, value in (given | changes).items() if value != "-"}


def test_the_file_becomes_a_plan_and_the_plan_a_profile(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    answer = send(browser, exported())
    text = answer.content.decode()
    assert "Identity attributes that come along: badge." in text
    assert f'<option value="{source.pk}" selected>' in text
    assert "It cannot be imported like this" not in text
    assert not IdentityProfile.objects.exists()
    assert not IdentityAttribute.objects.exists()

    answer = browser.post(PATH, chosen(answer, **{"kind-0": "person"}), follow=True)
    profile = IdentityProfile.objects.get()
    assert (profile.source, profile.kind, profile.priority) == (source, "person", 30)
    assert profile.mappings.count() == 4
    assert "1 identity profile is imported." in answer.content.decode()


def test_pasted_text_is_taken_too(client_of: ClientOf, ada: Identity) -> None:
    make_source()
    answer = client_of(ada).post(PATH, {"text": json.dumps([exported()])})
    assert "Plan of the import" in answer.content.decode()


def test_what_is_missing_is_said_before_with_the_way_to_it(
    client_of: ClientOf, ada: Identity
) -> None:
    answer = send(client_of(ada), EXPORTED)
    text = answer.content.decode()
    assert "Add these sources first: Service Accounts." in text
    assert "Import these transforms first: Shout" in text
    assert 'href="/transforms/import/"' in text
    assert 'href="/sources/new/"' in text
    assert not IdentityProfile.objects.exists()


def test_another_source_and_another_name_can_be_chosen(client_of: ClientOf, ada: Identity) -> None:
    make_profile(make_source())
    other = make_source("Other accounts")
    renamed = json.loads(json.dumps(exported()))
    browser = client_of(ada)
    answer = send(browser, renamed)
    assert "is authoritative already" in answer.content.decode()
    given = {"source-0": str(other.pk)}
    refused = browser.post(PATH, chosen(answer, **given))
    assert "There already is an identity profile named" in refused.content.decode()
    assert IdentityProfile.objects.count() == 1
    browser.post(PATH, chosen(refused, **given, **{"name-0": "Second"}))
    assert IdentityProfile.objects.get(name="Second").source == other


def test_all_or_nothing_of_several(client_of: ClientOf, ada: Identity) -> None:
    make_source()
    second = make_source("Second")
    browser = client_of(ada)
    answer = send(browser, [exported(), exported()])
    given = {"source-1": str(second.pk)}
    refused = browser.post(PATH, chosen(answer, **given))
    assert "There already is an identity profile named" in refused.content.decode()
    assert not IdentityProfile.objects.exists()
    assert not Event.objects.filter(action="identity_profile.created").exists()
    done = browser.post(PATH, chosen(refused, **given, **{"name-1": "Second"}))
    assert done["Location"] == "/identity-profiles/"
    assert IdentityProfile.objects.count() == 2


def test_of_what_is_left_out_nothing_is_asked(client_of: ClientOf, ada: Identity) -> None:
    make_source()
    browser = client_of(ada)
    answer = send(browser, [exported(), exported(name="Left out")])
    browser.post(PATH, chosen(answer, **{"take-1": "-", "source-1": "", "name-1": ""}))
    assert [profile.name for profile in IdentityProfile.objects.all()] == ["Service Accounts"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"take-0": "-"}, "Tick what is to be imported."),
        ({"source-0": ""}, "Choose the source of the accounts."),
        ({"source-0": "nonsense"}, "This source is not free any more."),
        ({"kind-0": "robot"}, "Select a valid choice"),
        ({"name-0": ""}, "Type a name."),
        ({"plan": "forged"}, "This plan is too old."),
    ],
)
def test_a_plan_that_cannot_be_confirmed_says_why(
    client_of: ClientOf, ada: Identity, changes: dict[str, str], message: str
) -> None:
    make_source()
    browser = client_of(ada)
    answer = send(browser, exported())
    answer = browser.post(PATH, chosen(answer, **changes), follow=True)
    assert message in answer.content.decode()
    assert not IdentityProfile.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The submitted file is empty."),
        (b"{", "JSON"),
        (b"[]", "There are no identity profiles in it."),
        (b'{"name": "x"}', "Name the source."),
        (b'"text"', "should be an identity profile"),
        (b"[" * 100_000, "deep"),
        (b'{"name": "x", "name": "y"}', "twice"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_of_something_else_is_refused_in_words(
    client_of: ClientOf, ada: Identity, content: bytes, message: str
) -> None:
    answer = send(client_of(ada), content)
    assert answer.status_code == 200
    assert message in answer.content.decode()


def test_neither_or_both_ways_are_refused(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    assert "Choose a file, or paste its content" in browser.post(PATH, {}).content.decode()
    both = {"file": SimpleUploadedFile("p.json", b"{}"), "text": "{}"}
    assert "Choose a file, or paste its content" in browser.post(PATH, both).content.decode()


def test_too_many_at_once_are_refused(client_of: ClientOf, ada: Identity) -> None:
    text = send(client_of(ada), [exported()] * 51).content.decode()
    assert "import it in smaller parts" in text


def test_what_is_exported_can_be_imported_again(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    bring(source, rows("1,one,a@x.example,x"))
    profile = make_profile(source)
    answer = browser.get(f"/identity-profiles/{profile.pk}/export/")
    assert "service-accounts.json" in answer["Content-Disposition"]
    assert json.loads(answer.content)["authoritativeSource"]["name"] == "Service Accounts"
    assert Event.objects.filter(action="identity_profile.exported").exists()

    other = make_source("Other")
    again = browser.post(PATH, {"text": answer.content.decode()})
    given = chosen(again, **{"source-0": str(other.pk), "name-0": "Again"})
    browser.post(PATH, given)
    made = IdentityProfile.objects.get(name="Again")
    assert made.mappings.count() == profile.mappings.count()


def test_who_may_and_who_may_not(
    client_of: ClientOf, client: Client, vera: Identity, mallory: Identity
) -> None:
    profile = make_profile(make_source())
    export = f"/identity-profiles/{profile.pk}/export/"
    assert client.get(PATH)["Location"].startswith("/sign-in/")
    assert client_of(vera).get(PATH).status_code == 403
    assert client_of(vera).post(PATH).status_code == 403
    assert client_of(vera).get(export).status_code == 200
    assert client_of(vera).post(export).status_code == 405
    assert client_of(mallory).get(export).status_code == 403
    nobody = "/identity-profiles/00000000-0000-4000-8000-000000000000/export/"
    assert client_of(vera).get(nobody).status_code == 404
