"""The Exceptions tab: what has to be mended, why, and where; and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity, IdentityProfile, Transform
from accounts.profiles.mappings import MappingDraft
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, map_all, process

ClientOf = Callable[[Identity], Client]

ROWS = rows(
    "1,one,one@x.example,a",
    "2,two words,two@x.example,b",
    "3,twin,three@x.example,c",
    "4,TWIN,four@x.example,d",
    "5,five,,e",
)


@pytest.fixture
def profile(ada: Identity) -> IdentityProfile:
    source = make_source()
    bring(source, ROWS)
    profile = make_profile(source, kind="person")
    process(profile)
    profile.refresh_from_db()
    return profile


def page_of(profile: IdentityProfile) -> str:
    return f"/identity-profiles/{profile.pk}/exceptions/"


def said(browser: Client, profile: IdentityProfile, query: str = "") -> str:
    return browser.get(f"{page_of(profile)}{query}").content.decode()


def figures(browser: Client, profile: IdentityProfile) -> dict[str, str]:
    found = browser.get(page_of(profile)).context["figures"]
    return {str(figure["label"]): figure["value"] for figure in found}


def test_each_reason_has_its_number_and_its_rows(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    assert figures(browser, profile) == {
        "In error": "1",
        "Names that collide": "1",
        "Incomplete": "1",
        "Deleted by hand": "0",
    }
    text = said(browser, profile)
    assert "remove “ ” at position 4" in text
    assert f"/identity-profiles/{profile.pk}/mappings/?account=2#row-uid" in text
    assert f"/sources/{profile.source_id}/accounts/?q=2" in text

    text = said(browser, profile, "?reason=collisions")
    assert "Non-unique username" in text
    assert text.count("Account: it makes no identity") == 2
    text = said(browser, profile, "?reason=incomplete")
    assert f'href="/identities/{identity("five").pk}/"' in text
    assert "Work Email" in text
    assert "Nothing to mend here" in said(browser, profile, "?reason=left_deleted")


def test_a_collision_with_an_identity_shows_both_sides(client_of: ClientOf, ada: Identity) -> None:
    source = make_source()
    bring(source, rows("1,ada,a@x.example,x"))
    profile = make_profile(source, kind="person")
    process(profile)
    profile.refresh_from_db()
    text = said(client_of(ada), profile)
    assert "Identity: it has the name" in text
    assert "None: made by hand" in text
    assert f'href="/identities/{ada.pk}/"' in text
    assert "Account: it makes no identity" in text


def test_what_was_mended_is_gone_at_once(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    bring(profile.source, ROWS.replace("two words", "two").replace("TWIN", "other"))
    browser = client_of(ada)
    assert "Nothing to mend here" in said(browser, profile, "?reason=errors")
    assert "Nothing to mend here" in said(browser, profile, "?reason=collisions")


def test_a_failing_transform_of_the_library_is_linked(client_of: ClientOf, ada: Identity) -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,z"))
    profile = make_profile(source)
    now = timezone.now()
    transform = Transform.objects.create(
        name="Titles",
        type="lookup",
        definition={"name": "Titles", "type": "lookup", "attributes": {"table": {"a": "b"}}},
        created_at=now,
        created_by="ada",
        changed_at=now,
    )
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()]
    map_all(profile, [*drafts, MappingDraft("title", "purpose", transform=transform)])
    process(profile)
    profile.refresh_from_db()
    text = said(client_of(ada), profile)
    assert f'href="/transforms/{transform.pk}/"' in text
    assert "#row-title" in text


def test_identities_that_were_deleted_by_hand_are_told(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    identities.delete(by=ada, identity=identity("one"), at=timezone.now())
    text = said(client_of(ada), profile, "?reason=left_deleted")
    assert "Somebody deleted these identities by hand." in text
    assert 'data-label="Account ID"><span class="mono">1</span>' in text


def test_a_file_of_them_is_safe_to_open_and_recorded(client_of: ClientOf, ada: Identity) -> None:
    source = make_source("=Sources")
    bring(
        source,
        rows("1,=cmd(),a@x.example,x", "2,two,,y", "3,same,b@x.example,", "4,Same,c@x.example,"),
    )
    profile = make_profile(source, kind="person", name="=Profile")
    process(profile)
    answer: Any = client_of(ada).get(f"{page_of(profile)}export/")
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert {row["profile"] for row in found} == {"'=Profile"}
    reasons = [row["reason"] for row in found]
    assert reasons == [
        "A value cannot be taken",
        "Non-unique username",
        "Non-unique username",
        "Incomplete",
    ]
    assert found[0]["account_name"] == "'=cmd()"
    assert found[3]["attribute"] == "email"
    assert Event.objects.filter(action="identity_profile.exceptions_exported").exists()


def test_pages_follow_one_another_and_a_strange_place_is_the_first(
    client_of: ClientOf, ada: Identity
) -> None:
    source = make_source()
    bring(source, rows(*(f"{i:03},bad name {i},a@x.example,x" for i in range(60))))
    profile = make_profile(source)
    process(profile)
    browser = client_of(ada)
    first = browser.get(page_of(profile))
    assert len(first.context["rows"]) == 50
    second = browser.get(first.context["more_url"])
    assert len(second.context["rows"]) == 10
    assert second.context["more_url"] == ""
    assert len(browser.get(second.context["first_url"]).context["rows"]) == 50
    for strange in ("x", "-1", "9" * 40, "٣", "%00"):
        answer = browser.get(f"{page_of(profile)}?after={strange}&reason=errors")
        assert len(answer.context["rows"]) == 50
        assert (
            browser.get(f"{page_of(profile)}?after={strange}&reason=collisions").status_code == 200
        )


@pytest.mark.parametrize("reason", ["errors", "collisions", "incomplete"])
def test_twenty_rows_cost_as_much_as_three(client_of: ClientOf, ada: Identity, reason: str) -> None:
    lines = {
        "errors": "{i},bad name {i},a@x.example,x",
        "collisions": "{i},same{h}{n},a@x.example,x",
        "incomplete": "{i},n{n}x{i},,x",
    }
    browser, counts = client_of(ada), []
    for number in (6, 40):
        source = make_source(f"Source {number}")
        line = lines[reason]
        bring(source, rows(*(line.format(i=i, h=i // 2, n=number) for i in range(number))))
        profile = make_profile(source, kind="person")
        process(profile)
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get(f"{page_of(profile)}?reason={reason}")
        assert len(answer.context["rows"]) >= number // 2
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_all_profiles_at_a_glance_with_as_many_queries_for_ten_as_for_two(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser, counts = client_of(ada), []
    for number in (1, 8):
        for index in range(number):
            make_profile(make_source(f"Source {number} {index}"))
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get("/identity-profiles/exceptions/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
    row = next(row for row in answer.context["rows"] if row["profile"] == profile)
    assert [item["count"] for item in row["counts"]] == [1, 1, 1, 0]
    assert f"{page_of(profile)}?reason=errors" in answer.content.decode()


def test_nothing_planned_yet(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    assert (
        "No identity profiles yet" in browser.get("/identity-profiles/exceptions/").content.decode()
    )
    profile = make_profile(make_source())
    assert "No exceptions yet" in said(browser, profile)


def test_who_may_and_who_may_not(
    client_of: ClientOf,
    client: Client,
    vera: Identity,
    mallory: Identity,
    profile: IdentityProfile,
) -> None:
    nobody = "/identity-profiles/00000000-0000-4000-8000-000000000000/exceptions/"
    all_of_them = "/identity-profiles/exceptions/"
    for path in (page_of(profile), f"{page_of(profile)}export/", all_of_them):
        assert client.get(path)["Location"].startswith("/sign-in/")
        assert client_of(mallory).get(path).status_code == 403
        assert client_of(vera).get(path).status_code == 200
        assert client_of(vera).post(path).status_code == 405
    for path in (nobody, f"{nobody}export/"):
        assert client_of(vera).get(path).status_code == 404
