"""Every action refuses whoever lacks its permission, before anything is written.

The actions are found, so that one that is added is held to it: it asks who may, or stands in one
of the lists below with the reason why it does not.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

import accounts
import tokens
from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.identities import invitations
from accounts.identities.models import Identity
from accounts.models import (
    AccessRequest,
    Application,
    Event,
    ImportRun,
    Integration,
    Job,
    LocalSecret,
    Processing,
    RemovedAccount,
    ServiceAccount,
    SignInProvider,
    Source,
    SourceAccount,
    SsoLink,
    StoredAccount,
    Takeover,
    Transform,
    TrustedSession,
)
from accounts.requests.states import Verdict
from accounts.vault.models import SecretName
from tests.authorization.conftest import Examples
from tests.factories.groups import make_group, make_role
from tests.factories.vault import draft
from tokens.access_tokens.verify import Holder
from tokens.models import Api, ApiScope

Action = Callable[..., Any]

ASKED_BY_THEIR_CALLERS = {
    "accounts.groups.memberships.why_above",
    "accounts.identities.actions.bury",
    "accounts.identities.actions.set_disabled",
    "accounts.identities.invitations.send_link",
    "accounts.identities.naming.count_unknown",
    "accounts.identities.naming.meant",
    "accounts.imports.ending.end_unchanged",
    "accounts.jobs.endings.close",
    "accounts.jobs.schedules.put",
    "accounts.jobs.schedules.remove",
    "accounts.profiles.importing.refusal",
    "accounts.profiles.lifecycle_states.defaults.rows",
    "accounts.groups.giving.take_back",
    "accounts.profiles.processing.inviting.invite",
    "accounts.profiles.processing.protection.protect",
    "accounts.profiles.processing.protection.protect_addresses",
    "accounts.requests.delegating.forget",
    "accounts.requests.waiting.follow_hands",
    "accounts.sources.removal.remove_all",
    "accounts.sources.removal.remove_where",
    "accounts.sources.schedules.forget",
    "accounts.sign_in_providers.linking.forget",
    "accounts.takeovers.manager.follow_owner",
    "accounts.vault.all_access.actions.tell_owners",
    "accounts.trusted_sessions.actions.forget",
    "accounts.vault.actions.store",
    "accounts.vault.local.keys.replace",
    "accounts.vault.of_groups.take_back",
    "accounts.vault.vaults.add",
    "tokens.credentials.actions.add_key",
    "tokens.scopes.coverage.check_given",
    "tokens.scopes.coverage.check_may_give",
    "tokens.credentials.pickups.offer",
    "tokens.credentials.pickups.withdraw_all",
    "tokens.credentials.within.check_key_within",
    "tokens.credentials.within.check_within",
    "tokens.personal_access_tokens.handover.forget",
    "tokens.personal_access_tokens.handover.hand_over",
    "tokens.personal_access_tokens.actions.make",
    "tokens.personal_access_tokens.pickups.offer",
    "tokens.personal_access_tokens.pickups.take_scopes",
    "tokens.personal_access_tokens.pickups.withdraw_all",
    "tokens.provisioning.actions.stop",
    "tokens.provisioning.handover.follow_hands",
    "tokens.service_accounts.actions.follow_hands",
}
"""Parts of actions: the whole asks."""
FOR_ONESELF = {
    "accounts.identities.passwords.change",
    "accounts.requests.actions.ask",
    "accounts.requests.delegating.end",
    "accounts.requests.delegating.set_delegate",
    "accounts.second_factors.actions.add_passkey",
    "accounts.second_factors.actions.make_codes",
    "accounts.second_factors.actions.mark_codes_stored",
    "accounts.second_factors.actions.remove",
    "accounts.second_factors.actions.set_up_app",
    "accounts.trusted_sessions.actions.ask",
    "accounts.sign_in_providers.linking.confirm",
    "accounts.sign_in_providers.linking.link",
    "accounts.vault.actions.add",
    "tokens.credentials.actions.claim",
    "tokens.personal_access_tokens.pickups.claim",
}
"""What everybody may do with what is theirs; another's is refused in other words."""
NEED_A_PROFILE = {
    "accounts.profiles.lifecycle_states.manual.follow_source",
    "accounts.profiles.lifecycle_states.manual.set_state",
}
"""They ask once they have found that of the identity, under its lock; their own tests hold them."""
NO_ACTIONS = {"bulk", "policies", "record", "refusals"}
"""Modules whose functions take `by` to judge it or to write it down."""


def found() -> Iterator[tuple[str, Action]]:
    for package in (accounts, tokens):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or module.name.rpartition(".")[2] in NO_ACTIONS:
                continue
            members = vars(importlib.import_module(module.name))
            for name, member in members.items():
                if not inspect.isfunction(member) or member.__module__ != module.name:
                    continue
                if not name.startswith("_") and "by" in inspect.signature(member).parameters:
                    yield f"{module.name}.{name}", member


