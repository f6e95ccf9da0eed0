"""What stands on every page of a source, whichever slice the page belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.imports.states import State
from accounts.models import ImportRun, Source
from accounts.profiles import queries as profiles
from accounts.sources import policies, queries
from accounts.sources.models import Status
from console.ui import processing, progress
from console.ui.access import ConsoleRequest, refuse


def load(request: ConsoleRequest, source_id: UUID) -> Source:
    return get_object_or_404(queries.for_list(request.user), pk=source_id)


def load_to_change(request: ConsoleRequest, source_id: UUID) -> Source:
    """A source that this person may change; another one that they see is refused with 403."""
    source = load(request, source_id)
    check_may_change(request, source)
    return source


def check_may_change(request: ConsoleRequest, source: Source) -> None:
    if not policies.may_manage(request.user, source):
        refuse(request, Permission.SOURCE_MANAGE_ALL)


def frame(request: ConsoleRequest, source: Source, *, current: str) -> dict[str, Any]:
    """Head and tabs of a source; `current` is the URL name of the tab."""
    tabs: list[tuple[str, str, int | None]] = [
        ("sources:detail", _("Overview"), None),
        ("sources:schema", _("Account Schema"), None),
        ("imports:list", _("Import Accounts"), None),
        ("sources:accounts", _("Accounts"), source.account_count),
        ("sources:configuration", _("Edit Configuration"), None),
    ]
    may_manage = policies.may_manage(request.user, source)
    profile = profiles.visible_to(request.user).filter(source=source).first()
    return {
        "profile": profile,
        "pending": processing.pending(profile, request.user) if profile else None,
        "wants_profile": profile is None
        and bool(source.account_count)
        and may(request.user, Permission.PROFILE_MANAGE),
        "source": source,
        "may_manage": may_manage,
        "may_empty": may_manage and may(request.user, Permission.SOURCE_EMPTY),
        "state": source.status.value,
        "status": status_words(source, timezone.now()),
        "tabs": [
            {
                "label": label,
                "url": reverse(name, args=[source.pk]),
                "current": name == current,
                "count": count,
            }
            for name, label, count in tabs
            if may_manage or name != "sources:configuration"
        ],
    }


def status_words(source: Source, now: datetime) -> str:
    """Such as "Healthy for 5 minutes"."""
    since = source.status_since
    if source.status == Status.NO_ACCOUNTS or since is None:
        return str(source.status.label)
    if now - since < timedelta(minutes=1):
        return _("%(state)s since just now") % {"state": source.status.label}
    said = {"time": progress.duration(now - since), "state": source.status.label}
    return _("%(state)s for %(time)s") % said


def history(runs: Iterable[ImportRun]) -> list[dict[str, Any]]:
    """Imports as `imports/_history.html` lists them."""
    return [{"run": run, "said": import_words(run)} for run in runs]


def import_words(run: ImportRun) -> str:
    """What became of an import, or who uploaded it."""
    if run.state == State.APPLIED:
        return result(run)
    return run.failure or run.uploaded_by


def result(run: ImportRun) -> str:
    """Such as "1 account imported"."""
    imported = run.new + run.changed
    if not imported and not run.removed:
        count = run.unchanged
        return ngettext(
            "Nothing changed: %(n)s account is as it was",
            "Nothing changed: %(n)s accounts are as they were",
            count,
        ) % {"n": f"{count:,}"}
    parts = [
        ngettext("%(n)s account imported", "%(n)s accounts imported", imported)
        % {"n": f"{imported:,}"}
    ]
    if run.removed:
        parts.append(_("%(n)s removed") % {"n": f"{run.removed:,}"})
    return ", ".join(parts)
