from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.actions import lock
from accounts.identities.models import Origin
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, skeleton
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.models import Identity, Role, ServiceAccount
from accounts.roles import actions as roles
from accounts.roles import assigning
from accounts.roles.actions import RoleDraft
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from tokens.credentials.actions import check_not_submitted, submit_once
from tokens.credentials.models import Credential, KeyOrigin
from tokens.credentials.types import personal_access_token, provisioning_token
from tokens.provisioning import policies

LONGEST_OVERLAP: Final = timedelta(days=7)
"""How long the token before goes on working beside the new one."""

USUAL_LIFE: Final = timedelta(days=365)
LONGEST_LIFE: Final = timedelta(days=366)
"""A year, whichever it is: what keeps everybody's access is not forgotten for longer."""


class Replaced(DomainError):
    """There is a newer token already."""

    code = "token_replaced"

    def __init__(self) -> None:
        super().__init__(_("This token was replaced meanwhile. Open the page again."))


class BadLifetime(DomainError):
    """An end that has passed, or an overlap that is too long."""

    code = "bad_lifetime"


@dataclass(frozen=True)
class Issued:
    """A new token, and its text for the one answer that shows it."""

    account: ServiceAccount
    token: Credential
    secret: OneTimeSecret


def add_client(
    *,
    by: Actor,
    name: str,
    groups: bool,
    expires_at: datetime | None,
    at: datetime,
    submission: uuid.UUID | None = None,
) -> Issued:
    """Make a service account that may provision people, and groups where `groups`, with its token.

    `by` owns it, where a person adds it.

    Raises:
        NotAllowed, AlreadySubmitted, BadLifetime
        NameTaken, BadText, Missing: as for every service account; `field` names what is wrong.
    """
    policies.check_may_manage(by)
    check_not_submitted(submission)
    scopes = [*policies.USERS, *(policies.GROUPS if groups else ())]
    owner = by if isinstance(by, Identity) and by.is_person else None
    details = Details(
        name=clean_name(name),
        description=_("Keeps people and groups of this tenant by SCIM 2.0."),
        owner=owner,
        scopes=scopes,
    )
    with transaction.atomic():
        account = service_accounts.create(by=by, details=details, at=at, origin=Origin.CONSOLE)
        submit_once(submission=submission, identity_id=account.pk, at=at)
        assigning.assign(by=by, identity=account.identity, role=_role(by, at), at=at)
        return _issue(by, account, scopes, expires_at, at)


def rotate(
    *,
    by: Actor,
    token: Credential,
    keep_old_for: timedelta,
    expires_at: datetime | None,
    at: datetime,
    submission: uuid.UUID | None = None,
) -> Issued:
    """Make a token in place of another, which works on for a while; those before it end no later.

    Raises:
        NotAllowed, AlreadySubmitted, BadLifetime
        Replaced: it is not the newest token of its client.
    """
    policies.check_may_manage(by)
    check_not_submitted(submission)
    if not timedelta(0) <= keep_old_for <= LONGEST_OVERLAP:
        raise BadLifetime(_("Keep the old token for at most 7 days."), field="keep_old_for")
    with transaction.atomic():
        holder = lock(token.identity)
        submit_once(submission=submission, identity_id=holder.pk, at=at)
        current = Credential.objects.select_for_update().get(pk=token.pk)
        if current.retires_at is not None:
            raise Replaced
        # also one that was revoked is replaced once, so that two forms make one token
        current.retires_at = at + keep_old_for
        current.save(update_fields=["retires_at"])
        _retire_older(holder.pk, current.retires_at)
        account = ServiceAccount.objects.get(pk=holder.pk)
        return _issue(by, account, current.scopes, expires_at, at, replaced=current)


def _retire_older(holder: uuid.UUID, end: datetime) -> None:
    """Those that an earlier rotation left working would else outlive the one that came after."""
    tokens = Credential.objects.filter(
        identity_id=holder, kind=provisioning_token.PROVISIONING_TOKEN, revoked_at=None
    )
    tokens.filter(retires_at__gt=end).update(retires_at=end)


@transaction.atomic
def revoke(*, by: Actor, token: Credential, at: datetime) -> None:
    """Stop a token for good. Twice is harmless.

    Raises:
        NotAllowed
    """
    policies.check_may_manage(by)
    stop(by=by, token=token, at=at)


def stop(*, by: Actor, token: Credential, at: datetime) -> None:
    """Revoke a token, for the actions that mean it."""
    count = Credential.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=at, revoked_by=by.label[:200]
    )
    token.refresh_from_db()
    if count:
        account = ServiceAccount.objects.get(pk=token.identity_id)
        detail = _told(token)
        record("provisioning_token.revoked", by=by, subject=account, detail=detail, at=at)


@transaction.atomic
def confirm_stored(*, by: Actor, token: Credential, at: datetime) -> None:
    """Note that somebody says they have the token. Twice is harmless.

    Raises:
        NotAllowed
    """
    policies.check_may_manage(by)
    if Credential.objects.filter(pk=token.pk, stored_at=None).update(stored_at=at):
        account = ServiceAccount.objects.get(pk=token.identity_id)
        detail = _told(token)
        record("provisioning_token.stored", by=by, subject=account, detail=detail, at=at)


def _role(by: Actor, at: datetime) -> Role:
    """The role that every client has; an administrator may change what it carries."""
    found = Role.objects.filter(name_key=skeleton(policies.ROLE)).first()
    if found is not None:
        return found
    draft = RoleDraft(
        policies.ROLE,
        _("For programs that keep people and groups by SCIM."),
        permissions=[permission.value for permission in policies.ROLE_PERMISSIONS],
    )
    return roles.create(by=by, draft=draft, at=at)


def _issue(
    by: Actor,
    account: ServiceAccount,
    scopes: Sequence[str],
    expires_at: datetime | None,
    at: datetime,
    replaced: Credential | None = None,
) -> Issued:
    expires_at = expires_at or at + USUAL_LIFE
    if expires_at <= at:
        raise BadLifetime(_("The end must lie in the future."), field="lifetime")
    if expires_at > at + LONGEST_LIFE:
        raise BadLifetime(_("A token lives for a year at most."), field="lifetime")
    token_id = uuid.uuid4()
    plain = provisioning_token.generate(token_id).take()
    token = Credential.objects.create(
        id=token_id,
        identity=account.identity,
        kind=provisioning_token.PROVISIONING_TOKEN,
        name=account.name,
        scopes=list(scopes),
        secret_hash=personal_access_token.digest(plain),
        origin=KeyOrigin.STEWARD,
        created_at=at,
        created_by=by.label[:200],
        made_by_id=by.pk if isinstance(by, Identity) else None,
        expires_at=expires_at,
    )
    detail = _told(token)
    if replaced is not None and replaced.retires_at is not None:
        detail |= {"replaces": str(replaced.pk), "until": replaced.retires_at.isoformat()}
    act = "provisioning_token.created" if replaced is None else "provisioning_token.rotated"
    record(act, by=by, subject=account, detail=detail, at=at)
    return Issued(account, token, OneTimeSecret(plain))


def _told(token: Credential) -> dict[str, Any]:
    """What the audit log holds of a token; nothing by which it could be used."""
    return {
        "credential": str(token.pk),
        "scopes": list(token.scopes),
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
    }
