from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accounts.audit.actors import Actor
from accounts.identities.models import Origin
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts import policies
from accounts.service_accounts.actions import Details
from tokens.credentials import actions as credentials
from tokens.credentials.actions import Issued, KeyChoice


def create(
    *,
    by: Actor,
    details: Details,
    key: KeyChoice,
    at: datetime,
    submission: uuid.UUID | None = None,
    origin: Origin = Origin.CONSOLE,
) -> Issued:
    """Make a service account and its first key: both, or neither.

    Raises:
        AlreadySubmitted: the form made an account before.
        NameTaken, BadKey, DuplicateKey, DomainError: `field` names what to mend.
    """
    policies.check_may_manage(by)
    credentials.check_not_submitted(submission)
    details.cleaned(account=None, at=at)
    prepared = credentials.prepare(key)
    with transaction.atomic():
        account = service_accounts.create(by=by, details=details, at=at, origin=origin)
        credentials.submit_once(submission=submission, account=account, at=at)
        return credentials.add_key(by=by, account=account, prepared=prepared, at=at)
