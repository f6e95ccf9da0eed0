"""The Mappings tab: rows, saving, two at once, and the preview of an account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit.models import Event
from accounts.models import (
    AttributeMapping,
    Identity,
    IdentityAttribute,
    IdentityProfile,
    Source,
    Transform,
)
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, make_profile, process

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def source(ada: Identity) -> Source:
    source = make_source()
    bring(
        source,
        rows("SA-001,audit01,admin@company.example,Audit", "SA-002,backup02,ops@x.example,Save"),
    )
    return source


@pytest.fixture
def profile(source: Source) -> IdentityProfile:
    return make_profile(source, mapped={})


def page_of(profile: IdentityProfile) -> str:
    return f"/identity-profiles/{profile.pk}/mappings/"


def sent(profile: IdentityProfile, mapped: dict[str, str], **fields: Any) -> dict[str, Any]:
    """The form as a browser sends it, with rows from attributes of the own source."""
    profile.refresh_from_db()
    names = list(dict.fromkeys([*FOUR, *mapped]))
    form: dict[str, Any] = {"revision": str(profile.revision), "opened": "", "row": names}
    for name in names:
        form[f"{name}-source"] = str(profile.source_id)
        form[f"{name}-attribute"] = mapped.get(name, "")
        form[f"{name}-transform"] = form[f"{name}-json"] = ""
    return form | fields


def opened(browser: Client, profile: IdentityProfile) -> str:
    """What the form carries along of what stood in it."""
    return str(browser.get(page_of(profile)).context["form"].initial["opened"])


def mapped(profile: IdentityProfile) -> dict[str, str]:
    found = AttributeMapping.objects.filter(profile=profile)
    return dict(found.values_list("attribute", "source_attribute"))


def test_the_four_rows_of_the_guide_have_its_labels(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    answer = client_of(ada).get(page_of(profile))
    labels = [str(row.info.label) for row in answer.context["form"].rows]
    assert labels == ["SailPoint User Name", "Work Email", "Last Name", "First Name"]
    text = answer.content.decode()
    for part in ("Source</th>", "Attribute</th>", "Transform</th>", "To Lower", "e-mail"):
        assert part in text
    assert "Not mapped yet: SailPoint User Name, Work Email, Last Name" in text


def test_the_four_mappings_are_saved(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    answer = browser.post(page_of(profile), sent(profile, FOUR, save="1"), follow=True)
    assert mapped(profile) == FOUR
    text = answer.content.decode()
    assert "The mappings are saved." in text
    assert "Not mapped yet" not in text
    assert Event.objects.filter(action="identity_profile.mapped", actor_label="ada").exists()


def test_saving_again_changes_nothing(client_of: ClientOf, ada: Identity, source: Source) -> None:
    profile, browser = make_profile(source), client_of(ada)
    revision = profile.revision
    browser.post(page_of(profile), sent(profile, FOUR))
    profile.refresh_from_db()
    assert profile.revision == revision


def test_rows_are_added_and_removed_and_nothing_is_saved_by_that(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    form = sent(profile, {"uid": "name"})
    answer = browser.post(page_of(profile), form | {"add": "1", "attribute": "purpose"})
    names = [row.info.name for row in answer.context["form"].rows]
    assert names == [*FOUR, "purpose"]
    text = answer.content.decode()
    assert '<option value="name" selected>' in text
    assert "autofocus" in text.partition('id="row-purpose"')[2].partition("</tr>")[0]

    form = sent(profile, {"uid": "name", "purpose": "purpose"})
    answer = browser.post(page_of(profile), form | {"remove": "purpose"})
    assert [row.info.name for row in answer.context["form"].rows] == list(FOUR)
    assert mapped(profile) == {}


def test_an_attribute_of_ones_own_is_added_and_mapped(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    given = {"new_attribute": "1", "custom-label": "Employee Number", "custom-name": "number"}
    answer = browser.post(page_of(profile), sent(profile, {"uid": "name"}) | given)
    assert IdentityAttribute.objects.get().label == "Employee Number"
    assert [row.info.name for row in answer.context["form"].rows] == [*FOUR, "number"]
    browser.post(page_of(profile), sent(profile, FOUR | {"number": "id"}))
    assert mapped(profile)["number"] == "id"


@pytest.mark.parametrize(
    ("label", "name", "message"),
    [
        ("", "number", "Type a label."),
        ("Number", "", "Type a technical name."),
        ("Number", "9lives", "Use letters, digits and _, a letter first."),
        ("Mail", "EMAIL", "There is such an attribute already."),
    ],
)
def test_an_attribute_that_cannot_be_added_says_why_and_keeps_the_rows(
    client_of: ClientOf,
    ada: Identity,
    profile: IdentityProfile,
    label: str,
    name: str,
    message: str,
) -> None:
    given = {"new_attribute": "1", "custom-label": label, "custom-name": name}
    answer = client_of(ada).post(page_of(profile), sent(profile, FOUR) | given)
    text = answer.content.decode()
    assert message in text
    assert text.count('<option value="name" selected>') >= 3
    assert not IdentityAttribute.objects.exists()


def test_a_transform_of_the_library_and_one_that_is_written_in_the_row(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    lower = Transform.objects.get(name="To Lower")
    written = {"type": "static", "attributes": {"value": "robot"}}
    form = sent(profile, FOUR) | {
        "uid-transform": str(lower.pk),
        "lastname-attribute": "",
        "lastname-transform": "json",
        "lastname-json": json.dumps(written, indent=2).replace("\n", "\r\n"),
    }
    browser = client_of(ada)
    assert browser.post(page_of(profile), form).status_code == 302
    rows_now = {m.attribute: m for m in AttributeMapping.objects.filter(profile=profile)}
    assert rows_now["uid"].transform == lower
    assert rows_now["lastname"].definition == written
    text = browser.get(page_of(profile)).content.decode()
    assert "&quot;robot&quot;" in text
    profile.refresh_from_db()
    revision = profile.revision
    browser.post(page_of(profile), form | {"revision": str(revision)})
    profile.refresh_from_db()
    assert profile.revision == revision


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"uid-attribute": "vanished"}, "has no attribute “vanished”"),
        ({"uid-source": "nonsense"}, "This source is gone."),
        ({"uid-source": "00000000-0000-4000-8000-000000000000"}, "This source is gone."),
        ({"uid-transform": "00000000-0000-4000-8000-000000000000"}, "This transform is gone."),
        ({"uid-transform": "json", "uid-json": "{"}, "JSON"),
        ({"uid-transform": "json", "uid-json": "[1]"}, "Write one transform in braces."),
        ({"uid-transform": "json", "uid-json": '{"type": "nonsense"}'}, "nonsense"),
        ({"uid-transform": "json", "uid-json": "[" * 60_000}, "deep"),
        ({"uid-transform": "json", "uid-json": "x" * 70_001}, "70000"),
        ({"revision": "x"}, "whole number"),
    ],
)
def test_what_cannot_be_saved_is_said_and_everything_typed_is_kept(
    client_of: ClientOf,
    ada: Identity,
    profile: IdentityProfile,
    given: dict[str, str],
    message: str,
) -> None:
    browser = client_of(ada)
    for path in (page_of(profile), f"{page_of(profile)}preview/"):
        answer = browser.post(path, sent(profile, FOUR) | given)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert message in text
        assert '<option value="e-mail" selected>' in text
        assert "There is no preview" in text
    assert mapped(profile) == {}


def test_a_transform_that_is_not_begun_is_no_error_before_it_is_saved(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser, form = client_of(ada), sent(profile, FOUR) | {"uid-transform": "json"}
    for path, more in (("preview/", {}), ("", {"add": "1"})):
        text = browser.post(page_of(profile) + path, form | more).content.decode()
        assert '{"type": "lower"}' in text
        assert "row-error" not in text
        assert "There is no preview" not in text
    assert "row-error" in browser.post(page_of(profile), form).content.decode()


def test_rows_that_nobody_knows_or_that_come_twice_are_left_out(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    form = sent(profile, FOUR)
    form["row"] = [*FOUR, "uid", "nonsense", "__proto__", *["email"] * 500]
    assert client_of(ada).post(page_of(profile), form).status_code == 302
    assert mapped(profile) == FOUR


def test_two_at_once_the_second_is_told_what_changed_and_keeps_what_was_typed(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    seen = opened(browser, profile)
    mine = sent(profile, FOUR | {"firstname": "id"}, opened=seen)
    theirs = sent(profile, FOUR | {"title": "purpose"}, opened=seen)
    browser.post(page_of(profile), theirs)
    answer = browser.post(page_of(profile), mine)
    text = answer.content.decode()
    assert "ada changed this identity profile while you were editing it" in text
    told = {row["label"]: row for row in answer.context["conflict"]["rows"]}
    assert str(told["First Name"]["theirs"]) == "Service Accounts › name"
    assert told["First Name"]["yours"] == "Service Accounts › id"
    assert told["Title"]["yours"] == ""
    assert mapped(profile)["firstname"] == "name"

    form = answer.context["form"]
    cells = {row.info.name: row.attribute.value() for row in form.rows}
    assert cells == FOUR | {"firstname": "id", "title": "purpose"}
    again = sent(profile, cells, revision=str(form.initial["revision"]))
    assert browser.post(page_of(profile), again).status_code == 302
    assert mapped(profile) == cells


def test_a_conflict_with_a_forged_basis_takes_every_difference_as_theirs(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    mine = sent(profile, {"uid": "id"}, opened="forged")
    browser.post(page_of(profile), sent(profile, FOUR))
    answer = browser.post(page_of(profile), mine)
    assert "while you were editing it" in answer.content.decode()
    assert mapped(profile) == FOUR


def test_another_source_offers_its_own_attributes(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    other = make_source("Directory", header="id,name,badge")
    form = sent(profile, FOUR) | {"firstname-source": str(other.pk), "refresh": "1"}
    answer = client_of(ada).post(page_of(profile), form)
    row = {row.info.name: row for row in answer.context["form"].rows}["firstname"]
    assert [value for value, _label in row.attribute.field.choices] == ["", "id", "name", "badge"]
    form = sent(profile, FOUR) | {
        "firstname-source": str(other.pk),
        "firstname-attribute": "badge",
    }
    client_of(ada).post(page_of(profile), form)
    assert AttributeMapping.objects.get(attribute="firstname").source == other


def test_the_preview_shows_what_is_typed_and_saves_nothing(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    path = f"{page_of(profile)}preview/"
    answer = client_of(ada).post(path, sent(profile, FOUR, account="SA-002"))
    shown = answer.context["preview"]
    assert {row["label"]: row["value"] for row in shown.values}["Work Email"] == "ops@x.example"
    text = answer.content.decode()
    assert "A new identity, backup02." in text
    assert "Complete" in text
    assert mapped(profile) == {}


def test_the_preview_of_an_identity_that_exists_shows_the_value_before(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    profile = make_profile(source)
    process(profile)
    path = f"{page_of(profile)}preview/"
    form = sent(profile, FOUR | {"email": "id"}, account="SA-001")
    answer = client_of(ada).post(path, form)
    row = {row["label"]: row for row in answer.context["preview"].values}["Work Email"]
    assert row["previous"] == "admin@company.example"
    assert row["errors"]
    assert "In error: its identity stays as it is" in answer.content.decode()


def test_the_preview_tells_the_cause_of_an_error(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    written = {"type": "lookup", "attributes": {"table": {"a": "b"}}}
    form = sent(profile, FOUR | {"title": "purpose"}) | {
        "title-transform": "json",
        "title-json": json.dumps(written),
    }
    text = client_of(ada).post(f"{page_of(profile)}preview/", form).content.decode()
    assert "$: " in text.partition('id="preview"')[2]


@pytest.mark.parametrize(
    ("search", "following", "name"),
    [
        ("", "", "audit01"),
        ("SA-002", "", "backup02"),
        ("backup", "", "backup02"),
        ("SA-001", "1", "backup02"),
        ("SA-002", "1", "audit01"),
        ("nobody", "", None),
        ("\0", "", "audit01"),
        ("x" * 5000, "", None),
    ],
)
def test_any_account_of_the_source_can_be_previewed(
    client_of: ClientOf,
    ada: Identity,
    profile: IdentityProfile,
    search: str,
    following: str,
    name: str | None,
) -> None:
    given = {"account": search} | ({"next": following} if following else {})
    form = sent(profile, FOUR) | given
    answer = client_of(ada).post(f"{page_of(profile)}preview/", form)
    account = answer.context["preview"].account
    assert (account.name if account else None) == name
    if name is None:
        assert "No account has this name or ID." in answer.content.decode()


def test_without_accounts_the_preview_says_what_to_do(client_of: ClientOf, ada: Identity) -> None:
    profile = make_profile(make_source("Empty"), mapped={})
    text = client_of(ada).get(page_of(profile)).content.decode()
    assert "The source has no accounts yet." in text


def test_an_auditor_reads_the_mappings_and_their_preview(
    client_of: ClientOf, ada: Identity, vera: Identity, source: Source
) -> None:
    profile, browser = make_profile(source), client_of(vera)
    answer = browser.get(f"{page_of(profile)}?account=SA-002")
    text = answer.content.decode()
    assert 'name="uid-attribute"' not in text
    assert "ops@x.example" in text
    assert browser.post(page_of(profile), sent(profile, FOUR)).status_code == 403
    assert browser.post(f"{page_of(profile)}preview/", sent(profile, FOUR)).status_code == 403


def test_who_may_not_and_what_is_not_there(
    client_of: ClientOf, client: Client, ada: Identity, mallory: Identity, profile: IdentityProfile
) -> None:
    nobody = "/identity-profiles/00000000-0000-4000-8000-000000000000/mappings/"
    for path in ("", "preview/"):
        assert client.post(page_of(profile) + path).status_code == 403
        assert client_of(mallory).post(page_of(profile) + path).status_code == 403
        assert client_of(ada).post(nobody + path).status_code == 404
    assert client.get(page_of(profile))["Location"].startswith("/sign-in/?next=/identity-pro")
    assert client_of(ada).get(f"{page_of(profile)}preview/").status_code == 405
    assert client_of(ada).delete(page_of(profile)).status_code == 405


def test_twenty_rows_cost_as_many_queries_as_four(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, counts = client_of(ada), []
    more = ["title", "city", "state", "phone", "manager", "department", "location", "timezone"]
    for name, names in (("Few", []), ("Many", more)):
        one = make_source(name)
        profile = make_profile(one, mapped=FOUR | dict.fromkeys(names, "purpose"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(page_of(profile))
        counts.append(len(captured))
    assert counts[0] == counts[1]
