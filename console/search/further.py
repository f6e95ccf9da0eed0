"""What a search finds beside accounts and people: groups, roles, requests, sources, profiles,
transforms, imports, jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.imports import queries as imports
from accounts.jobs import queries as jobs
from accounts.models import (
    AccessRequest,
    Group,
    Identity,
    IdentityProfile,
    Role,
    Source,
    SourceAccount,
    Transform,
)
from accounts.sources.shape import LONGEST_ID

SHOWN: Final = 20
"""Of each kind; the list of that kind shows the rest."""
BESIDE: Final = 80
"""Characters of a description."""


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    label: str
    url: str
    state: str = ""
    beside: str = ""
    """What tells it from others of the same name."""
    state_label: str = ""
    """The word of the state, where that is not the one of its look."""


@dataclass(frozen=True)
class Section:
    """All that was found of one kind."""

    name: str
    title: str | Promise
    hits: list[Hit] = field(default_factory=list)
    more_url: str = ""
    """The list that shows what did not fit; empty where everything did."""


def sections(person: Identity, text: str) -> list[Section]:
    """The kinds of which anything was found, of what this person may see."""
    wanted = _id_of(text)
    found = (
        _section("groups", _("Groups"), _groups(person, text, wanted), text),
        _section("roles", _("Roles"), _roles(person, text, wanted), text),
        Section("requests", _("Requests"), _requests(person, text, wanted)),
        _section("sources", _("Sources"), _sources(person, text, wanted), text),
        _section("profiles", _("Identity profiles"), _profiles(person, text, wanted), text),
        _section("transforms", _("Transforms"), _transforms(person, text, wanted), text),
        Section("source-accounts", _("Source accounts"), _source_accounts(person, text)),
        Section("imports", _("Imports"), _imports(person, text, wanted)),
        Section("jobs", _("Jobs"), _jobs(person, wanted)),
    )
    return [section for section in found if section.hits]


def _section(name: str, title: str | Promise, hits: list[Hit], text: str) -> Section:
    """Of a kind whose list takes the same search; it shows what did not fit."""
    more = f"{reverse(f'{name}:list')}?{urlencode({'q': text})}" if len(hits) > SHOWN else ""
    return Section(name, title, hits[:SHOWN], more)


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _named(text: str, wanted: UUID | None) -> Q:
    named = Q(name__icontains=text)
    return named | Q(pk=wanted) if wanted else named


def _groups(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    """Those that this person sees: all by permission, else those that they have to do with."""
    rows = Group.objects.visible_to(person).filter(_named(text, wanted)).order_by("name", "pk")
    return [
        Hit(row.name, reverse("groups:detail", args=[row.pk]), beside=row.description[:BESIDE])
        for row in rows[: SHOWN + 1]
    ]


def _roles(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    if not may(person, Permission.GROUP_VIEW):
        return []
    rows = Role.objects.filter(_named(text, wanted)).order_by("name", "pk")
    return [
        Hit(row.name, reverse("roles:detail", args=[row.pk]), beside=row.description[:BESIDE])
        for row in rows[: SHOWN + 1]
    ]


def _requests(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    """By the whole number, as mails and the audit log name it, or by id."""
    asked = Q(number=text.upper()) | (Q(pk=wanted) if wanted else Q())
    rows = AccessRequest.objects.visible_to(person, timezone.now()).filter(asked)
    return [
        Hit(
            row.number,
            reverse("requests:detail", args=[row.pk]),
            row.state,
            str(row.get_kind_display()),
            row.get_state_display(),
        )
        for row in rows
    ]


def _sources(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    rows = Source.objects.visible_to(person).filter(_named(text, wanted)).order_by("name", "pk")
    return [
        Hit(row.name, reverse("sources:detail", args=[row.pk]), row.status.value, str(row.pk))
        for row in rows[: SHOWN + 1]
    ]


def _profiles(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    rows = IdentityProfile.objects.visible_to(person).filter(_named(text, wanted))
    return [
        Hit(row.name, reverse("profiles:detail", args=[row.pk]), beside=row.get_kind_display())
        for row in rows.order_by("name", "pk")[: SHOWN + 1]
    ]


def _transforms(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    if not may(person, Permission.PROFILE_VIEW):
        return []
    rows = Transform.objects.filter(_named(text, wanted)).order_by("name", "pk")
    return [
        Hit(row.name, reverse("transforms:detail", args=[row.pk]), beside=row.type)
        for row in rows[: SHOWN + 1]
    ]


def _source_accounts(person: Identity, text: str) -> list[Hit]:
    """By the whole Account ID, which an index finds in each source."""
    if len(text) > LONGEST_ID or not may(person, Permission.SOURCE_VIEW):
        return []
    sources = dict(Source.objects.visible_to(person).values_list("pk", "name"))
    rows = SourceAccount.objects.filter(source__in=list(sources), native_identity=text)
    return [
        Hit(
            str(row),
            reverse("sources:account", args=[row.source_id, row.pk]),
            beside=sources[row.source_id],
        )
        for row in rows.defer("attributes").order_by("source_id", "pk")[:SHOWN]
    ]


def _imports(person: Identity, text: str, wanted: UUID | None) -> list[Hit]:
    """By id or part of the name of the file, the newest first."""
    asked = Q(file_name__icontains=text) | (Q(pk=wanted) if wanted else Q())
    rows = imports.visible_to(person).filter(asked, source__deleted_at=None)
    return [
        Hit(
            row.audit_label,
            reverse("imports:detail", args=[row.source_id, row.pk]),
            row.state,
            str(row.pk),
        )
        for row in rows.order_by("-uploaded_at", "pk")[:SHOWN]
    ]


def _jobs(person: Identity, wanted: UUID | None) -> list[Hit]:
    """By id, as messages and the audit log name it."""
    if wanted is None:
        return []
    rows = jobs.visible_to(person).filter(pk=wanted)
    return [
        Hit(
            " ".join(filter(None, (str(row.get_kind_display()), row.subject_label))),
            reverse("jobs:detail", args=[row.pk]),
            row.state,
            str(row.pk),
        )
        for row in rows
    ]
