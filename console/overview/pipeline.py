"""What cannot wait on the way from a source to identities that sign in, and in the mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Purpose
from accounts.imports.queries import visible_to as imports_visible_to
from accounts.imports.states import State
from accounts.jobs.queries import scheduled as scheduled_for
from accounts.jobs.queries import visible_to as jobs_visible_to
from accounts.jobs.states import State as JobState
from accounts.models import (
    AccountProblem,
    Identity,
    IdentityProfile,
    ImportRun,
    Invitation,
    Source,
)
from accounts.sources.policies import may_manage
from console.overview.attention import Matter
from console.ui import jobs as job_pages
from console.ui import schedules as schedule_words
from console.ui import times
from tokens.models import Letter

SHOWN: Final = 3
"""Things of each kind told one by one; where there are more, a line leads to their list."""
LATELY: Final = timedelta(days=7)
"""How long a failure is told that nothing followed."""
COUNTED: Final = 1_000


def matters(person: Identity, now: datetime) -> list[Matter]:
    """All of it that this person may see; a statement or two for each kind, however many."""
    found = [*_failing_sources(person), *_imports(person, now)]
    found += _empty_sources(person, now)
    if may(person, Permission.PROFILE_VIEW):
        found += [*_exceptions(), *_to_be_applied()]
    found += [*_jobs(person, now), *_mails(person, now)]
    return found


def _failing_sources(person: Identity) -> Iterator[Matter]:
    rows = Source.objects.visible_to(person).exclude(failing_since=None)
    found = list(rows.order_by("-failing_since", "pk")[: SHOWN + 1])
    for source in found[:SHOWN]:
        yield Matter(
            name=source.name,
            page=reverse("sources:detail", args=[source.pk]),
            tone="danger",
            icon="database",
            text=_("It could not be read: %(why)s") % {"why": source.failure},
            url=reverse("imports:list", args=[source.pk]),
            action=_("See its imports"),
        )
    if len(found) > SHOWN:
        yield _more(_("More sources are in error"), "sources:list", "database")


def _empty_sources(person: Identity, now: datetime) -> Iterator[Matter]:
    """Sources without accounts, from the day after they were made."""
    rows = Source.objects.visible_to(person).filter(
        account_count=0, failing_since=None, created_at__lt=now - timedelta(days=1)
    )
    at_work = ImportRun.objects.filter(source=OuterRef("pk")).exclude(
        state__in=[State.APPLIED, State.FAILED, State.CANCELLED]
    )
    found = list(rows.filter(~Exists(at_work)).order_by("name", "pk")[: SHOWN + 1])
    for source in found[:SHOWN]:
        yield Matter(
            name=source.name,
            page=reverse("sources:detail", args=[source.pk]),
            tone="notice",
            icon="database",
            text=_("It has no accounts yet."),
            url=reverse("imports:list", args=[source.pk]),
            action=_("Import Accounts") if may_manage(person, source) else _("See its imports"),
        )
    if len(found) > SHOWN:
        yield _more(_("More sources have no accounts"), "sources:list", "database")


def _imports(person: Identity, now: datetime) -> Iterator[Matter]:
    """Imports that wait for somebody, and those that failed with none after them."""
    later = ImportRun.objects.filter(
        source=OuterRef("source"), uploaded_at__gt=OuterRef("uploaded_at")
    )
    failed = Q(state=State.FAILED, finished_at__gte=now - LATELY) & ~Exists(later)
    waiting = Q(state__in=[State.HELD, State.PLANNED, State.UPLOADED])
    rows = imports_visible_to(person).filter(failed | waiting, source__deleted_at=None)
    # a source in error is told of already
    rows = rows.exclude(state=State.FAILED, source__failing_since__isnull=False)
    found = list(rows.order_by("-uploaded_at", "pk")[: SHOWN + 1])
    for run in found[:SHOWN]:
        page = reverse("imports:detail", args=[run.source_id, run.pk])
        yield Matter(
            name=run.source.name,
            page=page,
            tone="danger" if run.state in (State.HELD, State.FAILED) else "notice",
            icon="file-up",
            text=_import_text(run),
            url=page,
            action=_import_action(run, person),
        )
    if len(found) > SHOWN:
        yield _more(_("More imports wait"), "sources:list", "file-up")


def _import_action(run: ImportRun, person: Identity) -> str:
    if run.state == State.FAILED:
        return _("See why")
    return _("Decide") if may_manage(person, run.source) else _("See it")


def _import_text(run: ImportRun) -> str:
    match run.state:
        case State.FAILED:
            return _("An import failed: %(why)s") % {"why": run.failure}
        case State.HELD:
            text = ngettext(
                "An import is held: it would remove %(count)s account.",
                "An import is held: it would remove %(count)s accounts.",
                run.missing,
            )
            return text % {"count": f"{run.missing:,}"}
        case State.UPLOADED:
            return _("An import waits for the encoding of its file.")
        case _:
            return _("The plan of an import waits for confirmation.")


def _to_be_applied() -> Iterator[Matter]:
    rows = IdentityProfile.objects.existing().filter(
        ~Q(version=F("applied_version")) | ~Q(source__generation=F("applied_generation"))
    )
    found = list(rows.order_by("name", "pk")[: SHOWN + 1])
    for profile in found[:SHOWN]:
        page = reverse("profiles:detail", args=[profile.pk])
        yield Matter(
            name=profile.name,
            page=page,
            tone="notice",
            icon="id-card",
            text=_("Recent changes need to be applied through identity processing."),
            url=page,
            action=_("See the changes"),
        )
    if len(found) > SHOWN:
        yield _more(_("More profiles have changes to apply"), "profiles:list", "id-card")


def _exceptions() -> Iterator[Matter]:
    profiles = IdentityProfile.objects.existing().exclude(problems=None)
    some = AccountProblem.objects.filter(plan=OuterRef("problems"))
    found = list(profiles.filter(Exists(some)).order_by("name", "pk")[: SHOWN + 1])
    for profile in found[:SHOWN]:
        count = AccountProblem.objects.filter(plan=profile.problems or 0)[: COUNTED + 1].count()
        text = ngettext(
            "%(count)s exception: an account did not become, or change, an identity.",
            "%(count)s exceptions: accounts that did not become, or change, an identity.",
            count,
        )
        said = f"{count:,}" if count <= COUNTED else f"{COUNTED:,}+"
        page = reverse("profiles:detail", args=[profile.pk])
        yield Matter(
            name=profile.name,
            page=page,
            tone="notice",
            icon="id-card",
            text=text % {"count": said},
            url=job_pages.page("profiles:exceptions", profile.pk) or page,
            action=_("See the exceptions"),
        )
    if len(found) > SHOWN:
        yield _more(_("More profiles have exceptions"), "profiles:list", "id-card")


def _jobs(person: Identity, now: datetime) -> Iterator[Matter]:
    """Schedules that could not begin or are paused, and those whose last run failed."""
    if not may(person, Permission.JOB_VIEW_ALL):
        return
    for schedule in scheduled_for(person).exclude(trouble="")[:SHOWN]:
        yield Matter(
            name=str(schedule),
            page=reverse("jobs:scheduled"),
            tone="danger",
            icon="calendar-clock",
            text=schedule.trouble,
            url=schedule_words.page_of(schedule) or reverse("jobs:scheduled"),
            action=_("Open its times")
            if schedule.payload.get("source")
            else _("See what is scheduled"),
        )
    rows = jobs_visible_to(person).filter(
        state=JobState.FAILED,
        finished_at__gte=now - LATELY,
        exclusive_key__startswith="schedule:",
    )
    later = jobs_visible_to(person).filter(
        exclusive_key=OuterRef("exclusive_key"), created_at__gt=OuterRef("created_at")
    )
    for job in rows.filter(~Exists(later)).order_by("-finished_at", "pk")[:SHOWN]:
        yield Matter(
            name=str(job.get_kind_display()),
            page=job_pages.detail_url(job),
            tone="danger",
            icon="list-todo",
            text=_("It failed at its set time: %(why)s") % {"why": job.error},
            url=reverse("jobs:scheduled"),
            action=_("See what is scheduled"),
        )


def _mails(person: Identity, now: datetime) -> Iterator[Matter]:
    """Mail that the server did not take, and that somebody waits for."""
    if may(person, Permission.IDENTITY_INVITE):
        rows = Invitation.objects.open_at(now).filter(sent_at=None).exclude(failure="")
        rows = rows.filter(purpose=Purpose.SET_PASSWORD, identity__deleted_at=None)
        rows = rows.select_related("identity")
        found = list(rows.order_by("-created_at", "pk")[: SHOWN + 1])
        for invitation in found[:SHOWN]:
            assert invitation.identity is not None
            page = reverse("identities:detail", args=[invitation.identity.pk])
            yield Matter(
                name=invitation.identity.user_name,
                page=page,
                tone="danger" if invitation.next_try_at is None else "notice",
                icon="mail",
                text=_("The invitation was not sent: %(why)s") % {"why": invitation.failure},
                url=page,
                action=_("Send it again"),
            )
        if len(found) > SHOWN:
            yield _more(_("More invitations were not sent"), "identities:list", "mail")
    if may(person, Permission.AUDIT_VIEW):
        yield from _letters(now)


def _letters(now: datetime) -> Iterator[Matter]:
    lost = Letter.objects.given_up().filter(created_at__gte=now - LATELY)
    newest = lost.order_by("-created_at", "pk").first()
    if newest is None:
        return
    log = reverse("audit:list") + "?action=reminder.not_sent"
    text = _("Reminders could not be sent, the last one %(when)s: %(why)s")
    yield Matter(
        name=_("Reminders"),
        page=log,
        tone="danger",
        icon="mail",
        text=text % {"when": times.relative(newest.created_at, now), "why": newest.failure},
        url=log,
        action=_("See them in the audit log"),
    )


def _more(text: str, view: str, icon: str) -> Matter:
    url = reverse(view)
    return Matter(text, url, "notice", icon, "", url, _("See all"))
