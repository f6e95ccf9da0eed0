from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bundles.members import Flag, Free, Names, Number, Rows, Text, in_order
from accounts.bundles.parts.base import Part, Run, Thing
from accounts.imports.files.reader import MOST_COLUMNS
from accounts.lib.errors import DomainError
from accounts.sources import actions, schema, secrets
from accounts.sources.connectors import connectors
from accounts.sources.connectors.base import AttributeDraft
from accounts.sources.models import Source
from accounts.sources.schema import BadSchema


class OtherConnector(DomainError):
    """The source that is here is of another kind."""

    code = "other_connector"


class Sources(Part):
    """Sources with their account schema; of secrets, only which are set."""

    label = gettext_lazy("Sources")
    members = {
        "name": Text(gettext_lazy("Name")),
        "connector": Text(gettext_lazy("Connector")),
        "description": Text(gettext_lazy("Description")),
        "owner": Text(gettext_lazy("Owner"), optional=True),
        "config": Free(gettext_lazy("Configuration")),
        "delete_threshold_percent": Number(gettext_lazy("Delete threshold in percent")),
        "deletion_disabled": Flag(gettext_lazy("Deletion disabled")),
        "schema": Rows(
            gettext_lazy("Account schema"),
            "name",
            {
                "name": Text(gettext_lazy("Name")),
                "description": Text(gettext_lazy("Description")),
                "type": Text(gettext_lazy("Type")),
                "is_entitlement": Flag(gettext_lazy("Entitlement")),
                "is_multi_valued": Flag(gettext_lazy("Multi-valued")),
                "is_account_id": Flag(gettext_lazy("Account ID")),
                "is_account_name": Flag(gettext_lazy("Account Name")),
            },
            MOST_COLUMNS,
        ),
        "secrets": Names(gettext_lazy("Secrets that are set")),
    }

    def present(self) -> list[Thing]:
        found = Source.objects.existing().select_related("owner").order_by("name")
        return [_thing(source) for source in found]

    def take(self, things: Sequence[Thing], run: Run) -> None:
        for thing in things:
            with run.taking(thing["name"]):
                source = _take(thing, run)
                _note_secrets(thing, source, run)


def _thing(source: Source) -> Thing:
    return {
        "name": source.name,
        "connector": source.connector,
        "description": source.description,
        "owner": source.owner.user_name if source.owner else None,
        "config": in_order(source.config),
        "delete_threshold_percent": source.delete_threshold_percent,
        "deletion_disabled": source.deletion_disabled,
        "schema": [vars(draft) for draft in schema.drafts_of(source)],
        "secrets": sorted(secrets.names(source)),
    }


def _take(thing: Thing, run: Run) -> Source:
    connectors.get(thing["connector"])
    source, owned = run.owned(Source.objects.existing(), thing)
    details = actions.Details(
        **owned,
        config=thing["config"],
        delete_threshold_percent=thing["delete_threshold_percent"],
        deletion_disabled=thing["deletion_disabled"],
        secrets_follow=True,
    )
    wanted = [AttributeDraft(**row) for row in thing["schema"]]
    if source is None:
        connector = thing["connector"]
        source = actions.create(by=run.by, connector=connector, details=details, at=run.at)
        _set_schema(source, wanted, run)
        return source
    if source.connector != thing["connector"]:
        message = _("The source of this name that is here has another connector: rename one.")
        raise OtherConnector(message)
    source = actions.edit(
        by=run.by, source=source, details=details, revision=source.revision, at=run.at
    )
    named = {draft.name for draft in wanted}
    only_here = [draft for draft in schema.drafts_of(source) if draft.name not in named]
    _set_schema(source, _merged(wanted, only_here), run)
    return source


def _merged(wanted: list[AttributeDraft], only_here: list[AttributeDraft]) -> list[AttributeDraft]:
    """What is only here stays, behind the others; the badges are where the bundle has them."""
    flags = {"is_account_id": False, "is_account_name": False}
    return wanted + [AttributeDraft(**vars(draft) | flags) for draft in only_here]


def _set_schema(source: Source, wanted: list[AttributeDraft], run: Run) -> None:
    if wanted == schema.drafts_of(source):
        return
    document: dict[str, Any] = {
        "identityAttribute": _flagged(wanted, "is_account_id"),
        "displayAttribute": _flagged(wanted, "is_account_name"),
        "attributes": [
            {
                "name": draft.name,
                "type": draft.type,
                "description": draft.description,
                "isMulti": draft.is_multi_valued,
                "isEntitlement": draft.is_entitlement,
            }
            for draft in wanted
        ],
    }
    content = json.dumps(document).encode()
    schema.upload(by=run.by, source=source, content=content, at=run.at)


def _flagged(drafts: list[AttributeDraft], flag: str) -> str:
    found = [draft.name for draft in drafts if getattr(draft, flag)]
    if len(found) != 1:
        raise BadSchema(
            _("Exactly one attribute must be the Account ID, and one the Account Name.")
        )
    return found[0]


def _note_secrets(thing: Thing, source: Source, run: Run) -> None:
    declared = {field.name: str(field.label) for field in source.kind.secrets}
    if unknown := [name for name in thing["secrets"] if name not in declared]:
        raise secrets.BadSecret(
            _("This connector has no secret “%(name)s”.") % {"name": unknown[0][:60]}
        )
    there = secrets.names(source)
    for name, label in declared.items():
        wanted = name in thing["secrets"] or source.kind.wants_secret(name, source.config)
        if wanted and name not in there:
            run.note(thing["name"], _("To be set here: %(secret)s.") % {"secret": label})
