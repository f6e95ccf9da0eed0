"""Every address, with every method, as every kind of caller, held against one table.

The addresses come from the URL map, so that one that is added is called at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.permissions import Permission as P
from accounts.models import Identity
from tests.addresses import View, filled, machines, pages
from tests.authorization.conftest import Examples
from tests.authorization.test_every_address import POST_ASKS_FOR_MORE
from tests.factories import make_account, make_person
from tests.factories.accounts import Made
from tests.factories.people import PASSWORD
from tokens.access_tokens import claims

ClientOf = Callable[[Identity], Client]

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.timeout(1500)]

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options")
SIGNED_IN: Final = frozenset(
    {
        *("administrator", "auditor", "owner", "other owner", "approver", "basic user"),
        "service account",
    }
)
CALLERS: Final = (*sorted(SIGNED_IN), "machine token", "anonymous")
ADMINISTRATOR: Final = frozenset({"administrator"})
REVIEWERS: Final = ADMINISTRATOR | {"auditor"}

TABLE: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (*(P.CONSOLE_OPEN, P.SERVICE_ACCOUNT_VIEW, P.KEY_CLAIM, P.TOKEN_OWN, P.REQUEST_ASK),),
        SIGNED_IN,
    ),
    **dict.fromkeys(
        (
            *(P.SERVICE_ACCOUNT_EXPORT, P.IDENTITY_VIEW, P.IDENTITY_EXPORT, P.JOB_VIEW),
            *(P.JOB_VIEW_ALL, P.AUDIT_VIEW, P.AUDIT_EXPORT, P.TENANT_VIEW, P.TOKEN_VIEW_ALL),
            *(P.SOURCE_VIEW, P.SOURCE_VIEW_ALL, P.PROFILE_VIEW, P.GROUP_VIEW, P.REQUEST_VIEW_ALL),
            P.VAULT_VIEW_ALL,
        ),
        REVIEWERS,
    ),
    P.VAULT_OWN: SIGNED_IN - {"service account"},
    **dict.fromkeys((P.TENANT_OWN, P.VAULT_ALL_ACCESS), frozenset[str]()),
}
"""Who opens pages by their mark; every other mark opens for administrators alone.
The Owner is none of these."""

PUBLIC: Final = frozenset(
    {
        *("/.well-known/jwks.json", "/.well-known/oauth-authorization-server"),
        *("/.well-known/oauth-protected-resource", "/am/json/serverinfo/*"),
        *("/oauth/info", "/livez", "/readyz"),
    }
)
"""What answers programs without any token."""
OPEN_TO_THE_TOKEN: Final = PUBLIC | {
    *("/am/json/serverinfo/version", "/am/oauth2/tokeninfo"),
    *("/am/oauth2/realms/root/tokeninfo", "/api/v1/openapi.json", "/environment/info"),
    *("/environment/scopes/service-accounts", "/feature", "/openidm/info/login"),
}
"""What answers a token whose only scope is fr:idm:*, where nothing is asked for by name."""


@dataclass(frozen=True)
class Caller:
    browser: Client
    headers: dict[str, str]

    def call(self, method: str, address: str) -> Any:
        return getattr(self.browser, method)(address, headers=self.headers)


@pytest.fixture
def callers(
    client_of: ClientOf, world: Examples, ada: Identity, vera: Identity
) -> dict[str, Caller]:
    """One of each kind; what exists is the owner's, and the approver decides about it."""
    owner = Identity.objects.get(pk=world["uuid", "identity_id"])
    approver, other = make_person("approver"), make_person("other")
    make_account("theirs", owner=other)
    owner.manager = approver
    owner.save(update_fields=["manager"])
    machine = make_account("machine", scopes=["fr:idm:*"])
    interactive = make_account("interactive").account.identity
    interactive.set_password(PASSWORD)
    interactive.save(update_fields=["password"])
    people = {
        "administrator": ada,
        "auditor": vera,
        "owner": owner,
        "other owner": other,
        "approver": approver,
        "basic user": make_person("basic"),
        "service account": interactive,
    }
    bearer = {"Authorization": f"Bearer {token_of(machine)}"}
    return {
        **{name: Caller(client_of(identity), {}) for name, identity in people.items()},
        "machine token": Caller(Client(), bearer),
        "anonymous": Caller(Client(), {}),
    }


def token_of(made: Made) -> str:
    """What a key of the account would be traded for."""
    now = timezone.now()
    told = claims.new_claims(
        subject=made.account.pk,
        client_id="service-account",
        scopes=["fr:idm:*"],
        credential_id=made.credential.pk,
        generation=0,
        now=now,
    )
    return claims.encode(told, now)


def is_public(view: View) -> bool:
    return getattr(view, "access", "") == "public"


def opens(answer: Any) -> bool:
    """Whether the page let somebody in: what it says then is another matter."""
    if answer.status_code == 302:
        return not answer.headers["Location"].startswith("/sign-in/")
    return answer.status_code in {200, 204, 400, 404, 405}


def concrete(address: str) -> str:
    """An address of programs with each part filled in, also where it is written as a pattern."""
    text = re.sub(r"\(\?P<\w+>\[\^/\]\+\)", "00000000-0000-4000-8000-000000000000", address)
    text = re.sub(r"\(\?:\(\?P<\w+>v1\|v2\)/\)\?", "v2/", text)
    text = re.sub(r"\(\?:([^()|]+)(?:\|[^()]*)?\)", r"\1", text)
    return filled(re.sub(r"\\[Zb]|[\^]", "", text).replace("\\.", "."))


@pytest.mark.parametrize("kind", CALLERS)
def test_pages(callers: dict[str, Caller], kind: str) -> None:
    caller, wrong = callers[kind], {}
    # what is public last: one of it signs out
    for address, view in sorted(pages(), key=lambda each: is_public(each[1])):
        mark = getattr(view, "access", "")
        for method in METHODS:
            answer = caller.call(method, filled(address))
            assert answer.status_code < 500, (method, address)
            needed = POST_ASKS_FOR_MORE.get(address, mark) if method == "post" else mark
            if is_public(view):
                expected, opened = True, answer.status_code != 403
            else:
                expected, opened = kind in TABLE.get(needed, ADMINISTRATOR), opens(answer)
            if opened is not expected:
                wrong[f"{method} {address} ({mark})"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("kind", CALLERS)
def test_addresses_of_programs(callers: dict[str, Caller], kind: str) -> None:
    """A cookie opens none of them; a token those of its scope."""
    caller, wrong = callers[kind], {}
    answered = OPEN_TO_THE_TOKEN if kind == "machine token" else PUBLIC
    for address, _view in machines():
        for method in METHODS:
            answer = caller.call(method, concrete(address))
            assert answer.status_code < 500, (method, address)
            expected = address in answered and method in {"get", "head"}
            if (answer.status_code < 400) is not expected:
                wrong[f"{method} {address}"] = answer.status_code
    assert wrong == {}
