"""What the pages of local vaults tell the browser, none of it secret to whoever has no key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404

from accounts.models import RecoveryKey, StoredAccount, TrustedSession, Vault
from accounts.vault.local import queries
from accounts.vault.models import SecretName
from console.ui import trusted
from console.ui.access import ConsoleRequest


def load_vault(request: ConsoleRequest, vault_id: UUID) -> Vault:
    """A local vault that this person belongs to."""
    return get_object_or_404(queries.of(request.user), pk=vault_id)


def data(here: TrustedSession, vault: Vault, **more: Any) -> dict[str, Any]:
    """What a page needs that opens something of a vault, or writes to it."""
    needs_new_key = queries.needs_new_key(vault)
    return {
        "person": str(here.identity_id),
        "session": str(here.pk),
        "keys": queries.keys_for(here, [vault]),
        "needs_new_key": needs_new_key,
        "recipients": queries.recipients(vault) if needs_new_key else [],
        **more,
    }


def own_recipients(here: TrustedSession) -> list[dict[str, Any]]:
    """One's other trusted sessions and the recovery key; the browser knows which it compared."""
    rows = TrustedSession.objects.trusted().filter(identity=here.identity_id).exclude(pk=here.pk)
    found = [recipient("session", each) for each in rows.order_by("pk")]
    recovery = RecoveryKey.objects.filter(identity=here.identity_id).first()
    return found + ([recipient("recovery", recovery)] if recovery else [])


def recipient(kind: str, row: TrustedSession | RecoveryKey) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": str(row.pk),
        "person": str(row.identity_id),
        "agreement": row.agreement_key,
    }


def serials(item_id: UUID) -> dict[str, int]:
    """The number that the next ciphertext of each name gets."""
    return {str(name): queries.next_serial(item_id, name) for name in SecretName}


def about(request: ConsoleRequest, item: StoredAccount, *, is_owner: bool) -> dict[str, Any]:
    """What the page of an account says of its secrets: since when, and not what they are."""
    rows = item.local_secrets.defer("envelope").filter(replaced_at=None).order_by("serial")
    kept = {name: [row for row in rows if row.name == name] for name in SecretName}
    here = trusted.current(request)
    return {
        "has_key": here is not None and queries.has_key(here, item.vault),
        "is_trusted": here is not None,
        "is_member": queries.role_in(request.user, item.vault) is not None,
        "unlock_url": trusted.unlock_url(request.path),
        "password": next(iter(kept[SecretName.PASSWORD]), None),
        "notes": next(iter(kept[SecretName.NOTES]), None),
        "fields": next(iter(kept[SecretName.FIELDS]), None),
        "authenticator": next(iter(kept[SecretName.AUTHENTICATOR]), None) if is_owner else None,
        "backup_codes": kept[SecretName.BACKUP_CODE] if is_owner else [],
    }
