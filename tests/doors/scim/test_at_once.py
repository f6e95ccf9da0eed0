"""Many calls of directories at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from accounts.models import Event, Group, Identity, Membership
from tests.at_once import at_once
from tests.doors.scim.caller import Caller, make_client, replace, user
from tests.factories import make_person
from tests.oauth.program import Answer, Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def scim() -> Caller:
    caller = Caller(make_client("Directory"), program=Program(own_connection=True))
    caller.token()
    return caller


def codes_of(answers: Sequence[Answer | Exception]) -> list[int]:
    """The status of each answer; what went wrong in asking is raised."""
    found = []
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
        found.append(answer.status_code)
    return found


def test_the_same_user_made_ten_times_is_there_once(scim: Caller) -> None:
    body = user("bjensen", externalId="0001", emails=[{"value": "b@example.com"}])
    answers = at_once([partial(scim.send, "POST", "/Users", body) for _ in range(10)])

    assert sorted(codes_of(answers)) == [201] + [409] * 9
    assert Identity.objects.people().filter(user_name="bjensen").count() == 1
    assert Event.objects.filter(action="identity.created", actor_id=scim.holder.pk).count() == 1


def test_one_external_id_goes_to_one_of_two(scim: Caller) -> None:
    bodies = [user(f"user{number}", externalId="0001") for number in range(6)]
    answers = at_once([partial(scim.send, "POST", "/Users", body) for body in bodies])

    assert sorted(codes_of(answers)) == [201] + [409] * 5
    assert Identity.objects.people().filter(user_name__startswith="user").count() == 1


def test_changes_of_one_user_are_all_kept_or_refused(scim: Caller) -> None:
    made = scim.create("bjensen")
    fields = ["title", "nickName", "timezone", "preferredLanguage", "displayName"]
    acts = [partial(scim.patch, f"/Users/{made['id']}", replace(name, "x")) for name in fields]
    answers = at_once(acts)

    assert set(codes_of(answers)) <= {200, 204, 412}
    now = scim.get(f"/Users/{made['id']}").json()
    codes = codes_of(answers)
    done = [name for name, code in zip(fields, codes, strict=True) if code < 300]
    assert done
    assert [name for name in fields if now.get(name) == "x"] == done


def test_of_two_with_one_entity_tag_one_wins(scim: Caller) -> None:
    made = scim.create("bjensen")
    where, tag = f"/Users/{made['id']}", made["meta"]["version"]
    acts = [partial(scim.patch, where, replace("title", f"T{n}"), if_match=tag) for n in range(5)]
    answers = at_once(acts)

    codes = sorted(codes_of(answers))
    assert codes[0] < 300
    assert codes[1:] == [412] * 4


def test_members_added_at_once_are_all_there_and_nobody_waits_for_ever(scim: Caller) -> None:
    group, people = scim.create_group("Guides"), [make_person(f"p{n}") for n in range(6)]
    pairs = [(people[n], people[n - 1]) for n in range(6)]

    def add(*two: Identity) -> Answer:
        values = [{"value": str(person.pk)} for person in two]
        operation = {"op": "add", "path": "members", "value": values}
        return scim.patch(f"/Groups/{group['id']}", operation)

    codes = codes_of(at_once([partial(add, *pair) for pair in pairs]))

    assert set(codes) <= {200, 204, 412}
    joined = set(Membership.objects.values_list("identity", flat=True))
    for code, pair in zip(codes, pairs, strict=True):
        assert code == 412 or {person.pk for person in pair} <= joined
    assert Group.objects.count() == 1
