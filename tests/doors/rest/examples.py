"""For each operation a call that it answers with what it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from accounts.bundles import actions as bundles
from accounts.identities import actions as identities
from accounts.identities import gui_access
from accounts.models import Group, Identity, RemovedAccount, SourceAccount
from accounts.requests import delegating, queries
from accounts.roles import assigning
from accounts.sources import accounts
from accounts.takeovers import actions as takeovers
from tests.doors.rest import world
from tests.doors.rest.world import name
from tests.factories.groups import make_group, make_role
from tests.factories.imports import make_source, upload
from tests.factories.requests import ask_for_group, carry_out, decide
from tokens.doors.rest.operations import Operation


@dataclass(frozen=True)
class Example:
    """What is sent; the parts of the address are those of `world` where none are given."""

    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)


Make = Callable[[Identity], Example]

KEY: Final = {"origin": "steward", "algorithm": "P-256"}
MAPPINGS: Final = {"mappings": [{"attribute": "uid", "source_attribute": "name"}]}


def soon() -> str:
    return (timezone.now() + timedelta(days=20)).isoformat()


def _without_gui_access(by: Identity) -> Example:
    account = world.account()
    gui_access.remove(by=by, identity=account.identity, at=timezone.now())
    return Example(parts={"account_id": account.pk})


def _not_registered(by: Identity) -> Example:
    person = identities.create_person(
        by=by,
        user_name=name(),
        first_name="Nora",
        last_name="",
        email="nora@example.com",
        levels=[],
        at=timezone.now(),
    )
    return Example(parts={"identity_id": person.pk})


def _held_role(by: Identity) -> Example:
    role, person = make_role(name()), world.person()
    assigning.assign(by=by, identity=person, role=role, until=None, at=timezone.now())
    return Example(parts={"role_id": role.pk, "identity_id": person.pk})


def _asked(by: Identity) -> Example:
    details = {"name": name(), "purpose": "For a test"}
    return Example({"kind": "new_service_account", "reason": "For a test", "details": details})


def _delegate(by: Identity) -> Example:
    now = timezone.now()
    until = (now + timedelta(days=3)).isoformat()
    body = {"delegate": str(world.person().pk), "since": now.isoformat(), "until": until}
    return Example(body)


def _delegated(by: Identity) -> Example:
    now = timezone.now()
    until = now + timedelta(days=3)
    delegating.set_delegate(by=by, delegate=world.person(), since=now, until=until, at=now)
    return Example()


def _decide(by: Identity) -> Example:
    request = world.request()
    _lines, digest = queries.seen(request)
    return Example({"verdict": "approve", "digest": digest}, parts={"request_id": request.pk})


def _own_request(by: Identity) -> Example:
    return Example(parts={"request_id": world.request(by).pk})


def _hand_over(by: Identity) -> Example:
    return Example({"account": str(world.account(by).pk), "to": world.person().user_name})


def _own_offer(by: Identity) -> Example:
    made = takeovers.offer(
        by=by, account=world.account(by), to=world.person(), note="", at=timezone.now()
    )
    return Example(parts={"takeover_id": made.pk})


def _failed_request(by: Identity) -> Example:
    group = make_group(name(), may_be_requested=True)
    request = ask_for_group(world.person(), group)
    decide(by, request)
    groups = Group.objects.filter(pk=group.pk)
    groups.update(may_be_requested=False)
    assert carry_out(request).state == "failed"
    groups.update(may_be_requested=True)  # what would fail again is not tried again
    return Example(parts={"request_id": request.pk})


def _removed_account(by: Identity) -> Example:
    source = world.source(world.THREE)
    account = SourceAccount.objects.filter(source=source).order_by("pk")[0]
    accounts.remove(by=by, account=account, at=timezone.now())
    removed = RemovedAccount.objects.get(source=source)
    return Example(parts={"source_id": source.pk, "account_id": removed.pk})


def _directory(body: Any = None) -> Example:
    return Example(body, parts={"source_id": world.directory().pk})


def _source_without_profile(by: Identity) -> Example:
    return Example(parts={"source_id": make_source(name()).pk})


def _upload(by: Identity) -> Example:
    file = world.THREE.encode()
    return Example({"file": file}, {"source": str(world.source().pk)})


def _confirm(by: Identity) -> Example:
    run = world.import_run()
    return Example({"plan": run.plan}, parts={"import_id": run.pk})


def _held(by: Identity) -> Example:
    return Example(parts={"import_id": world.held_import().pk})


def _override(by: Identity) -> Example:
    return Example({"reason": "They are gone"}, parts=_held(by).parts)


def _encoding(by: Identity) -> Example:
    content = world.THREE.encode() + "SA-4,Łukasz,,\n".encode("cp1250")
    run = upload(world.source(), content)
    return Example({"encoding": "windows-1250"}, parts={"import_id": run.pk})


def _new_profile(by: Identity) -> Example:
    return Example({"name": name(), "source": str(world.source().pk), "kind": "service"})


def _processing(by: Identity) -> Example:
    return Example({}, parts={"profile_id": world.profile().pk})


def _confirm_processing(by: Identity) -> Example:
    made = world.processing()
    parts = {"profile_id": made.profile_id, "processing_id": made.pk}
    return Example({"plan": made.plan}, parts=parts)


def _invitation(by: Identity) -> Example:
    made = world.invitation()
    return Example(parts={"identity_id": made.identity_id, "invitation_id": made.pk})


def _several(by: Identity, **more: Any) -> Example:
    return Example({"identities": [str(world.person().pk), str(world.account().pk)]} | more)


def _new_state(by: Identity) -> Example:
    return Example({"name": name(), "technical_name": name()})


def _set_state(by: Identity) -> Example:
    who, profile = world.of_a_profile()
    made = world.state(profile, enabled=True)
    return Example({"state": made.technical_name}, parts={"identity_id": who.pk})


def _bundle(by: Identity) -> Example:
    return Example({"file": bundles.export(by=by, at=timezone.now()).encode()})


def _of_a_profile(by: Identity) -> Example:
    return Example(parts={"identity_id": world.of_a_profile()[0].pk})


EXAMPLES: Final[dict[str, Make]] = {
    "ask": _asked,
    "bring_account_back": _removed_account,
    "choose_import_encoding": _encoding,
    "confirm_import": _confirm,
    "confirm_processing": _confirm_processing,
    "create_account": lambda by: Example({"attributes": {"id": name(), "name": name()}}),
    "create_api": lambda by: Example({"name": name(), "audience": f"https://{name()}.example.com"}),
    "create_attribute": lambda by: Example({"name": name()}),
    "create_group": lambda by: Example({"name": name()}),
    "create_key": lambda by: Example(KEY | {"account": str(world.account().pk)}),
    "create_lifecycle_state": _new_state,
    "create_person": lambda by: Example(
        {"user_name": name(), "first_name": "Nora", "email": "nora@example.com"}
    ),
    "create_personal_access_token": lambda by: Example(
        {"name": name(), "scopes": ["steward:groups:read"], "expires_at": soon()}
    ),
    "create_profile": _new_profile,
    "create_role": lambda by: Example({"name": name()}),
    "create_scope": lambda by: Example({"name": f"{name()}:read", "description": "Read."}),
    "create_service_account": lambda by: Example({"name": name(), "key": KEY}),
    "create_source": lambda by: Example({"name": name(), "connector": "delimited_file"}),
    "create_transform": lambda by: Example({"name": name(), "type": "lower"}),
    "confirm_takeovers": lambda by: Example({"takeovers": [str(world.left(to=by).pk)]}),
    "decide": _decide,
    "declare_integration": lambda by: Example(
        {"name": name(), "application": "Payroll", "service_account": str(world.account().pk)}
    ),
    "delete_source": _source_without_profile,
    "disable_many": _several,
    "disable_many_service_accounts": lambda by: Example({"accounts": [str(world.account().pk)]}),
    "discover_attributes": lambda by: _directory(),
    "end_delegation": _delegated,
    "follow_source": _of_a_profile,
    "hand_over": _hand_over,
    "import_bundle": _bundle,
    "plan_bundle": _bundle,
    "invite": _not_registered,
    "invite_many": _several,
    "list_effects": lambda by: Example(query={"effect": "created"}),
    "list_import_changes": lambda by: Example(query={"kind": "new"}),
    "keep_missing_accounts": _held,
    "override_import_threshold": _override,
    "plan_processing": _processing,
    "preview_mappings": lambda by: Example(MAPPINGS),
    "read_delegation": _delegated,
    "read_source_accounts": lambda by: Example({"source": str(world.directory().pk)}),
    "remove_all_accounts": lambda by: Example({"reason": "A new file comes"}),
    "restore_gui_access": _without_gui_access,
    "retry_invitation": _invitation,
    "set_delegation": _delegate,
    "set_levels": lambda by: Example({"levels": ["helpdesk"]}),
    "set_levels_of_many": lambda by: _several(by, way="add", levels=["helpdesk"]),
    "set_manager": lambda by: Example({"manager": str(world.person().pk)}),
    "set_password_exemption": lambda by: Example({"until": soon()}),
    "set_profile_mappings": lambda by: Example(MAPPINGS),
    "set_schedule": lambda by: _directory({"frequency": "daily", "times": ["08:00"]}),
    "set_state_of_identity": _set_state,
    "set_successor": lambda by: Example({"successor": world.person().user_name}),
    "take_role": _held_role,
    "try_again": _failed_request,
    "try_connection": lambda by: _directory({}),
    "try_transform": lambda by: Example({"type": "lower", "input": "UPPER"}),
    "upload_import": _upload,
    "withdraw": _own_request,
    "withdraw_takeover": _own_offer,
}
"""Of those that need more than an object at their address; the body is `{}` for the others."""


def example_of(operation: Operation, by: Identity) -> Example:
    """A call that `operation` answers `by` with its own status."""
    make = EXAMPLES.get(operation.name)
    made = make(by) if make else Example()
    body = {} if made.body is None and operation.has_body else made.body
    parts = made.parts or world.parts_of(operation.path, by)
    return Example(body, made.query, parts)
