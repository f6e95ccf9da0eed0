"""Several people and service accounts that somebody chose, for what is done to both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may, may
from accounts.identities import actions as identities_
from accounts.identities import policies
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.service_accounts import actions


class NoAccount(DomainError):
    """An agent is neither a person nor a service account."""

    code = "no_account"

    def __init__(self) -> None:
        super().__init__(_("This is neither a person nor a service account."))


def disable(*, by: Actor, identities: Iterable[Identity], at: datetime) -> dict[UUID, str]:
    """Disable each by itself, where that may be; answers why not, "" for those that are disabled.

    In one order, so that two of these at once do not wait for each other.

    Raises:
        NotAllowed: they may disable neither people nor service accounts.
    """
    if not may(by, Permission.SERVICE_ACCOUNT_MANAGE):
        check_may(by, Permission.IDENTITY_DISABLE)
    found = {}
    chosen = sorted(identities, key=lambda identity: identity.pk)
    if connection.in_atomic_block:
        # the locks of each then last until all are done: administrators' rows, which come after
        # identities, must not be held while the next identity is waited for
        rows = Identity.objects.get_queryset().filter(pk__in=[each.pk for each in chosen])
        list(rows.order_by("pk").select_for_update().values_list("pk"))
    for identity in chosen:
        try:
            with transaction.atomic():
                _disable(by, identity, at)
        except DomainError as error:
            found[identity.pk] = error.message
        else:
            found[identity.pk] = ""
    return found


def _disable(by: Actor, identity: Identity, at: datetime) -> None:
    if identity.is_person:
        identities_.disable(by=by, identity=identity, at=at)
        return
    if not hasattr(identity, "service_account"):
        raise NoAccount
    policies.check_may_act_on(by, identity, Permission.SERVICE_ACCOUNT_MANAGE)
    policies.check_not_oneself(by, identity)
    actions.disable(by=by, account=identity.service_account, at=at)
