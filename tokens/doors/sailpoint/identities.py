"""Identities: read, invited, reset, processed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse

from accounts.identities import actions, inviting, queries, registration, resetting
from accounts.identities.models import UNREGISTERED, IdentityQuerySet
from accounts.identities.registration import Registration
from accounts.models import Identity, IdentityLifecycle
from accounts.profiles import queries as profiles
from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.processing import actions as processing
from accounts.profiles.world import values_of
from tokens.doors.sailpoint import tasks
from tokens.doors.sailpoint.calls import Call, as_id, one_of, reference, stamp, task_reference
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import Refused, answer, done
from tokens.doors.sailpoint.fields import NOTHING, Absent, Column, Derived, Kind, either, worded

MOST_PROCESSED: Final = 250
"""Identities of one call, as the vendor says."""

STATUS: Final = {
    Registration.REGISTERED: "REGISTERED",
    Registration.INVITED: "PENDING",
    Registration.EXPIRED: "UNREGISTERED",
    Registration.NOT_INVITED: "UNREGISTERED",
}
DISABLED: Final = "DISABLED"
_ENABLED: Final = Q(disabled_at=None)
_CLOUD_STATUS: Final = {
    "REGISTERED": _ENABLED & ~UNREGISTERED,
    "UNREGISTERED": _ENABLED & UNREGISTERED,
    DISABLED: ~_ENABLED,
}
_REPORTS: Final = Identity.objects.existing().filter(manager=OuterRef("pk"))

IDENTITIES: Final = Collection(
    order=("display_name", "id"),
    fields={
        "id": Column("id", "eq in", Kind.ID),
        "name": Column("display_name", "eq sw"),
        "alias": Column("user_name", "eq sw"),
        "firstname": Column("first_name", "eq sw"),
        "lastname": Column("last_name", "eq sw"),
        "email": Column("email", "eq sw"),
        "cloudStatus": Derived(_CLOUD_STATUS, "eq"),
        "processingState": Absent("eq"),
        # every identity has come from an account, or was made to be one
        "correlated": either(~NOTHING),
        "protected": either(NOTHING),
    },
    sorters={
        "name": "display_name",
        "alias": "user_name",
        "cloudStatus": worded(_CLOUD_STATUS),
        "id": "id",
    },
    parameters=frozenset({"defaultFilter"}),
)


def list_(call: Call) -> HttpResponse:
    if call.request.GET.get("defaultFilter", "NONE") not in ("NONE", "CORRELATED_ONLY"):
        raise Refused("defaultFilter must be CORRELATED_ONLY or NONE.")
    return listed(call, readable(call), IDENTITIES, lambda rows: documents(call, rows))


def get(call: Call, identity_id: str) -> HttpResponse:
    return answer(documents(call, [find(call, identity_id)])[0])


def delete(call: Call, identity_id: str) -> HttpResponse:
    actions.delete(by=call.by, identity=find(call, identity_id), at=call.now)
    return done()


def reset(call: Call, identity_id: str) -> HttpResponse:
    resetting.reset(by=call.by, identity=find(call, identity_id), at=call.now)
    return done(HTTPStatus.ACCEPTED)


def invite(call: Call) -> HttpResponse:
    """Mail the link to register to those named, or to all who have none yet; as a task."""
    everybody = call.document.get("uninvited", False)
    if everybody not in (True, False):
        raise Refused("uninvited must be true or false.")
    ids = _ids(call, "ids", most=inviting.MOST)
    if everybody and not ids:
        chosen = readable(call).filter(UNREGISTERED).exclude(email="").active()
        chosen = registration.narrow(chosen, Registration.NOT_INVITED, call.now)
        found = list(chosen.order_by("created_at", "id")[: inviting.MOST])
    else:
        found = _all_of(call, ids)
    if not found:
        raise Refused("Name whom to invite in ids, or set uninvited where somebody is.")
    job = inviting.start(by=call.by, identities=found, at=call.now)
    return answer(tasks.documents([job])[0], HTTPStatus.ACCEPTED)


def process(call: Call) -> HttpResponse:
    """Apply the changes of the profiles that these identities belong to.

    Here changes are applied by profile, with one plan and the threshold of its source, so
    others of the profile are brought up to date as well.
    """
    found = _all_of(call, _ids(call, "identityIds", most=MOST_PROCESSED))
    if not found:
        raise Refused("Name whom to process in identityIds.")
    theirs = profiles.profiles_of(found)
    if not theirs:
        raise Refused("None of these identities belongs to an identity profile.")
    with transaction.atomic():
        begun = [
            processing.plan(by=call.by, profile=profile, at=call.now, auto_apply=True)
            for profile in theirs
        ]
    return answer(task_reference(begun[0].job_id), HTTPStatus.ACCEPTED)


def readable(call: Call) -> IdentityQuerySet:
    return queries.visible_to(call.by)


def find(call: Call, identity_id: str) -> Identity:
    """An identity that the caller may see.

    Raises:
        Refused: there is none of this id.
    """
    return one_of(readable(call), identity_id, "identity")


def owner_named(call: Call, told: Any) -> Identity:
    """Whom a document names as the owner.

    Raises:
        Refused: nobody whom the caller may see.
    """
    text = told.get("id") if isinstance(told, dict) else None
    wanted = as_id(text) if isinstance(text, str) else None
    found = readable(call).filter(pk=wanted).first() if wanted else None
    if found is None:
        raise Refused("owner: There is no such identity.")
    return found


def _ids(call: Call, name: str, *, most: int) -> list[str]:
    given = call.document.get(name) or []
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise Refused(f"{name} must be a list of ids.")
    if len(given) > most:
        raise Refused(f"{name} must have at most {most} ids.")
    return list(dict.fromkeys(given))


def _all_of(call: Call, ids: Sequence[str]) -> list[Identity]:
    """Those of these ids, every one.

    Raises:
        Refused: one is not there; nothing is done for the others.
    """
    wanted = {text: as_id(text) for text in ids}
    found = {row.pk: row for row in readable(call).filter(pk__in=filter(None, wanted.values()))}
    for text, pk in wanted.items():
        if pk not in found:
            raise Refused(f"There is no identity “{text[:40]}”.", HTTPStatus.NOT_FOUND)
    return list(found.values())


def documents(call: Call, rows: Sequence[Identity]) -> list[dict[str, Any]]:
    """Identities in the vendor's words, with four statements for what they lack themselves."""
    states = registration.of_all(rows, call.now)
    ids = [row.pk for row in rows]
    managers = {row.pk: row for row in Identity.objects.filter(reports__in=ids).distinct()}
    managing = Identity.objects.filter(Exists(_REPORTS), pk__in=ids)
    by_hand = IdentityLifecycle.objects.filter(pk__in=ids).exclude(manual_state="")
    are_managers = set(managing.values_list("pk", flat=True))
    set_by_hand = set(by_hand.values_list("pk", flat=True))
    return [
        _document(row, status_of(row, states[row.pk].state))
        | {
            "managerRef": _manager(managers.get(row.manager_id) if row.manager_id else None),
            "isManager": row.pk in are_managers,
            "lifecycleState": _state(row, is_manual=row.pk in set_by_hand),
        }
        for row in rows
    ]


def _state(identity: Identity, *, is_manual: bool) -> dict[str, Any] | None:
    state = identity.attributes.get(LIFECYCLE_STATE)
    return {"stateName": str(state), "manuallyUpdated": is_manual} if state else None


def status_of(identity: Identity, state: Registration) -> str:
    return DISABLED if identity.disabled_at is not None else STATUS[state]


def _manager(manager: Identity | None) -> dict[str, str] | None:
    return reference("IDENTITY", manager.pk, manager.display_name) if manager else None


def _document(identity: Identity, status: str) -> dict[str, Any]:
    return {
        "id": str(identity.pk),
        "name": identity.display_name,
        "alias": identity.user_name,
        "emailAddress": identity.email or None,
        "created": stamp(identity.created_at),
        "modified": stamp(identity.changed_at),
        "processingState": None,
        "identityStatus": status,
        "lastRefresh": stamp(identity.changed_at),
        "attributes": values_of(identity) | {"cloudStatus": status},
    }
