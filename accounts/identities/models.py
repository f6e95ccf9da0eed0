from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.fields.json import KT
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.authorization.levels import ADMINISTRATORS, OWNER, permissions_of
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import FOR_PEOPLE, Permission
from accounts.lib.names import skeleton
from accounts.roles import reach
from accounts.roles.reach import Carried


class IdentityKind(models.TextChoices):
    PERSON = "person", _("Person")
    SERVICE = "service", _("Service")
    AGENT = "agent", _("Agent")


class Status(models.TextChoices):
    """Whether an identity can be used; derived, never stored. Not whether it can sign in."""

    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")
    DELETED = "deleted", _("Deleted")


class Origin(models.TextChoices):
    """Where an identity came from; later parts add theirs."""

    SETUP = "setup", _("Set-up")
    CONSOLE = "console", _("Made in the console")
    COMMAND = "command", _("Made by a command")
    PROFILE = "profile", _("Made from a source by its identity profile")
    REQUEST = "request", _("Asked for and approved")
    SCIM = "scim", _("Provisioned by SCIM")


def typed_alike(text: str) -> str:
    """The form in which two ways to type one user name are the same text.

    Only case, compatibility forms and spaces around do not matter; a look-alike letter does.
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


UNREGISTERED = models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
"""Those who have set no password yet."""
LACKING = models.Q(email="") | models.Q(last_name="")
"""Those without a value that each identity of a profile should have."""


class IdentityQuerySet(models.QuerySet["Identity"]):
    def existing(self) -> IdentityQuerySet:
        """All but the tombstones of deleted identities."""
        return self.filter(deleted_at=None)

    def active(self) -> IdentityQuerySet:
        return self.existing().filter(disabled_at=None)

    def people(self) -> IdentityQuerySet:
        return self.existing().filter(kind=IdentityKind.PERSON)

    def registered(self) -> IdentityQuerySet:
        """Those who have set a password."""
        return self.existing().exclude(UNREGISTERED)

    def holding(self, level: str) -> IdentityQuerySet:
        return self.filter(level_assignments__level=level)

    def administrators(self) -> IdentityQuerySet:
        """Who holds a user level that administers the tenant, be they active or not."""
        held = LevelAssignment.objects.filter(
            level__in=ADMINISTRATORS, identity=models.OuterRef("pk")
        )
        return self.filter(models.Exists(held))

    def in_status(self, status: str) -> IdentityQuerySet:
        match status:
            case Status.ACTIVE:
                return self.active()
            case Status.DISABLED:
                return self.existing().filter(disabled_at__isnull=False)
            case _:
                return self.none()


class IdentityManager(BaseUserManager["Identity"]):
    def get_queryset(self) -> IdentityQuerySet:
        return IdentityQuerySet(self.model, using=self._db)

    def existing(self) -> IdentityQuerySet:
        return self.get_queryset().existing()

    def active(self) -> IdentityQuerySet:
        return self.get_queryset().active()

    def people(self) -> IdentityQuerySet:
        return self.get_queryset().people()

    def holding(self, level: str) -> IdentityQuerySet:
        return self.get_queryset().holding(level)

    def get_by_natural_key(self, username: str | None) -> Identity:
        """Find who signs in: without regard to case, but never by a look-alike spelling."""
        typed = username or ""
        found = self.existing().get(user_name_key=skeleton(typed))
        if typed_alike(found.user_name) != typed_alike(typed):
            raise self.model.DoesNotExist
        return found


class Identity(AbstractBaseUser):
    """Someone or something that exists in the tenant. Who has set a password signs in with it.

    A deleted identity stays as a tombstone: its id is never given to another, and what the
    audit log and old tokens say of it stays true. Its user name is free again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=IdentityKind.choices)
    user_name = models.CharField(max_length=200)
    user_name_key = models.CharField(max_length=600, editable=False)
    """What keeps user names apart: two that look alike have the same."""
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    display_name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254, blank=True)
    manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports"
    )
    manager_by_hand = models.BooleanField(db_default=False, default=False)
    """That a colleague chose the manager, and no mapping."""
    attributes = models.JSONField(default=dict, blank=True)
    origin = models.CharField(max_length=20, choices=Origin.choices)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_by = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=200, blank=True)
    session_generation = models.PositiveIntegerField(default=0)
    """Sessions carry it; counting it up ends all of them."""
    web_services_only = models.BooleanField(db_default=False, default=False)
    """That it works by its keys and tokens alone, and signs in nowhere."""
    password_set_at = models.DateTimeField(null=True, blank=True)
    password_warned_at = models.DateTimeField(null=True, blank=True)
    """When its owner was told that it expires soon; see `accounts.sign_in.password_age`."""
    password_expired_at = models.DateTimeField(null=True, blank=True)
    """When it was found to be older than it may be."""
    password_exempt_until = models.DateTimeField(null=True, blank=True)
    """Of an account that is no person: from when on the age of its password counts, if ever."""

    USERNAME_FIELD = "user_name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = IdentityManager()

    audit_type = "identity"

    class Meta:
        indexes = [
            models.Index(fields=["display_name", "id"], name="identity_by_display_name"),
            models.Index(fields=["created_at", "id"], name="identity_by_creation"),
            # people are few among the identities of a million accounts
            models.Index(fields=["kind", "display_name", "id"], name="identity_by_kind"),
            models.Index(
                fields=["disabled_at"],
                condition=models.Q(disabled_at__isnull=False),
                name="identity_disabled",
            ),
            models.Index(fields=["email"], name="identity_by_email"),
            models.Index(
                KT("attributes__cloudLifecycleState"),
                "display_name",
                "id",
                condition=models.Q(IsNull(KT("attributes__cloudLifecycleState"), False)),
                name="identity_by_lifecycle_state",
            ),
            # few in a million, each: without these a list of them reads all the others as well
            models.Index(
                fields=["display_name", "id"],
                condition=models.Q(deleted_at=None) & LACKING,
                name="identity_incomplete",
            ),
            models.Index(
                fields=["display_name", "id"], condition=~UNREGISTERED, name="identity_registered"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user_name_key"], name="user_name_taken_once"),
            models.CheckConstraint(
                condition=models.Q(disabled_at=None, disabled_by="")
                | models.Q(disabled_at__isnull=False) & ~models.Q(disabled_by=""),
                name="disabled_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None, deleted_by="")
                | models.Q(deleted_at__isnull=False) & ~models.Q(deleted_by=""),
                name="deleted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's word for: may sign in and use credentials."""
        return self.disabled_at is None and self.deleted_at is None

    @property
    def is_person(self) -> bool:
        return self.kind == IdentityKind.PERSON

    @property
    def is_registered(self) -> bool:
        """Whether a password was set; keys and tokens of a service account need none."""
        return self.has_usable_password()

    @property
    def status(self) -> Status:
        if self.deleted_at is not None:
            return Status.DELETED
        if self.disabled_at is not None:
            return Status.DISABLED
        return Status.ACTIVE

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def label(self) -> str:
        return self.user_name

    @property
    def actor_kind(self) -> str:
        return self.kind

    @property
    def audit_label(self) -> str:
        return self.user_name

    @cached_property
    def levels(self) -> frozenset[str]:
        return frozenset(row.level for row in self.level_assignments.all())

    @cached_property
    def rights_by_roles(self) -> Carried:
        """What the roles carry that it has now, by groups or by itself."""
        return reach.of_identity(self.pk, timezone.now())

    @property
    def carried(self) -> frozenset[Permission]:
        """What its levels and roles allow, whether or not it is active."""
        return permissions_of(self.levels) | self.rights_by_roles.permissions

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        if not self.is_active:
            return frozenset()
        return self.carried if self.is_person else self.carried - FOR_PEOPLE

    @property
    def is_administrator(self) -> bool:
        return not self.levels.isdisjoint(ADMINISTRATORS)

    @property
    def is_owner(self) -> bool:
        """Of the tenant."""
        return OWNER in self.levels

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must have been begun with; also after `SECRET_KEY` was rotated."""
        stamp = f"{self.password}:{self.session_generation}"
        return salted_hmac("steward.session", stamp, secret=secret, algorithm="sha256").hexdigest()

    def forget_cached_rights(self) -> None:
        """Make the next look at levels and permissions read them again."""
        self.__dict__.pop("levels", None)
        self.__dict__.pop("rights_by_roles", None)
        self.__dict__.pop("permissions", None)

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.first_name or self.display_name

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self.forget_cached_rights()


class Purpose(models.TextChoices):
    """What an invitation lets its holder do."""

    FIRST_ADMINISTRATOR = "first_administrator"
    SET_PASSWORD = "set_password"  # noqa: S105  # a purpose, not a secret
    RESET_PASSWORD = "reset_password"  # noqa: S105  # asked for by the person, not by somebody else


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_at(self, now: datetime) -> InvitationQuerySet:
        return self.filter(used_at=None, expires_at__gt=now)

    def to_be_mailed(self, now: datetime) -> InvitationQuerySet:
        return self.open_at(now).filter(sent_at=None, next_try_at__lte=now)

    def withdraw(self, at: datetime) -> None:
        """Make those that are out stop working, and send no other in their place."""
        self.exclude(renew_at=None).update(renew_at=None)
        self.open_at(at).update(used_at=at, next_try_at=None)


class Invitation(models.Model):
    """A single-use link. Only the SHA-256 of its token is kept; it is made when it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    identity = models.ForeignKey(
        Identity, null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    token_hash = models.BinaryField(max_length=32, null=True, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    """When to mail it, or to try again; empty once it is sent or given up."""
    failure = models.CharField(max_length=200, blank=True)
    """Why the last try did not succeed."""
    email = models.CharField(max_length=254, blank=True)
    """Where it goes, or went; the identity may have another address by now."""
    followed = models.BooleanField(default=False)
    """That somebody set a password by it. Else, once it is used up, it was taken back."""
    automatic = models.BooleanField(default=False)
    """That nobody asked for this one by hand."""
    renewals = models.PositiveSmallIntegerField(default=0)
    """How many expired before this one was sent by itself."""
    renew_at = models.DateTimeField(null=True)
    """When another is to be sent by itself; empty where none is."""

    objects = InvitationQuerySet.as_manager()

    audit_type = "invitation"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.FIRST_ADMINISTRATOR, identity=None)
                | ~models.Q(purpose=Purpose.FIRST_ADMINISTRATOR) & models.Q(identity__isnull=False),
                name="invitation_names_whom_it_is_for",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="invitation_to_be_mailed",
            ),
            models.Index(
                fields=["renew_at"],
                condition=models.Q(renew_at__isnull=False),
                name="invitation_to_be_renewed",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at=None, used_at=None) & ~models.Q(failure=""),
                name="invitation_not_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires_at:%Y-%m-%d %H:%M}"

    @property
    def audit_label(self) -> str:
        return self.identity.user_name if self.identity else self.get_purpose_display()

    def is_open_at(self, now: datetime) -> bool:
        return self.used_at is None and self.expires_at > now
