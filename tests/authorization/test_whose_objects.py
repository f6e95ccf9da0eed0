"""Objects that are there and are another's: what our own API tells and does of them.

Each operation is called as it is meant to be called, with an object that works for an
administrator, by those to whom nothing of it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from django.utils import timezone

from accounts.audit.models import Outcome
from accounts.authorization.policies import may
from accounts.models import Event, Identity
from accounts.takeovers import actions as takeovers
from tests.authorization.test_every_program import KINDS, STRANGERS
from tests.authorization.test_every_program import holders as holders
from tests.doors.rest import world
from tests.doors.rest.caller import Caller
from tests.doors.rest.examples import Example, example_of
from tests.factories.tokens import make_token
from tests.oauth.program import Answer
from tokens.doors.rest.api import operations
from tokens.doors.rest.operations import Operation
from tokens.models import Credential

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.timeout(900)]

NAMED_IN_THE_BODY: Final = {
    *("create_key", "create_profile", "hand_over", "read_source_accounts", "upload_import"),
    "create_personal_access_token",
}
"""Of another's object that is no part of the address, the refusal names the member."""
OF_TWO: Final = {"read_takeover"}
"""What is told to the two whom it is about, whoever else sees all."""
AT_ONCE: Final = 50
"""Calls of one token: a hundred in ten seconds are let through."""


def _cases(by: Identity) -> Iterator[tuple[Operation, Example]]:
    """The operations that are about one object, each with an object of somebody else."""
    for operation in operations():
        if "{" in operation.path or operation.name in NAMED_IN_THE_BODY:
            example = example_of(operation, by)
            if operation.name == "create_personal_access_token":
                example = replace(example, body=example.body | {"holder": str(world.account().pk)})
            yield operation, example


def _call(caller: Caller, operation: Operation, example: Example) -> Answer:
    path = operation.path
    for part, value in example.parts.items():
        for converter in ("uuid", "int"):
            path = path.replace(f"{{{converter}:{part}}}", str(value))
    assert "{" not in path, path
    query = "&".join(f"{name}={value}" for name, value in example.query.items())
    path = f"{path}?{query}" if query else path
    if operation.most_bytes:
        return caller.upload(path, example.body["file"])
    headers: dict[str, Any] = {"if_match": "*"} if operation.matches else {}
    return caller.send(operation.method, path, example.body, **headers)


def _expected(operation: Operation, by: Identity) -> int:
    """What cannot be done by anybody like them is refused; else the object is not there."""
    if not any(may(by, permission) for permission in operation.needs):
        return 403
    if operation.name in NAMED_IN_THE_BODY:
        return 422
    return 404


def _told(found: list[tuple[Operation, Example]], kind: str, by: Identity) -> dict[str, int]:
    """The answers that are not as they should be."""
    wrong = {}
    for start in range(0, len(found), AT_ONCE):
        caller = Caller(by)
        for operation, example in found[start : start + AT_ONCE]:
            answer = _call(caller, operation, example)
            if answer.status_code != _expected(operation, by):
                wrong[f"{kind}: {operation.name}"] = answer.status_code
    return wrong


@pytest.mark.parametrize("kind", sorted({*STRANGERS, "owner"} & set(KINDS)))
def test_a_stranger_finds_nothing_and_changes_nothing(
    holders: dict[str, Identity], ada: Identity, kind: str
) -> None:
    by = holders[kind]
    found = list(_cases(ada))
    assert len(found) > 100
    Caller(by).token()
    before = set(Event.objects.values_list("pk", flat=True))
    assert _told(found, kind, by) == {}
    done = Event.objects.filter(actor_id=str(by.pk), outcome=Outcome.DONE)
    assert list(done.exclude(pk__in=before).exclude(action="personal_access_token.created")) == []


def test_who_sees_all_reads_and_changes_nothing(vera: Identity, ada: Identity) -> None:
    found, wrong = list(_cases(ada)), {}
    for start in range(0, len(found), AT_ONCE):
        caller = Caller(vera)
        for operation, example in found[start : start + AT_ONCE]:
            status = _call(caller, operation, example).status_code
            reads = operation.method == "GET"
            if (
                reads
                and operation.name not in OF_TWO
                and any(may(vera, needed) for needed in operation.needs)
            ):
                as_it_should = status == 200
            else:
                as_it_should = status in {403, 404, 422}
            if not as_it_should:
                wrong[operation.name] = status
    assert wrong == {}


def test_to_the_owner_their_own_is_there_and_to_no_other_owner(
    holders: dict[str, Identity],
) -> None:
    """So that it is not for want of everything that strangers find nothing."""
    owner, other = Caller(holders["owner"]), Caller(holders["other owner"])
    by = holders["owner"]
    account = world.account(by)
    key = Credential.objects.get(identity=account.pk)
    offered = takeovers.offer(
        by=by, account=world.account(by), to=world.person(), note="", at=timezone.now()
    )
    there = [
        f"/service-accounts/{account.pk}",
        f"/service-accounts/{account.pk}/effective-scopes",
        f"/keys/{key.pk}",
        f"/personal-access-tokens/{make_token(by).token.pk}",
        f"/personal-access-tokens/{make_token(account.identity, by=by).token.pk}",
        f"/requests/{world.request(by).pk}",
        f"/takeovers/{offered.pk}",
    ]
    assert [owner.get(path).status_code for path in there] == [200] * len(there)
    assert [other.get(path).status_code for path in there] == [404] * len(there)
    acts = [
        ("PUT", f"{there[0]}/successor", {"successor": world.person().user_name}),
        ("POST", f"{there[0]}/revoke-tokens", None),
        ("POST", f"{there[3]}/revoke", None),
        ("POST", f"{there[5]}/withdraw", None),
        ("POST", f"{there[6]}/withdraw", None),
    ]
    assert [other.send(*act).status_code for act in acts] == [404] * len(acts)
    assert [owner.send(*act).status_code < 300 for act in acts] == [True] * len(acts)
