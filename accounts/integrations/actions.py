from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.integrations import policies
from accounts.integrations.models import (
    APPLICATION_MAX_LENGTH,
    CLIENT_MAX_LENGTH,
    CONTACT_MAX_LENGTH,
    NAME_MAX_LENGTH,
    NOTES_MAX_LENGTH,
    Environment,
    Integration,
)
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.service_accounts.actions import AccountGone
from accounts.service_accounts.models import ServiceAccount

MOST_OF_AN_ACCOUNT: Final = 200
"""A service account that more programs share is no least privilege, and its lists no help."""
MOST_SCOPES: Final = 200


class NameTaken(DomainError):
    """Another integration of the account has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        message = _("This account already has an integration named “%(name)s”. Choose another.")
        super().__init__(message % {"name": name}, field="name")


class TooMany(DomainError):
    """There are as many as there may be."""

    code = "too_many"


class IntegrationGone(DomainError):
    """The integration was removed meanwhile."""

    code = "integration_gone"

    def __init__(self) -> None:
        super().__init__(_("This integration has been removed."))


class EditConflict(DomainError):
    """Somebody else changed the integration since the form was opened."""

    code = "edit_conflict"

    def __init__(self, integration: Integration) -> None:
        super().__init__(
            _(
                "Someone else changed this integration while you were editing it. Compare the "
                "values below, then save again to replace them with yours."
            )
        )
        self.integration = integration
        """The integration as it stands now."""


@dataclass(frozen=True)
class IntegrationDraft:
    """An integration as somebody wants it."""

    name: str
    application: str
    environment: Environment = Environment.PRODUCTION
    owner: Identity | None = None
    contact: str = ""
    scopes: Sequence[str] = ()
    client: str = ""
    address: str = ""
    notes: str = ""

    def cleaned(self, integration: Integration | None = None) -> dict[str, Any]:
        policies.check_owner(self.owner, integration=integration)
        if len(self.scopes) > MOST_SCOPES:
            message = _("An integration needs at most %(most)d scopes.") % {"most": MOST_SCOPES}
            raise TooMany(message, field="scopes")
        had = list(integration.scopes) if integration is not None else []
        kept = sorted(self.scopes) == sorted(had)
        name = clean_name(self.name, max_length=NAME_MAX_LENGTH)
        return {
            "name": name,
            "name_key": skeleton(name),
            "application": clean_name(
                self.application, max_length=APPLICATION_MAX_LENGTH, field="application"
            ),
            "environment": Environment(self.environment),
            "owner": self.owner,
            "contact": _line(self.contact, CONTACT_MAX_LENGTH, "contact"),
            # a scope that the catalogue has lost meanwhile stops no other edit
            "scopes": had if kept else policies.check_scopes(self.scopes),
            "client": _line(self.client, CLIENT_MAX_LENGTH, "client"),
            "address": policies.clean_address(self.address),
            "notes": clean_text(
                self.notes, max_length=NOTES_MAX_LENGTH, multiline=True, field="notes"
            ),
        }


def _line(value: str, most: int, field: str) -> str:
    return clean_text(value, max_length=most, multiline=False, field=field)


def declare(
    *, by: Actor, account: ServiceAccount, draft: IntegrationDraft, at: datetime
) -> Integration:
    """Say that a program uses an account.

    Raises:
        NotAllowed, AccountGone, TooMany, IdentityGone
        BadText, BadOwner, BadAddress, BadScopes, NameTaken: `field` names what is wrong.
    """
    policies.check_may_declare(by, account)
    values = draft.cleaned()
    with transaction.atomic():
        _lock_owner(draft)
        current = _locked(by, account)
        if current.integrations.count() >= MOST_OF_AN_ACCOUNT:
            said = _("This account has %(most)d integrations. Remove one first.")
            raise TooMany(said % {"most": MOST_OF_AN_ACCOUNT})
        integration = Integration(
            account=current, created_at=at, created_by=by.label[:200], changed_at=at, **values
        )
        _save(integration)
        record("integration.declared", by=by, subject=integration, after=told(integration), at=at)
    return integration


def edit(
    *,
    by: Actor,
    integration: Integration,
    draft: IntegrationDraft,
    revision: int,
    at: datetime,
) -> Integration:
    """Change an integration that nobody changed since `revision` was read.

    Raises:
        EditConflict, IntegrationGone, and as `declare`.
    """
    policies.check_may_declare(by, integration.account)
    with transaction.atomic():
        _lock_owner(draft)
        current = _of_locked(by, integration)
        if current.revision != revision:
            raise EditConflict(current)
        before = told(current)
        for name, value in draft.cleaned(current).items():
            setattr(current, name, value)
        after = told(current)
        if after == before:
            return current
        current.revision += 1
        current.changed_at = at
        _save(current)
        old, new = differing(before, after)
        record("integration.edited", by=by, subject=current, before=old, after=new, at=at)
    return current


@transaction.atomic
def remove(
    *, by: Actor, integration: Integration, at: datetime, revision: int | None = None
) -> None:
    """Say that a program uses the account no more; the account itself stays as it is.

    Raises:
        NotAllowed, AccountGone, IntegrationGone
        EditConflict: somebody changed it since `revision` was read.
    """
    policies.check_may_declare(by, integration.account)
    current = _of_locked(by, integration)
    if revision not in (None, current.revision):
        raise EditConflict(current)
    record("integration.removed", by=by, subject=current, before=told(current), at=at)
    current.delete()


def told(integration: Integration) -> dict[str, Any]:
    """An integration as the audit log keeps it."""
    owner = integration.owner
    return {
        "service_account": integration.account.name,
        "name": integration.name,
        "application": integration.application,
        "environment": str(integration.environment),
        "owner": owner.user_name if owner else None,
        "contact": integration.contact,
        "scopes": list(integration.scopes),
        "client": integration.client,
        "address": integration.address,
        "notes": integration.notes,
    }


def _lock_owner(draft: IntegrationDraft) -> None:
    """Identities come before service accounts."""
    if draft.owner is not None:
        lock(draft.owner)


def _locked(by: Actor, account: ServiceAccount) -> ServiceAccount:
    """The account as it stands, locked: whoever owns it no more declares nothing of it."""
    rows = ServiceAccount.objects.existing().select_for_update(of=("self",))
    found = rows.filter(pk=account.pk).first()
    if found is None:
        raise AccountGone
    policies.check_may_declare(by, found)
    return found


def _of_locked(by: Actor, integration: Integration) -> Integration:
    _locked(by, integration.account)
    rows = Integration.objects.select_related("account", "owner")
    found = rows.filter(pk=integration.pk).first()
    if found is None:
        raise IntegrationGone
    return found


def _save(integration: Integration) -> None:
    try:
        with transaction.atomic():
            integration.save()
    except IntegrityError as error:
        same = Integration.objects.filter(
            account=integration.account_id, name_key=integration.name_key
        )
        other = same.exclude(pk=integration.pk).first()
        raise NameTaken(other.name if other else integration.name) from error
