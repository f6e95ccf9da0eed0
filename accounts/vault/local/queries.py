from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.identities.models import Identity
from accounts.trusted_sessions.models import RecoveryKey, TrustedSession
from accounts.vault.local.models import KeyLink, LocalMember, LocalSecret, WrappedKey
from accounts.vault.models import MemberRole, SecretName, StoredAccount, Vault, VaultKind


def of(person: Identity) -> QuerySet[Vault]:
    """The local vaults that somebody belongs to."""
    members = LocalMember.objects.filter(identity=person)
    rows = Vault.objects.filter(kind=VaultKind.LOCAL, pk__in=members.values("vault_id"))
    return rows.order_by("name", "pk")


def role_in(person: Identity, vault: Vault) -> MemberRole | None:
    found = LocalMember.objects.filter(vault=vault, identity=person).first()
    return MemberRole(found.role) if found else None


def sessions_of_members(vault: Vault) -> QuerySet[TrustedSession]:
    """The trusted sessions that may have the key."""
    members = LocalMember.objects.filter(vault=vault).values("identity_id")
    return TrustedSession.objects.trusted().filter(identity__in=members)


def recovery_keys_of_members(vault: Vault) -> QuerySet[RecoveryKey]:
    members = LocalMember.objects.filter(vault=vault).values("identity_id")
    rows = RecoveryKey.objects.filter(identity__in=members)
    return rows.filter(identity__disabled_at=None, identity__deleted_at=None)


def with_key(rows: QuerySet[TrustedSession], vault: Vault) -> QuerySet[TrustedSession]:
    """Annotated with `has_key`."""
    wrapped = WrappedKey.objects.filter(
        vault=vault, version=vault.key_version, session=OuterRef("pk")
    )
    return rows.annotate(has_key=Exists(wrapped))


def has_key(session: TrustedSession, vault: Vault) -> bool:
    return WrappedKey.objects.filter(
        vault=vault, version=vault.key_version, session=session
    ).exists()


def needs_new_key(vault: Vault) -> bool:
    """Whether somebody had the key who may not have it any more."""
    allowed = Q(session__in=sessions_of_members(vault).values("pk"))
    allowed |= Q(recovery__in=recovery_keys_of_members(vault).values("pk"))
    had = WrappedKey.objects.filter(vault=vault, version=vault.key_version)
    return had.exclude(allowed).exists()


def keys_for(
    session: TrustedSession, vaults: QuerySet[Vault] | list[Vault]
) -> list[dict[str, Any]]:
    """What the browser of a session needs to open each of these vaults; those of which it has no
    key are left out. Nothing of it is secret to whoever has no private key."""
    rows = WrappedKey.objects.filter(session=session, vault__in=vaults).select_related("vault")
    return [_key(row) for row in rows.order_by("vault_id") if row.version == row.vault.key_version]


def keys_for_recovery(recovery: RecoveryKey) -> list[dict[str, Any]]:
    rows = WrappedKey.objects.filter(recovery=recovery).select_related("vault")
    return [_key(row) for row in rows.order_by("vault_id") if row.version == row.vault.key_version]


def recipients(vault: Vault) -> list[dict[str, Any]]:
    """For whom a next key is wrapped, with their endorsements."""
    rows = WrappedKey.objects.filter(vault=vault, version=vault.key_version)
    sessions = rows.filter(session__in=sessions_of_members(vault).values("pk"))
    recoveries = rows.filter(recovery__in=recovery_keys_of_members(vault).values("pk"))
    return [
        _recipient("session", row.session, row.endorsement)
        for row in sessions.select_related("session").order_by("pk")
    ] + [
        _recipient("recovery", row.recovery, row.endorsement)
        for row in recoveries.select_related("recovery").order_by("pk")
    ]


def in_force(item: StoredAccount, name: SecretName) -> LocalSecret | None:
    return LocalSecret.objects.filter(item=item, name=name, replaced_at=None).first()


def next_serial(item_id: UUID, name: SecretName) -> int:
    newest = LocalSecret.objects.filter(item=item_id, name=name).order_by("-serial")
    return (newest.values_list("serial", flat=True).first() or 0) + 1


def earlier_passwords(item: StoredAccount) -> QuerySet[LocalSecret]:
    rows = LocalSecret.objects.filter(item=item, name=SecretName.PASSWORD)
    return rows.exclude(replaced_at=None).defer("envelope").order_by("-serial")


def _key(row: WrappedKey) -> dict[str, Any]:
    links = KeyLink.objects.filter(vault=row.vault_id).order_by("-version")
    return {
        "vault": str(row.vault_id),
        "name": row.vault.name,
        "version": row.version,
        "envelope": row.envelope,
        "links": [{"version": link.version, "envelope": link.envelope} for link in links],
    }


def _recipient(kind: str, row: Any, endorsement: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": str(row.pk),
        "person": str(row.identity_id),
        "agreement": row.agreement_key,
        "endorsement": endorsement,
    }
