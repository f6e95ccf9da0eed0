"""A value in each place where any is sealed, put there and read as the product does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from unittest.mock import patch

from allauth.mfa.models import Authenticator as Factor
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit.actors import SYSTEM
from accounts.audit.proof import actions as proof
from accounts.audit.record import record
from accounts.inbox import hooks, queries
from accounts.models import AuditKey, Identity, StoredAccount
from accounts.sealing import Sealed, open_sealed
from accounts.second_factors.adapter import opened, sealed, secrets_of
from accounts.sign_in_providers import secrets as provider_secrets
from accounts.sources import secrets as source_secrets
from accounts.sources.connectors.base import SecretField
from accounts.vault import actions, codes, secrets
from console.sign_in.jobs import CONTEXT, answer_reset, ask_for_reset
from tests.factories.imports import make_source
from tests.factories.inbox import letter, make_message
from tests.factories.sign_in_providers import make_provider
from tests.factories.vault import KEY, make_item, save_codes
from tokens.signing import actions as signing
from tokens.signing import keys

QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
Read = Callable[[], str]
Plant = Callable[[Identity], Read]
"""Seals a text somewhere, for somebody; answers what reads it."""


def password(owner: Identity) -> Read:
    item = make_item(owner, password="planted-password-1")
    return lambda: str(actions.reveal(by=owner, item=item, at=timezone.now()).take())


def field(owner: Identity) -> Read:
    item = make_item(owner, notes="planted notes")
    return lambda: secrets.text(item, secrets.NOTES)


def authenticator(owner: Identity) -> Read:
    item = make_item(owner)
    save_codes(item, key=KEY)
    return lambda: _key_of(item)


def _key_of(item: StoredAccount) -> str:
    row = item.authenticator
    row.refresh_from_db()
    sealed_key = Sealed(row.key_id, bytes(row.blob))
    return open_sealed(sealed_key, context=codes.of_authenticator(item.pk)).decode()


def backup_code(owner: Identity) -> Read:
    item = make_item(owner)
    save_codes(item, backup="planted-backup")
    return lambda: str(
        codes.use_backup_code(
            by=owner, item=item, code=item.backup_codes.get(), at=timezone.now()
        ).take()
    )


@dataclass
class Kind:
    secrets: ClassVar = (SecretField("password", "Password"),)

    def wants_secret(self, name: str, config: object) -> bool:
        return True


def source_secret(owner: Identity) -> Read:
    source = make_source("Directory")
    with patch.object(type(source), "kind", Kind()):
        typed = {"password": "planted-bind"}
        source_secrets.replace(source, typed, before=None, at=timezone.now())
    return lambda: source_secrets.plain(source, "password")


def provider_secret(owner: Identity) -> Read:
    provider = make_provider("Planted provider")
    return lambda: provider_secrets.plain(provider)


def message(owner: Identity) -> Read:
    found = make_message(make_item(owner), letter("planted message"))

    def read() -> str:
        found.refresh_from_db()
        return str(queries.opened(found)["text"])

    return read


def webhook_secret(_owner: Identity) -> Read:
    planted = "planted-webhook-secret"
    hooks.set_secret(by=SYSTEM, provider="twilio", secret=planted, at=timezone.now())
    return lambda: hooks.secret_of("twilio")


def factor(owner: Identity) -> Read:
    with secrets_of(owner):
        data = {"secret": sealed("planted-factor")}
    row = Factor.objects.create(user=owner, type=Factor.Type.TOTP, data=data)

    def read() -> str:
        row.refresh_from_db()
        with secrets_of(owner):
            return opened(row.data["secret"])

    return read


def signing_key(owner: Identity) -> Read:
    signing.ensure_key(at=timezone.now())

    def read() -> str:
        keys.forget()
        found = keys.signer(timezone.now(), fresh=True)
        return found.key_id if found else ""

    return read


def typed(owner: Identity) -> Read:
    with override_settings(TASKS=QUEUE):
        ask_for_reset("planted-login")

    def read() -> str:
        with patch("console.sign_in.jobs.resets.ask") as asked:
            args = DBTaskResult.objects.get(task_path=answer_reset.module_path).args_kwargs["args"]
            answer_reset.func(*args)
        return str(asked.call_args.kwargs["typed"])

    return read


def of_the_log(owner: Identity) -> Read:
    record("test.done", by=owner)
    proof.make_next(at=timezone.now())
    return lambda: proof.secret_of(AuditKey.objects.get()).hex()


PLANTS: dict[str, Plant] = {
    "accounts_auditkey": of_the_log,
    "accounts_storedpassword": password,
    "accounts_sealedfield": field,
    "accounts_authenticator": authenticator,
    "accounts_backupcode": backup_code,
    "accounts_sourcesecret": source_secret,
    "accounts_providersecret": provider_secret,
    "accounts_receivedmessage": message,
    "accounts_webhooksecret": webhook_secret,
    "second_factor": factor,
    "tokens_signingkey": signing_key,
    CONTEXT: typed,
}
