"""What clients call people and groups; nobody sees the names that another client gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from scim2_models import InvalidValueException, UniquenessException

from accounts.models import Group, Identity
from tokens.doors.scim.models import EXTERNAL_ID_MAX_LENGTH, ExternalId


def of_identities(client: Identity, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    found = ExternalId.objects.filter(client=client, identity__in=list(ids))
    return dict(found.values_list("identity_id", "value"))


def of_groups(client: Identity, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    found = ExternalId.objects.filter(client=client, group__in=list(ids))
    return dict(found.values_list("group_id", "value"))


def set_of_identity(client: Identity, identity: Identity, value: str | None) -> None:
    _set(client, value, identity=identity)


def set_of_group(client: Identity, group: Group, value: str | None) -> None:
    _set(client, value, group=group)


def forget_identity(identity: Identity) -> None:
    """A tombstone keeps none, so that whoever comes back may have the same."""
    ExternalId.objects.filter(identity=identity).delete()


def _set(client: Identity, value: str | None, **what: Any) -> None:
    """Raises UniquenessException: the client calls another one so."""
    there = ExternalId.objects.filter(client=client, **what)
    if not value:
        there.delete()
        return
    if len(value) > EXTERNAL_ID_MAX_LENGTH:
        message = _("An externalId has at most %(most)d characters.")
        raise InvalidValueException(detail=message % {"most": EXTERNAL_ID_MAX_LENGTH})
    # who was deleted elsewhere, by whatever act, keeps no name: the directory brings them back
    gone = ExternalId.objects.filter(client=client, value=value)
    gone.filter(identity__deleted_at__isnull=False).delete()
    try:
        with transaction.atomic():
            ExternalId.objects.update_or_create(client=client, **what, defaults={"value": value})
    except IntegrityError as error:
        raise UniquenessException(detail=_("Another one has this externalId already.")) from error
