from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups.models import Group
from accounts.models import Application, Identity, Share, StoredAccount, Vault
from accounts.vault import actions, codes, sharing, vaults
from accounts.vault.drafts import ItemDraft
from accounts.vault.models import ShareRole

PASSWORD = "kept-Secret-9"
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""In base32 the secret of RFC 6238, appendix B."""


def draft(**values: Any) -> ItemDraft:
    said: dict[str, Any] = {"label": "Ads manager", "application": "Slack", "username": "ads"}
    return ItemDraft(**said | values)


def make_item(owner: Identity, *, password: str = PASSWORD, **values: Any) -> StoredAccount:
    return actions.add(by=owner, draft=draft(**values), password=password, at=timezone.now())


def make_vault(name: str = "Marketing") -> Vault:
    return vaults.create(by=SYSTEM, name=name, at=timezone.now())


def make_application(name: str = "Intranet", *, has_saml: bool = False) -> Application:
    return vaults.add_application(by=SYSTEM, name=name, has_saml=has_saml, at=timezone.now())


def set_password(item: StoredAccount, password: str) -> None:
    actions.set_password(by=SYSTEM, item=item, password=password, at=timezone.now())


def save_codes(item: StoredAccount, *, key: str = KEY, backup: str = "1111\n2222") -> None:
    now = timezone.now()
    codes.save_authenticator(by=SYSTEM, item=item, key=key, at=now)
    codes.save_backup_codes(by=SYSTEM, item=item, text=backup, at=now)


def share(
    item: StoredAccount, holder: Identity | Group, role: ShareRole = ShareRole.COLLABORATOR
) -> Share:
    return sharing.share(by=SYSTEM, item=item, holder=holder, role=role, at=timezone.now())
