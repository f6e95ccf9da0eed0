"""Whose manager somebody is: who decides about what they ask for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.identities import policies
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError


class BadManager(DomainError):
    """The person chosen cannot be this one's manager."""

    code = "bad_manager"


@transaction.atomic
def set_manager(
    *,
    by: Actor,
    identity: Identity,
    manager: Identity | None,
    at: datetime,
    disabled_too: bool = False,
) -> Identity:
    """Give an identity a manager, or none. Nobody chooses who decides about their own requests.

    Of whoever may do more in the console than anybody may, the manager that a mapping chose is
    confirmed by choosing the same. `disabled_too` is for directories, which name somebody as long
    as nobody else is named.

    Raises:
        NotAllowed, AboveOneself, OwnLevels, IdentityGone
        OwnedElsewhere: a mapping says who the manager is.
        BadManager: `field` names it.
    """
    current = lock(identity)
    policies.check_may_act_on(by, current, Permission.IDENTITY_MANAGE)
    policies.check_not_oneself(by, current)
    if origin := policies.not_edited_by_hand(current).get("manager"):
        raise policies.OwnedElsewhere("manager", origin)
    if manager is not None and (
        manager.pk == current.pk
        or not manager.is_person
        or not (manager.is_active or (disabled_too and manager.deleted_at is None))
    ):
        message = _("Choose another person who can sign in.")
        raise BadManager(message, field="manager")
    old = current.manager
    same = (old.pk if old else None) == (manager.pk if manager else None)
    if same and (current.manager_by_hand or not policies.may_more_than_anybody(current)):
        return current
    Identity.objects.get_queryset().filter(pk=current.pk).update(
        manager=manager, manager_by_hand=True, changed_at=at
    )
    record(
        "identity.manager_set",
        by=by,
        subject=current,
        before={"manager": old.user_name if old else None},
        after={"manager": manager.user_name if manager else None},
        at=at,
    )
    current.refresh_from_db()
    return current
