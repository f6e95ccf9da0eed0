from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.groups.models import Group, Membership
from accounts.identities.models import Identity, IdentityKind

NAME_MAX_LENGTH = 100
USERNAME_MAX_LENGTH = 254
URL_MAX_LENGTH = 500


class VaultKind(models.TextChoices):
    """Who keeps the key; chosen when a vault is added, and never changed."""

    CLOUD = "cloud", _("Cloud vault")
    LOCAL = "local", _("Local vault")


class MemberRole(models.TextChoices):
    """What somebody is to a local vault."""

    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")


class SecretName(models.TextChoices):
    """What of an account is secret, as local vaults call it."""

    PASSWORD = "password", _("Password")
    NOTES = "notes", _("Notes")
    FIELDS = "fields", _("Custom fields")
    AUTHENTICATOR = "authenticator", _("Authenticator")
    BACKUP_CODE = "backup_code", _("Backup code")


class Vault(models.Model):
    """Where stored accounts are kept. Everybody who may add accounts may use each cloud vault; a
    local one is for its members, see `accounts.vault.local`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    description = models.CharField(max_length=1000, blank=True)
    kind = models.CharField(
        max_length=10, choices=VaultKind.choices, default=VaultKind.CLOUD, editable=False
    )
    key_version = models.PositiveIntegerField(default=0)
    """Of a local vault: which of its keys new ciphertext is under."""
    is_default = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    audit_type = "vault"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="one_default_vault",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="cloud", key_version=0)
                | models.Q(kind="local", key_version__gt=0, is_default=False),
                name="local_vault_has_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_local(self) -> bool:
        return self.kind == VaultKind.LOCAL


class Application(models.Model):
    """An outside application that the tenant added to the catalogue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, unique=True, editable=False)
    url = models.CharField(max_length=URL_MAX_LENGTH, blank=True)
    has_saml = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)

    audit_type = "application"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """How an account of an application comes to be; see `checklist`."""

    PLACEHOLDER = "placeholder", _("Placeholder account")
    IDP_PROVISIONED = "idp_provisioned", _("IdP-provisioned account")
    INDIVIDUAL = "individual", _("Individual account")


class ShareRole(models.TextChoices):
    """What somebody may do with a stored account."""

    OWNER = "owner", _("Owner")
    COLLABORATOR = "collaborator", _("Collaborator")


class StoredAccountQuerySet(models.QuerySet["StoredAccount"]):
    def existing(self) -> StoredAccountQuerySet:
        """All but those that were deleted and can be restored."""
        return self.filter(deleted_at=None)

    def shared_with(
        self, person: Identity, now: datetime, role: ShareRole | None = None
    ) -> StoredAccountQuerySet:
        """Those that somebody owns or has a share of now, by themselves or by a group."""
        shares = Share.objects.current(now).of_person(person, now)
        if role is not None:
            shares = shares.filter(role=role)
        return self.filter(pk__in=shares.values("item_id"))

    def visible_to(self, person: Identity) -> StoredAccountQuerySet:
        """Those of which somebody may know that they exist; of deleted ones those they own.

        Seeing all reaches no local vault: accounts there are for whoever has a part in them, and
        for the owners of the vault, who have its key.
        """
        now = timezone.now()
        if may(person, Permission.VAULT_VIEW_ALL):
            shared = StoredAccount.objects.shared_with(person, now)
            return self.filter(
                models.Q(vault__kind=VaultKind.CLOUD)
                | models.Q(pk__in=shared.values("pk"))
                | models.Q(vault__in=_owned_vaults(person))
            )
        if not may(person, Permission.VAULT_OWN):
            return self.none()
        owned = StoredAccount.objects.shared_with(person, now, ShareRole.OWNER)
        shared = StoredAccount.objects.shared_with(person, now)
        return self.filter(
            models.Q(deleted_at=None, pk__in=shared.values("pk"))
            | models.Q(pk__in=owned.values("pk"))
            | models.Q(vault__in=_owned_vaults(person))
        )

    def orphaned(self, now: datetime) -> StoredAccountQuerySet:
        """Those of which nobody who can sign in is an owner."""
        alive = Share.objects.held_by_somebody(now).filter(role=ShareRole.OWNER)
        return self.existing().exclude(pk__in=alive.values("item_id"))


def _owned_vaults(person: Identity) -> models.QuerySet[Vault, Vault]:
    return Vault.objects.filter(
        local_members__identity=person, local_members__role=MemberRole.OWNER
    )


