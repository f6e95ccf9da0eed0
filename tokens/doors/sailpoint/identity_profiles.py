"""Identity profiles: read, previewed, and their changes applied."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse

from accounts.models import IdentityAccount, IdentityProfile, SourceAccount
from accounts.profiles import importing, policies, preview, queries, sailpoint
from accounts.profiles.models import IdentityProfileQuerySet
from accounts.profiles.processing import actions as processing
from tokens.doors.sailpoint import identities
from tokens.doors.sailpoint.calls import Call, one_of, reference
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import Refused, answer
from tokens.doors.sailpoint.fields import Column, Kind

PROFILES: Final = Collection(
    order=("priority", "name", "id"),
    fields={
        "id": Column("id", "eq ne in", Kind.ID),
        "name": Column("name", "eq ne gt ge in le sw"),
        "priority": Column("priority", "eq ne", Kind.NUMBER),
    },
    sorters={
        "id": "id",
        "name": "name",
        "priority": "priority",
        "created": "created_at",
        "modified": "changed_at",
        "owner.id": "owner_id",
        "owner.name": "owner__user_name",
    },
)


def list_(call: Call) -> HttpResponse:
    return listed(call, _readable(call), PROFILES, documents)


def get(call: Call, profile_id: str) -> HttpResponse:
    return answer(documents([_find(call, profile_id)])[0])


def process_identities(call: Call, profile_id: str) -> HttpResponse:
    """Apply Changes: a plan within the threshold is applied, any other waits in the console."""
    profile = _find(call, profile_id)
    processing.plan(by=call.by, profile=profile, at=call.now, auto_apply=True)
    return answer({}, HTTPStatus.ACCEPTED)


def identity_preview(call: Call) -> HttpResponse:
    """What an identity would become by mappings that nobody has saved yet."""
    policies.check_may_manage(call.by)
    identity = identities.find(call, call.text("identityId", required=True))
    links = IdentityAccount.objects.filter(identity=identity, leads=True)
    link = links.select_related("source").first()
    profile = queries.profile_of(link.source) if link else None
    account = _account(link) if link else None
    if profile is None or account is None:
        raise Refused("This identity has no account that an identity profile leads.")
    config = call.document.get("identityAttributeConfig")
    drafts = None
    if config is not None:
        drafts = importing.drafts_of(sailpoint.parse_mappings(config))
    seen = preview.preview(profile, account, at=call.now, drafts=drafts)
    return answer(
        {
            "identity": reference("IDENTITY", identity.pk, identity.display_name),
            "previewAttributes": [
                {
                    "name": value.name,
                    "value": value.value,
                    "previousValue": value.previous_value,
                    "errorMessages": [
                        {"locale": "en-US", "localeOrigin": "DEFAULT", "text": text}
                        for text in value.error_messages
                    ],
                }
                for value in seen.values
            ],
        }
    )


def _account(link: IdentityAccount) -> SourceAccount | None:
    found = SourceAccount.objects.filter(source=link.source_id).select_related("source")
    return found.filter(native_identity=link.native_identity).first()


def _readable(call: Call) -> IdentityProfileQuerySet:
    return queries.visible_to(call.by)


def _find(call: Call, profile_id: str) -> IdentityProfile:
    return one_of(_readable(call), profile_id, "identity profile")


def documents(rows: Sequence[IdentityProfile]) -> list[dict[str, Any]]:
    return sailpoint.export_profiles(rows)
