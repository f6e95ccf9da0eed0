"""Invitations for the identities of a chunk, where its profile lets them go out by themselves."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from accounts.audit.actors import Actor
from accounts.audit.bulk import Lines, record_all
from accounts.identities import notices
from accounts.identities.invitations import INVITATION_LIFETIME
from accounts.identities.models import Identity, Invitation, Purpose
from accounts.lib.sql import id_as_text, time_parameter
from accounts.profiles.processing.models import PlannedEffect, ProcessingChunk


def invite(chunk: ProcessingChunk, *, by: Actor, at: datetime) -> None:
    """Mail those a link to set a password who have none; links that are out stop working."""
    planned = PlannedEffect.objects.filter(
        plan=chunk.plan, pk__range=(chunk.first, chunk.last), invited=True
    )
    if not planned.exists():
        return
    without = (
        Identity.objects.active()
        .filter(pk__in=planned.values("identity_id"), password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .exclude(email="")
    )
    Invitation.objects.filter(identity__in=without.values("pk")).withdraw(at)
    Invitation.objects.bulk_create(
        [
            Invitation(
                purpose=Purpose.SET_PASSWORD,
                identity_id=identity_id,
                created_at=at,
                expires_at=at + INVITATION_LIFETIME,
                next_try_at=at,
                email=email,
                automatic=True,
                renew_at=at + INVITATION_LIFETIME,
            )
            for identity_id, email in without.values_list("pk", "email")
        ],
        batch_size=2000,
    )
    lines = Lines(
        subject_id=id_as_text("p.identity_id"),
        subject_label="p.user_name",
        detail="'{}'",
        rows="FROM accounts_plannedeffect p JOIN accounts_invitation v "
        "ON v.identity_id = p.identity_id AND v.created_at = %s AND v.used_at IS NULL "
        "WHERE p.plan = %s AND p.id BETWEEN %s AND %s",
        parameters=[time_parameter(at), chunk.plan, chunk.first, chunk.last],
    )
    record_all("identity.invited", by=by, subject_type="identity", lines=lines, at=at)
    notices.mail_due()
