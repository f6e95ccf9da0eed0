from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.groups.models import Group
from accounts.identities.models import Identity, IdentityKind
from accounts.lib import tries, web
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.lifecycle_integrations import secrets
from accounts.lifecycle_integrations.connectors import connectors
from accounts.lifecycle_integrations.connectors.base import Refused, Stopped
from accounts.lifecycle_integrations.models import (
    NAME_MAX_LENGTH,
    URL_MAX_LENGTH,
    LifecycleIntegration,
    LifecycleRun,
)
from accounts.lifecycle_integrations.secrets import BadSecret
from accounts.lifecycle_integrations.states import (
    NOT_TESTED,
    OPEN,
    Auth,
    Leavers,
    RunState,
    Status,
)
from accounts.vault.models import ShareRole, StoredAccount

MOST_GROUPS: Final = 100


class BadSettings(DomainError):
    """`field` names what is wrong."""

    code = "bad_settings"


class NameTaken(DomainError):
    """Another integration has this name, or one that looks like it."""

    code = "name_taken"


class IntegrationGone(DomainError):
    """It was deleted meanwhile."""

    code = "integration_gone"

    def __init__(self) -> None:
        super().__init__(_("This integration has been deleted."))


class ChangedMeanwhile(DomainError):
    """Somebody else changed it since the form was opened."""

    code = "edit_conflict"

    def __init__(self) -> None:
        super().__init__(_("Someone else changed this integration. Open the page again."))


class NotTested(DomainError):
    """The connection was not found to work since it was last changed."""

    code = "not_tested"

    def __init__(self) -> None:
        super().__init__(_("Test the connection first."))


@dataclass(frozen=True)
class Connection:
    """Where an application is and what it is shown: a typed secret, or an account in the vault.

    With neither, what is stored is kept.
    """

    url: str
    auth: Auth = Auth.BEARER
    username: str = ""
    secret: str = ""
    item: StoredAccount | None = None


@dataclass(frozen=True)
class Rules:
    """Who should have an account, and what becomes of those who should have none any more."""

    groups: Sequence[Group]
    owner: Identity | None
    leavers: Leavers = Leavers.DEACTIVATE
    adopt: bool = False
    threshold_percent: int = 20