class StoredAccount(models.Model):
    """An account of an outside application. What is secret of it stands sealed in other tables."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vault = models.ForeignKey(Vault, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    label = models.CharField(max_length=NAME_MAX_LENGTH)
    application = models.CharField(max_length=NAME_MAX_LENGTH)
    url = models.CharField(max_length=URL_MAX_LENGTH, blank=True)
    username = models.CharField(max_length=USERNAME_MAX_LENGTH, blank=True)
    username_set_at = models.DateTimeField()
    collection = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)
    may_be_requested = models.BooleanField(default=False)
    """Whether people may ask for a share of it; an owner decides together with their manager."""
    rotate_every_days = models.PositiveSmallIntegerField(null=True, blank=True)
    rotation_due_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    """When its owners were last reminded that its password is due."""
    set_up_at = models.DateTimeField(null=True, blank=True)
    """When an owner said that the account exists in the application."""
    set_up_by = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, blank=True)

    objects = StoredAccountQuerySet.as_manager()

    audit_type = "stored_account"

    class Meta:
        indexes = [
            models.Index(fields=["label", "id"], name="stored_account_by_label"),
            models.Index(fields=["changed_at", "id"], name="stored_account_by_change"),
            models.Index(
                fields=["rotation_due_at"],
                condition=models.Q(rotation_due_at__isnull=False, deleted_at=None),
                name="stored_account_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deleted_at=None, deleted_by="")
                | models.Q(deleted_at__isnull=False) & ~models.Q(deleted_by=""),
                name="stored_account_deleted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def audit_label(self) -> str:
        return self.label


class StoredPassword(models.Model):
    """A password of a stored account, sealed: the one in force, or one that was replaced."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="passwords")
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=200)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=models.Q(replaced_at=None),
                name="one_password_in_force",
            ),
        ]
        indexes = [models.Index(fields=["key_id", "id"], name="password_by_sealing_key")]

    def __str__(self) -> str:
        return f"{self.item_id} since {self.set_at:%Y-%m-%d %H:%M}"


class SealedField(models.Model):
    """A text of a stored account that is kept sealed, such as its notes."""

    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="sealed_fields")
    name = models.CharField(max_length=20)
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="sealed_field_once"),
        ]
        indexes = [models.Index(fields=["key_id", "id"], name="field_by_sealing_key")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.name}"


class ShareQuerySet(models.QuerySet["Share"]):
    def current(self, now: datetime) -> ShareQuerySet:
        """Those that have not run out."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=now))

    def of_person(self, person: Identity, now: datetime) -> ShareQuerySet:
        """Those that a person has by themselves, or by a group that they belong to now."""
        groups = Membership.objects.current(now).filter(identity=person).values("group_id")
        return self.filter(models.Q(identity=person) | models.Q(group__in=groups))

    def held_by_somebody(self, now: datetime) -> ShareQuerySet:
        """Those of a person who can sign in, or of a group with such a member; without an end."""
        able = Identity.objects.active().filter(kind=IdentityKind.PERSON)
        members = Membership.objects.current(now).filter(identity__in=able.values("pk"))
        return self.filter(until=None).filter(
            models.Q(identity__in=able.values("pk"))
            | models.Q(group__in=members.values("group_id"))
        )


class Share(models.Model):
    """That a person or a group has a part in a stored account; without effect from `until` on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="shares")
    identity = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="vault_shares",
    )
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.PROTECT, related_name="vault_shares"
    )
    """A group is deleted after its shares, each of which leaves an event; see `of_groups`."""
    role = models.CharField(max_length=20, choices=ShareRole.choices)
    until = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(identity=None, group__isnull=False)
                | models.Q(identity__isnull=False, group=None),
                name="share_of_person_or_group",
            ),
            models.UniqueConstraint(fields=["item", "identity"], name="person_shares_once"),
            models.UniqueConstraint(fields=["item", "group"], name="group_shares_once"),
        ]
        indexes = [
            models.Index(
                fields=["until"], condition=models.Q(until__isnull=False), name="share_by_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.identity_id or self.group_id} {self.role}"

    @property
    def name(self) -> str:
        """Whose it is, as pages show it."""
        return self.identity.display_name if self.identity else str(self.group)

    @property
    def label(self) -> str:
        """Whose it is, as the audit log keeps it."""
        return self.identity.user_name if self.identity else str(self.group)
