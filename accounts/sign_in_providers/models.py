from __future__ import annotations

import uuid
from typing import Any, Final

from django.db import models

from accounts.identities.models import Identity
from accounts.sign_in_providers.kinds import kinds
from accounts.sign_in_providers.kinds.base import Kind

NAME_MAX_LENGTH: Final = 60
SUBJECT_MAX_LENGTH: Final = 255
"""Characters; OpenID Connect Core 1.0 section 2 allows no longer `sub`, SAML no longer NameID."""


def kind_choices() -> list[tuple[str, str]]:
    return [(key, str(kind.label)) for key, kind in kinds.items()]


class ProviderQuerySet(models.QuerySet["SignInProvider"]):
    def enabled(self) -> ProviderQuerySet:
        return self.filter(disabled_at=None)

    def in_order(self) -> ProviderQuerySet:
        return self.order_by("name_key", "pk")


class SignInProvider(models.Model):
    """A service of others that says who somebody is; the tenant decides to believe it.

    `issuer` names it for good: what its subjects mean would change with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=kind_choices)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    name_key = models.CharField(max_length=400, editable=False)
    issuer = models.CharField(max_length=500)
    config = models.JSONField(default=dict)
    """The settings that its kind declares."""
    links_by_email = models.BooleanField(default=False)
    """Whether an e-mail address that it has verified finds the identity of a first sign-in."""
    counts_second_factor = models.BooleanField(default=False)
    """Whether a second factor that was asked for there stands in for one here."""
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(null=True, blank=True)
    """When its last answer was believed."""

    objects = ProviderQuerySet.as_manager()

    audit_type = "sign_in_provider"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name_key"], name="sign_in_provider_named_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    @property
    def part(self) -> Kind:
        return kinds.get(self.kind)

    def setting(self, name: str) -> Any:
        return self.config.get(name, "")


class ProviderSecret(models.Model):
    """What Steward proves itself with at a provider, sealed."""

    provider = models.OneToOneField(
        SignInProvider, primary_key=True, on_delete=models.CASCADE, related_name="secret"
    )
    key_id = models.CharField(max_length=40)
    blob = models.BinaryField()
    changed_at = models.DateTimeField()


class SsoLink(models.Model):
    """That an account at a provider and an identity here are one and the same."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(SignInProvider, on_delete=models.CASCADE, related_name="links")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="sso_links")
    subject = models.CharField(max_length=SUBJECT_MAX_LENGTH)
    label = models.CharField(max_length=200, blank=True)
    """What the account is called there."""
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    """When somebody last signed in by it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="sso_subject_linked_once"),
            models.UniqueConstraint(
                fields=["provider", "identity"], name="sso_identity_linked_once_a_provider"
            ),
            models.CheckConstraint(condition=~models.Q(subject=""), name="sso_subject_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.subject}"


class UsedProof(models.Model):
    """An answer of a provider that was taken, until it would have expired: it is taken once."""

    provider = models.ForeignKey(SignInProvider, on_delete=models.CASCADE, related_name="used")
    proof_id = models.CharField(max_length=255)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "proof_id"], name="sso_proof_used_once"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="sso_proof_by_expiry")]

    def __str__(self) -> str:
        return self.proof_id