def create(
    *, by: Actor, name: str, application: str, connector: str, at: datetime
) -> LifecycleIntegration:
    """Begin an integration; it does nothing before its connection is tested.

    Raises:
        NotAllowed, UnknownPart
        BadText, NameTaken: `field` names what is wrong.
    """
    check_may(by, Permission.TENANT_MANAGE)
    connectors.get(connector)
    clean = clean_name(name, max_length=NAME_MAX_LENGTH)
    made = LifecycleIntegration(
        name=clean,
        name_key=skeleton(clean),
        application=clean_name(application, max_length=NAME_MAX_LENGTH, field="application"),
        connector=connector,
        owner=by if isinstance(by, Identity) and by.kind == IdentityKind.PERSON else None,
        created_at=at,
        created_by=by.label[:200],
        changed_at=at,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            told = {"connector": connector, "application": made.application}
            record("lifecycle_integration.created", by=by, subject=made, after=told, at=at)
    except IntegrityError as error:
        message = _("There is an integration named “%(name)s” already. Choose another name.")
        raise NameTaken(message % {"name": clean}, field="name") from error
    return made


def lock(lifecycle: LifecycleIntegration, revision: int | None = None) -> LifecycleIntegration:
    """Its row, held until the transaction ends.

    Raises:
        IntegrationGone, ChangedMeanwhile
    """
    rows = LifecycleIntegration.objects.select_for_update(of=("self",))
    found = rows.filter(pk=lifecycle.pk).first()
    if found is None:
        raise IntegrationGone
    if revision is not None and found.revision != revision:
        raise ChangedMeanwhile
    return found


@transaction.atomic
def set_connection(
    *, by: Actor, lifecycle: LifecycleIntegration, wanted: Connection, revision: int, at: datetime
) -> LifecycleIntegration:
    """Say where the application is; it is to be tested again.

    Raises:
        NotAllowed, IntegrationGone, ChangedMeanwhile
        BadSettings, BadSecret, BadText: `field` names what is wrong.
    """
    check_may(by, Permission.TENANT_MANAGE)
    found = lock(lifecycle, revision)
    before = _told(found)
    url = _clean_url(wanted.url)
    username = clean_text(wanted.username, max_length=254, multiline=False, field="username")
    moved = (url, wanted.auth) != (found.url, found.auth) or username != found.username
    found.url, found.auth, found.username = url, Auth(wanted.auth), username
    if wanted.item is not None:
        _check_item(by, wanted.item, at)
        found.item = wanted.item
        secrets.forget(found)
    elif wanted.secret:
        found.item = None
        secrets.put(found, wanted.secret, at=at)
    elif moved or not found.has_secret:
        message = _("Type the secret again, because it would be sent elsewhere than before.")
        if not found.has_secret:
            message = _("Type the secret, or choose an account of yours in the vault.")
        raise BadSecret(message, field="secret")
    _reset(found, at)
    old, new = differing(before, _told(found))
    if wanted.secret:
        new = new | {"secret": "changed"}
    record(
        "lifecycle_integration.connection_set", by=by, subject=found, before=old, after=new, at=at
    )
    return found


def _told(lifecycle: LifecycleIntegration) -> dict[str, Any]:
    return {
        "url": lifecycle.url,
        "auth": str(lifecycle.auth),
        "username": lifecycle.username,
        "stored_account": str(lifecycle.item_id or ""),
    }


def _clean_url(url: str) -> str:
    clean = url.strip().rstrip("/")
    try:
        web.check(clean)
    except web.CannotReach as error:
        raise BadSettings(error.message, field="url") from error
    if len(clean) > URL_MAX_LENGTH or urlsplit(clean).query or urlsplit(clean).fragment:
        message = _("Type the address without what follows a question mark or a hash sign.")
        raise BadSettings(message, field="url")
    return clean


def _check_item(by: Actor, item: StoredAccount, at: datetime) -> None:
    """Who sees its password anyway may have it sent."""
    owned = StoredAccount.objects.existing()
    if isinstance(by, Identity):
        owned = owned.shared_with(by, at, ShareRole.OWNER)
    if not owned.filter(pk=item.pk, passwords__replaced_at=None).exists():
        message = _("Choose an account in the vault that you own and that has a password.")
        raise BadSettings(message, field="item")


def _reset(lifecycle: LifecycleIntegration, at: datetime) -> None:
    lifecycle.status, lifecycle.status_text = Status.UNDER_VALIDATION, ""
    lifecycle.next_sync_at = None
    lifecycle.revision += 1
    lifecycle.changed_at = at
    lifecycle.save()
    _end_open(lifecycle, at)


def _end_open(lifecycle: LifecycleIntegration, at: datetime) -> None:
    """What was planned for other settings is not done; a job that is at it finds out by itself."""
    rows = LifecycleRun.objects.filter(integration=lifecycle, state__in=OPEN)
    rows.update(state=RunState.CANCELLED, finished_at=at)


@transaction.atomic
def set_rules(
    *, by: Actor, lifecycle: LifecycleIntegration, wanted: Rules, revision: int, at: datetime
) -> LifecycleIntegration:
    """Say who should have an account; from then on a person begins the first synchronization.

    Raises:
        NotAllowed, IntegrationGone, ChangedMeanwhile
        BadSettings: `field` names what is wrong.
    """
    check_may(by, Permission.TENANT_MANAGE)
    found = lock(lifecycle, revision)
    _check_rules(found, wanted)
    before = _ruled(found)
    found.leavers, found.adopt = Leavers(wanted.leavers), wanted.adopt
    found.threshold_percent, found.owner = wanted.threshold_percent, wanted.owner
    found.next_sync_at = None
    if found.status not in NOT_TESTED:
        found.status, found.status_text = Status.VALIDATED, ""
    found.revision += 1
    found.changed_at = at
    found.save()
    found.groups.set(wanted.groups)
    _end_open(found, at)
    old, new = differing(before, _ruled(found))
    record("lifecycle_integration.rules_set", by=by, subject=found, before=old, after=new, at=at)
    return found


def _check_rules(lifecycle: LifecycleIntegration, wanted: Rules) -> None:
    if not wanted.groups or len(wanted.groups) > MOST_GROUPS:
        message = _("Choose 1 to %(most)d groups.") % {"most": MOST_GROUPS}
        raise BadSettings(message, field="groups")
    if not 1 <= wanted.threshold_percent <= 100:
        message = _("Type a whole number from 1 to 100.")
        raise BadSettings(message, field="threshold_percent")
    owner = wanted.owner
    if owner is None or owner.pk == lifecycle.owner_id:
        return
    if owner.kind != IdentityKind.PERSON or not owner.is_active:
        message = _("The owner must be a person who can sign in. Choose someone else.")
        raise BadSettings(message, field="owner")


def _ruled(lifecycle: LifecycleIntegration) -> dict[str, Any]:
    return {
        "groups": list(lifecycle.groups.order_by("name", "pk").values_list("name", flat=True)),
        "leavers": str(lifecycle.leavers),
        "adopt": lifecycle.adopt,
        "threshold_percent": lifecycle.threshold_percent,
        "owner": lifecycle.owner.label if lifecycle.owner else "",
    }


def validate(*, by: Actor, lifecycle: LifecycleIntegration, at: datetime) -> str:
    """Connect to the application and note how that went; answers what was found.

    Outside of any transaction: it may take as long as the application takes.

    Raises:
        NotAllowed, IntegrationGone, TooManyTries, BadSecret
        Stopped, Refused: the application is no use as it is set up.
    """
    check_may(by, Permission.TENANT_MANAGE)
    if isinstance(by, Identity):
        tries.count("try_source", user=by, key=f"{by.pk}:{lifecycle.pk}")
    try:
        found = connectors.get(lifecycle.connector).check(secrets.access(lifecycle))
    except (Stopped, Refused, BadSecret) as error:
        _note_validated(by, lifecycle, failure=error.message, at=at)
        raise
    _note_validated(by, lifecycle, failure="", at=at)
    return found


@transaction.atomic
def _note_validated(
    by: Actor, lifecycle: LifecycleIntegration, *, failure: str, at: datetime
) -> None:
    found = lock(lifecycle, lifecycle.revision)
    if failure:
        found.status, found.status_text = Status.VALIDATION_FAILED, failure[:500]
        found.next_sync_at = None
        record(
            "lifecycle_integration.validation_failed", by=by, subject=found, reason=failure, at=at
        )
    else:
        if found.status in NOT_TESTED:
            found.status, found.status_text = Status.VALIDATED, ""
        record("lifecycle_integration.validated", by=by, subject=found, at=at)
    found.save(update_fields=["status", "status_text", "next_sync_at"])
    lifecycle.status, lifecycle.status_text = found.status, found.status_text


@transaction.atomic
def pause(*, by: Actor, lifecycle: LifecycleIntegration, at: datetime) -> None:
    """Change nothing in the application until it is resumed. Twice is harmless."""
    check_may(by, Permission.TENANT_MANAGE)
    found = lock(lifecycle)
    if found.paused_at is None:
        found.paused_at = at
        found.save(update_fields=["paused_at"])
        record("lifecycle_integration.paused", by=by, subject=found, at=at)


@transaction.atomic
def resume(*, by: Actor, lifecycle: LifecycleIntegration, at: datetime) -> None:
    """Go on, with the members of now. Twice is harmless."""
    check_may(by, Permission.TENANT_MANAGE)
    found = lock(lifecycle)
    if found.paused_at is not None:
        found.paused_at = None
        found.save(update_fields=["paused_at"])
        record("lifecycle_integration.resumed", by=by, subject=found, at=at)


@transaction.atomic
def delete(*, by: Actor, lifecycle: LifecycleIntegration, at: datetime) -> None:
    """Forget it, with its secret and its links; the accounts in the application stay."""
    check_may(by, Permission.TENANT_MANAGE)
    found = lock(lifecycle)
    links = found.links.count()
    record("lifecycle_integration.deleted", by=by, subject=found, detail={"links": links}, at=at)
    found.delete()
