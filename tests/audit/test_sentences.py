"""Every event can be read as a sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.audit.models import Event, Outcome
from accounts.identities import actions as identities
from accounts.models import Identity
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from accounts.tenant import actions as tenant
from console.ui.sentences import ACTIONS, GROUPS, grouped, label_of, sentence
from tests.factories import make_account
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin

RECORDERS = {"record", "refusals.note"}
"""Functions whose first argument is the name of an action, as they are called."""
LINKING = ("linked", "unlinked")
PASSES_ON = {"tokens/edge/refusals.py", "accounts/audit/csv_lists.py"}
"""Modules that hand on what another one names."""
WITHOUT_A_CALL = {
    "token.issued",
    *(f"{kind}.account_{verb}" for kind in ("identity", "service_account") for verb in LINKING),
}
"""Written in the statement that issues, see `tokens.access_tokens.issue`, or many at once, see
`accounts.profiles.processing.writing`."""


def recorded_actions() -> Iterator[tuple[str, str]]:
    """Every action that the code records, with the module that does."""
    for app in ("accounts", "tokens", "console"):
        for path in sorted(Path(app).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
                if ast.unparse(call.func) == "CsvList":
                    (named,) = [k.value for k in call.keywords if k.arg == "action"]
                    yield from ((action, path.as_posix()) for action in _texts(named, tree))
            for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args):
                names_actor = any(keyword.arg == "by" for keyword in call.keywords)
                if (
                    ast.unparse(call.func) in RECORDERS
                    and names_actor
                    and path.as_posix() not in PASSES_ON
                ):
                    for action in _texts(call.args[0], tree):
                        yield action, path.as_posix()


def _texts(argument: ast.expr, tree: ast.Module) -> list[str]:
    """The texts that an argument can be: itself, either branch, or what its name stands for."""
    match argument:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, tree) + _texts(other, tree)
        case ast.Name(id=name):
            assigned = [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
            ]
            return [text for value in assigned for text in _texts(value, tree)]
        case _:
            raise AssertionError(f"Cannot tell which action {ast.unparse(argument)} is.")


def test_every_recorded_action_has_a_sentence_and_a_group() -> None:
    missing = {(name, path) for name, path in recorded_actions() if name not in ACTIONS}
    assert not missing
    assert {name.partition(".")[0] for name in ACTIONS} == set(GROUPS)


def test_every_sentence_is_for_an_action_that_is_recorded() -> None:
    recorded = {name for name, _path in recorded_actions()} | WITHOUT_A_CALL
    assert set(ACTIONS) - recorded == set()


def test_every_action_stands_in_the_filter_once() -> None:
    listed = [name for _group, members in grouped() for name, _label in members]
    assert sorted(listed) == sorted(ACTIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_sentence_never_fails_for_want_of_details(action: str) -> None:
    for event in (
        record(action, by=UnknownActor(label="somebody"), outcome=Outcome.REFUSED),
        record(action, by=SYSTEM, subject=make_account(f"for {action}").account),
    ):
        event.refresh_from_db()
        said = sentence(event)
        assert said
        assert "%(" not in said


@pytest.mark.django_db
def test_an_action_without_a_row_is_still_readable() -> None:
    event = record("vault.item_opened", by=SYSTEM, subject=make_account().account)
    assert sentence(event) == "System: Vault: item opened (audit01)"
    assert label_of("vault.item_opened") == "Vault: item opened"


def _last(action: str) -> str:
    return sentence(Event.objects.filter(action=action).newest_first()[0])


def _edit(by: Identity, account: Any, **changes: Any) -> str:
    current = service_accounts.lock(account)
    details = {
        "name": current.name,
        "description": current.description,
        "owner": current.owner,
        "scopes": current.scopes,
        "ends_at": current.ends_at,
    }
    service_accounts.edit(
        by=by,
        account=current,
        details=Details(**details | changes),
        revision=current.revision,
        at=timezone.now(),
    )
    return _last("service_account.edited")


@pytest.mark.django_db
def test_an_edit_says_what_changed(ada: Identity, otto: Identity) -> None:
    account = make_account(scopes=["fr:am:*", "fr:idm:*"]).account
    assert _edit(ada, account, scopes=["fr:idm:*"]) == "ada removed scope fr:am:* from audit01"
    assert _edit(ada, account, scopes=["fr:idm:*", "fr:am:*", "fr:iga:*"]) == (
        "ada added scopes fr:am:* and 1 more to audit01"
    )
    assert _edit(ada, account, scopes=["fr:idm:*", "fr:idc:esv:read"]) == (
        "ada added fr:idc:esv:read to the scopes of audit01 and removed fr:am:* and 1 more"
    )
    assert _edit(ada, account, owner=otto) == "ada made otto the owner of audit01"
    assert _edit(ada, account, owner=None) == "ada left audit01 without an owner"
    assert _edit(ada, account, description="Nightly") == "ada changed the description of audit01"
    assert _edit(ada, account, name="audit02") == "ada renamed service account audit01 to audit02"
    assert _edit(ada, account, name="audit03", owner=otto, description="x") == (
        "ada changed name, description and owner of audit03"
    )


def test_a_replaced_key_says_until_when_the_old_one_works(ada: Identity) -> None:
    account, now = make_account().account, timezone.now()
    for kept, said in (
        (timedelta(0), "ada replaced the key of audit01; the old one stopped at once"),
        (timedelta(hours=1), "ada replaced the key of audit01; the old one works until "),
    ):
        credentials.regenerate(
            by=ada,
            account=account,
            choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
            keep_old_for=kept,
            revoke_tokens=False,
            within=None,
            at=now + kept,
        )
        assert _last("key.replaced").startswith(said)
    assert "ada made key " in {
        sentence(event)[:13] for event in Event.objects.filter(action="key.issued")
    }


def test_levels_and_settings_are_named_as_people_know_them(ada: Identity, vera: Identity) -> None:
    now = timezone.now()
    identities.set_levels(by=ada, identity=vera, levels=["auditor", "admin"], at=now)
    assert _last("identity.levels_changed") == "ada gave vera the level Admin"
    identities.set_levels(by=ada, identity=vera, levels=[], at=now)
    assert _last("identity.levels_changed") == ("ada took the level Admin and Auditor from vera")
    tenant.set_switches(by=ada, states={"idm_reaches_esv": False}, at=now)
    assert _last("tenant_setting.changed") == (
        "ada turned off: fr:idm:* also reaches fr:idc:esv:* endpoints"
    )
