from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.models import PlannedEffect, Processing
from accounts.profiles import queries
from accounts.profiles.processing import actions
from accounts.profiles.processing.states import SHOWN, Effect
from tokens.doors.rest.answers import Reading, answered
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.nouns.profiles.base import MANAGE, PROFILE, VIEW, load, noun
from tokens.doors.rest.operations import PREFIX
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.schemas.processings import (
    ConfirmProcessingBody,
    EffectDifference,
    EffectDocument,
    EffectListing,
    EffectPage,
    ProcessingBody,
    ProcessingDocument,
    ProcessingListing,
    ProcessingPage,
)

PROCESSINGS: Final = PROFILE + "/processings"
PROCESSING: Final = PROCESSINGS + "/{uuid:processing_id}"
ORDERS: Final = orders({"asked_at": "asked_at"})
EFFECT_ORDERS: Final = orders({"row": "id"})


@noun.read(PROCESSINGS, ProcessingPage, needs=VIEW)
def list_processings(
    request: Request, profile_id: UUID, asked: Query[ProcessingListing]
) -> HttpResponse:
    """Each time that changes of a profile were planned and applied."""
    rows = Processing.objects.filter(profile=load(request, profile_id))
    return listed(
        request, rows, asked, orders=ORDERS, kind=ProcessingDocument, documents=_documents
    )


@noun.create(
    PROCESSINGS, ProcessingDocument, needs=[Permission.PROFILE_PROCESS, Permission.PROFILE_MANAGE]
)
def plan_processing(request: Request, profile_id: UUID, body: ProcessingBody) -> HttpResponse:
    """Have a plan made of what the changes of a profile do to identities.

    Nothing changes before it is confirmed, unless `auto_apply` says so beforehand; also then a
    plan that disables more than the threshold allows, or needs a look, waits.
    """
    profile = load(request, profile_id)
    made = actions.plan(by=request.by, profile=profile, at=request.now, auto_apply=body.auto_apply)
    location = f"{PREFIX}/{noun.word}/{profile.pk}/processings/{made.pk}"
    return answered(_documents([made])[0], HTTPStatus.CREATED, location=location)


@noun.read(PROCESSING, ProcessingDocument, needs=VIEW)
def read_processing(
    request: Request, profile_id: UUID, processing_id: UUID, asked: Query[Reading]
) -> HttpResponse:
    """One processing, wherever it is: its plan in numbers, progress, result."""
    row = _processing(request, profile_id, processing_id)
    return answered(_documents([row])[0], fields=asked.fields)


@noun.read(PROCESSING + "/effects", EffectPage, needs=VIEW)
def list_effects(
    request: Request, profile_id: UUID, processing_id: UUID, asked: Query[EffectListing]
) -> HttpResponse:
    """The identities on which a plan has an effect; kept for some days after the end."""
    row = _processing(request, profile_id, processing_id)
    rows = queries.planned(row, Effect[asked.effect.upper()])
    return listed(
        request, rows, asked, orders=EFFECT_ORDERS, kind=EffectDocument, documents=_effects
    )


@noun.act(PROCESSING + "/confirm", ProcessingDocument, needs=MANAGE)
def confirm_processing(
    request: Request, profile_id: UUID, processing_id: UUID, body: ConfirmProcessingBody
) -> HttpResponse:
    """Have the plan applied that was looked at; of another one nothing is."""
    row = _processing(request, profile_id, processing_id)
    done = actions.confirm(
        by=request.by, processing=row, at=request.now, plan=body.plan, sure=body.sure
    )
    return answered(_documents([done])[0])


@noun.act(PROCESSING + "/cancel", ProcessingDocument, needs=MANAGE)
def cancel_processing(request: Request, profile_id: UUID, processing_id: UUID) -> HttpResponse:
    """Give a plan up, or stop the work; what was applied stays."""
    row = _processing(request, profile_id, processing_id)
    actions.cancel(by=request.by, processing=row, at=request.now)
    return answered(_documents([_processing(request, profile_id, processing_id)])[0])


def _processing(request: Request, profile_id: UUID, processing_id: UUID) -> Processing:
    rows = Processing.objects.filter(profile=load(request, profile_id))
    return one_of(rows.select_related("profile__source"), processing_id, "processing")


def _documents(rows: Sequence[Processing]) -> list[ProcessingDocument]:
    return [
        ProcessingDocument(
            id=row.pk,
            state=row.state,  # type: ignore[arg-type]  # one of them; the types say any text
            job=row.job_id,
            auto_apply=row.auto_apply,
            plan=row.plan,
            accounts=row.accounts,
            effects={effect.name.lower(): number for effect, number in row.counts},
            unchanged=row.unchanged,
            in_error=row.in_error,
            unknown_states=row.unknown_states,
            held_reason=row.held_reason,
            total=row.total,
            done=row.done,
            failure=row.failure,
            asked_at=row.asked_at,
            asked_by=row.asked_by,
            planned_at=row.planned_at,
            confirmed_at=row.confirmed_at,
            confirmed_by=row.confirmed_by,
            finished_at=row.finished_at,
        )
        for row in rows
    ]


def _effects(rows: Sequence[PlannedEffect]) -> list[EffectDocument]:
    names = {effect.value: effect.name.lower() for effect in SHOWN}
    return [
        EffectDocument.model_validate(
            {
                "effect": names[row.effect],
                "identity": row.identity_id,
                "user_name": row.user_name,
                "display_name": row.display_name,
                "email": row.email,
                "account_id": row.native_identity,
                "account_name": row.account_name,
                "attributes": row.values,
                "differences": [
                    EffectDifference(attribute=each.attribute, before=each.before, after=each.after)
                    for each in row.differences
                ],
            }
        )
        for row in rows
    ]
