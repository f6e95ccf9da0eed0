from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identities.models import Identity
from accounts.letters.models import Letter
from accounts.vault.models import StoredAccount

ADDRESS_MAX_LENGTH = 254
NUMBER_MAX_LENGTH = 16
"""A plus sign and at most 15 digits (E.164)."""
DIGEST_LENGTH = 64


class Mailbox(models.Model):
    """An address on the tenant's domain that is a stored account's for ever: a closed one is given
    to no other, or that would get the codes of the first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="mailboxes")
    address = models.CharField(max_length=ADDRESS_MAX_LENGTH, unique=True)
    """In small letters."""
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    """When it was last noted that mail came although nothing is taken any more."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(closed_at=None), name="one_open_mailbox"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by="")
                | models.Q(closed_at__isnull=False) & ~models.Q(closed_by=""),
                name="mailbox_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class PhoneNumber(models.Model):
    """A number that the tenant has rented, free or in use by one stored account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=NUMBER_MAX_LENGTH, unique=True)
    """As E.164 has it: +12015550123."""
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)
    item = models.OneToOneField(
        StoredAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="phone_number"
    )
    taken_at = models.DateTimeField(null=True, blank=True)

    audit_type = "phone_number"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(item=None, taken_at=None)
                | models.Q(item__isnull=False, taken_at__isnull=False),
                name="number_taken_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_label(self) -> str:
        return self.number


class ForwardTo(models.TextChoices):
    """Who gets a copy of each message by mail."""

    NOBODY = "nobody", _("Nobody")
    ONE = "one", _("Me")
    OWNERS = "owners", _("All owners")
    EVERYBODY = "everybody", _("All owners and collaborators")


class Forwarding(models.Model):
    """Who gets copies of what arrives for a stored account; none where there is no row."""

    item = models.OneToOneField(
        StoredAccount, on_delete=models.CASCADE, primary_key=True, related_name="forwarding"
    )
    to = models.CharField(max_length=10, choices=ForwardTo.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    with_codes = models.BooleanField(default=False)
    """Whether messages that hold a code are forwarded as well."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to="one", person__isnull=False)
                | ~models.Q(to="one") & models.Q(person=None),
                name="forwarded_to_one_names_them",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} to {self.to}"


class MessageKind(models.TextChoices):
    MAIL = "mail", _("E-mail")
    SMS = "sms", _("SMS")


class MessageQuerySet(models.QuerySet["ReceivedMessage"]):
    def visible_to(self, person: Identity) -> MessageQuerySet:
        """Those of accounts that somebody owns or has a share of now; nobody sees more by
        permission."""
        items = StoredAccount.objects.existing().visible_to(person)
        shared = items.shared_with(person, timezone.now())
        return self.filter(item__in=shared.values("pk"))


class ReceivedMessage(models.Model):
    """What arrived for a stored account: its sender, subject and text are sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(StoredAccount, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    recipient = models.CharField(max_length=ADDRESS_MAX_LENGTH)
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    has_code = models.BooleanField()
    size_bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    """Of recipient and Message-ID: what is delivered again is not stored again."""
    delivery = models.CharField(max_length=DIGEST_LENGTH, unique=True, null=True, blank=True)
    """Of what a provider calls one delivery: a signature that covers no more than that is good
    for one message."""
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    """When somebody first looked at it."""

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["item", "-received_at", "-id"], name="message_of_item"),
            models.Index(fields=["received_at", "id"], name="message_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} at {self.received_at:%Y-%m-%d %H:%M}"

    def age_seconds(self, now: datetime) -> int:
        return max(0, int((now - self.received_at).total_seconds()))


class MessageLetter(Letter):
    """A copy of a message to somebody who has a part in its account."""

    message = models.ForeignKey(ReceivedMessage, on_delete=models.CASCADE, related_name="letters")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "recipient"], name="one_copy_of_a_message"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="message_letter_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.recipient_id}"


class WebhookSecret(models.Model):
    """By what we know a provider that brings messages, sealed."""

    provider = models.CharField(max_length=20, primary_key=True)
    key_id = models.CharField(max_length=16)
    blob = models.BinaryField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=200)

    audit_type = "webhook_secret"

    def __str__(self) -> str:
        return self.provider

    @property
    def audit_label(self) -> str:
        return self.provider