REJECTED = {"verdict": Verdict.REJECT, "comment": "Because"}
PLAIN: dict[str, Any] = {
    "connector": "delimited_file",
    "encoding": "utf-8",
    "kind": "import.plan",
    "levels": ["auditor"],
    "reason": "Because",
    "file_name": "accounts.csv",
    "chunks": [b"id,name\n1,x\n"],
    "keep_old_for": timedelta(0),
    "revoke_tokens": False,
    "within": None,
    "revision": 1,
}
"""What is no object."""
HANDING_OVER = {"to": None, "note": "", "keep_old_tokens": False}
ACTIONS = dict(found())
ASKING = sorted(ACTIONS.keys() - ASKED_BY_THEIR_CALLERS - FOR_ONESELF - NEED_A_PROFILE)


@pytest.fixture
def things(world: Examples) -> dict[str, Any]:
    """What actions act on, by the name of the parameter."""
    account = ServiceAccount.objects.get(pk=world["uuid", "account_id"])
    source = Source.objects.get(pk=world["uuid", "source_id"])
    invitation = invitations.invite(
        by=SYSTEM,
        identity=Identity.objects.get_queryset().get(pk=world["uuid", "identity_id"]),
        at=timezone.now(),
    )
    processing = Processing.objects.get(pk=world["uuid", "processing_id"])
    return {
        "account": account,
        "credential": account.identity.credentials.get(kind="key_pair"),
        "identity": Identity.objects.get_queryset().get(pk=world["uuid", "identity_id"]),
        "source": source,
        "attribute": source.attributes.get(pk=world["int", "attribute_id"]),
        "import_run": ImportRun.objects.get(pk=world["uuid", "import_id"]),
        "job": Job.objects.get(pk=world["uuid", "job_id"]),
        "profile": processing.profile,
        "processing": processing,
        "group": make_group("of the matrix"),
        "role": make_role("of the matrix"),
        **REJECTED | HANDING_OVER | stored(world) | examples(),
        **{name: [] for name in ("identities", "choices", "scopes")},
        "invitation": invitation,
        "holder": account.identity,
        "token": account.identity.credentials.get(kind="personal_access_token"),
        "subject": source,
        **PLAIN,
        "digest": uuid4(),
        "states": {},
        "values": {},
        "at": timezone.now(),
    }


def examples() -> dict[str, Any]:
    """Of which there is one, whatever it is."""
    return {
        "takeover": Takeover.objects.get(),
        "integration": Integration.objects.get(),
        "api": Api.objects.get(),
        "scope": ApiScope.objects.get(),
        "transform": Transform.objects.earliest("name"),
        "removed": RemovedAccount.objects.get(),
        "request": AccessRequest.objects.get(),
        "provider": SignInProvider.objects.get(),
        "link": SsoLink.objects.get(),
    }


def stored(world: Examples) -> dict[str, Any]:
    item = StoredAccount.objects.get(pk=world["uuid", "item_id"])
    application = Application.objects.get()
    session = TrustedSession.objects.get()
    return {
        "item": item,
        "vault": item.vault,
        "share": item.shares.get(),
        "session": session,
        "from_session": session,
        "draft": draft(),
        "secret": LocalSecret.objects.get(),
        "name": SecretName.PASSWORD,
        "person": session.identity,
        "message": item.messages.get(),
        "number": item.phone_number,
        "code": item.backup_codes.get(position=1),
        "application": application,
    }


def arguments(name: str, action: Action, things: dict[str, Any]) -> dict[str, Any]:
    """Enough to be asked who may; what is not known is nothing that could be used."""
    if name.startswith("tokens.access_tokens."):
        token = things["token"]
        holder = Holder(token.identity_id, "build")
        facts = {"credential_id": token.pk, "client_id": "", "scopes": frozenset()}
        things = things | {"token": SimpleNamespace(holder=holder, **facts)}
    if name.startswith("accounts.sources.accounts."):
        things = things | {"account": SourceAccount.objects.get(source=things["source"])}
    parameters = inspect.signature(action).parameters
    return {
        each: things.get(each, object())
        for each, parameter in parameters.items()
        if each != "by" and (parameter.default is parameter.empty or each == "subject")
    }


def test_the_lists_name_nothing_that_is_gone() -> None:
    assert ACTIONS.keys() >= ASKED_BY_THEIR_CALLERS | FOR_ONESELF | NEED_A_PROFILE
    assert len(ASKING) > 50


@pytest.mark.parametrize("name", ASKING)
def test_it_refuses_who_lacks_the_permission(
    name: str, things: dict[str, Any], mallory: Identity
) -> None:
    events = Event.objects.count()

    with pytest.raises(NotAllowed), transaction.atomic():
        ACTIONS[name](by=mallory, **arguments(name, ACTIONS[name], things))
    assert Event.objects.count() == events
