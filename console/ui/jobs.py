"""Background jobs in words, where their pages are, and what every page shows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.imports.states import HOLDING
from accounts.jobs import actions, queries
from accounts.jobs.states import State
from accounts.models import Identity, Job

TELL_WITHIN: Final = timedelta(days=1)
"""How long after its end a job still announces itself to whoever asked for it."""
COUNTED: Final = 99
TOLD_AT_ONCE: Final = 3
SUBJECT_PAGES: Final = {
    "source": "sources:detail",
    "identity": "identities:detail",
    "service_account": "service_accounts:detail",
    "identity_profile": "profiles:detail",
    "lifecycle_integration": "lifecycle_integrations:detail",
}
"""Where what a job is about has its page."""
IMPORT_KINDS: Final = ("import.plan", "import.apply")
PROCESSING_KINDS: Final = ("identity_processing.plan", "identity_processing.apply")
SHOWN_BY_WORK: Final = IMPORT_KINDS + PROCESSING_KINDS
"""Kinds whose progress and end stand on the page of what they work on."""


DONE: Final[dict[str, str | Promise]] = {
    "import.plan": gettext_lazy("The plan of the import of %(subject)s is made: %(result)s"),
    "import.apply": gettext_lazy("Import of %(subject)s finished: %(result)s"),
    "identity_processing.plan": gettext_lazy(
        "The plan of changes of %(subject)s is made: %(result)s"
    ),
    "identity_processing.apply": gettext_lazy("The changes of %(subject)s are applied: %(result)s"),
    "identity.invite": gettext_lazy("Invitations went out: %(result)s"),
}
"""How a job that went well is told, where there is more to say than that it did."""


def subject_url(job: Job) -> str:
    return page(SUBJECT_PAGES.get(job.subject_type, ""), job.subject_id)


def detail_url(job: Job) -> str:
    return reverse("jobs:detail", args=[job.pk])


def work_url(job: Job) -> str:
    """The page on which a person goes on with what the job does; empty where there is none."""
    if job.kind in IMPORT_KINDS:
        return page("imports:detail", job.subject_id, job.payload.get("import"))
    if job.kind in PROCESSING_KINDS:
        return page("profiles:processing", job.subject_id, job.payload.get("processing"))
    if job.kind in PROCESSING_KINDS:
        return page("profiles:processing", job.subject_id, job.payload.get("processing"))
    return subject_url(job)


def page(name: str, *arguments: Any) -> str:
    """The address of a page; empty where there is none, or nothing to show on it."""
    if not name or not all(arguments):
        return ""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def next_step(job: Job) -> str:
    """What to do about a job that failed."""
    if job.kind in IMPORT_KINDS:
        return _(
            "Nothing of the file was taken. Mend what the message names and upload the file again, "
            "or have the plan made again on the page of the import."
        )
    if job.kind in PROCESSING_KINDS:
        return _(
            "Each identity is as it was or as planned. Mend what the message names, then press "
            "Apply Changes on the page of the identity profile again."
        )
    if job.exclusive_key.startswith("schedule:"):
        return _(
            "It runs again at its next time. An administrator can run it now, from the list of "
            "what is scheduled."
        )
    return _("Mend what the message names, then ask for it again where you did so first.")


def is_held(job: Job) -> bool:
    """Whether it made the plan of an import that somebody has to let pass."""
    return job.kind == "import.plan" and job.result.get("decision") in HOLDING


def outcome(job: Job) -> str:
    """How a job ended, in one sentence for whoever asked for it."""
    said = {"job": job.get_kind_display(), "subject": job.subject_label, "why": job.error}
    named = _("%(job)s “%(subject)s”") % said if job.subject_label else said["job"]
    said |= {"named": named}
    if job.state == State.FAILED:
        return _("%(named)s failed: %(why)s") % said
    if job.state == State.CANCELLED:
        return _("%(named)s was cancelled.") % said
    if is_held(job):
        return _("The import of %(subject)s is held: %(result)s") % (said | {"result": result(job)})
    text = DONE.get(job.kind, gettext_lazy("%(named)s is done."))
    return str(text) % (said | {"result": result(job)})


def result(job: Job) -> str:
    """What a job that went well came to, in a few words; empty where there is no more to say."""
    if job.kind not in DONE:
        return ""
    match job.kind:
        case "import.apply":
            taken = _count(job, "new") + _count(job, "changed")
            parts = [_accounts(taken, _("imported"))]
            names = {"removed": _("%(n)s removed"), "rejected": _("%(n)s rows rejected")}
        case "import.plan":
            parts = []
            names = {
                "new": _("%(n)s new"),
                "changed": _("%(n)s changed"),
                "missing": _("%(n)s missing"),
                "rejected": _("%(n)s rows rejected"),
            }
        case "identity.invite":
            parts = []
            names = {"invited": _("%(n)s invited"), "not_invited": _("%(n)s not invited")}
        case _:
            parts = []
            names = {
                "created": _("%(n)s created"),
                "changed": _("%(n)s changed"),
                "disabled": _("%(n)s disabled"),
                "removed": _("%(n)s removed"),
                "in_error": _("%(n)s in error"),
            }
    counts = {text: _count(job, name) for name, text in names.items()}
    parts += [text % {"n": f"{n:,}"} for text, n in counts.items() if n]
    return (", ".join(parts) or _("nothing changes")) + "."


def _accounts(count: int, verb: str) -> str:
    said = ngettext("%(n)s account %(verb)s", "%(n)s accounts %(verb)s", count)
    return said % {"n": f"{count:,}", "verb": verb}


def _count(job: Job, name: str) -> int:
    value = job.result.get(name)
    return value if isinstance(value, int) else 0


@dataclass(frozen=True)
class Told:
    """A job of one's own that has ended, or how many have; told once."""

    tone: str
    text: str
    url: str
    is_of_many: bool = False


@dataclass(frozen=True)
class Indicator:
    """What the frame shows of jobs: how many are at work, and which of one's own have ended."""

    visible: bool = False
    running: int = 0
    told: tuple[Told, ...] = ()


def indicator(request: HttpRequest, *, here: str | None = None) -> Indicator:
    """One statement; none for whoever may not see jobs. What is told is told once.

    A page that shows the end of a job itself, `here`, does not announce it, too.
    """
    person = getattr(request, "user", None)
    if not isinstance(person, Identity) or not may(person, Permission.JOB_VIEW):
        return Indicator()
    now = timezone.now()
    rows = list(queries.for_frame(person, since=now - TELL_WITHIN)[: COUNTED + 1])
    ended = [job for job in rows if job.is_finished]
    path = request.path if here is None else here
    return Indicator(
        visible=True,
        running=sum(not job.is_finished for job in rows),
        told=tuple(_told_of(ended, path=path, at=now)),
    )


def _told_of(ended: list[Job], *, path: str, at: datetime) -> list[Told]:
    """Some in a sentence each; more of them as one number, or every page would begin with them."""
    if len(ended) <= TOLD_AT_ONCE:
        told = actions.tell(ended, at=at)
        return [_told(job) for job in told if not _shows(path, job)]
    count, jobs_page = actions.tell_of_many(ended, at=at), reverse("jobs:list")
    if not count or path == jobs_page:
        return []
    failed = sum(job.state == State.FAILED for job in ended)
    text = ngettext(
        "%(count)s job that you asked for has ended.",
        "%(count)s jobs that you asked for have ended.",
        count,
    ) % {"count": count}
    if failed:
        text += " " + _("Failed: %(failed)s.") % {"failed": failed}
    return [Told("danger" if failed else "ok", text, jobs_page, is_of_many=True)]


def _shows(path: str, job: Job) -> bool:
    pages = (detail_url(job), work_url(job) if job.kind in SHOWN_BY_WORK else "")
    return any(url and path.startswith(url) for url in pages)


def _told(job: Job) -> Told:
    tones = {State.SUCCEEDED.value: "ok", State.FAILED.value: "danger"}
    url = work_url(job) if job.state == State.SUCCEEDED else ""
    tone = "notice" if is_held(job) else tones.get(job.state, "info")
    return Told(tone, outcome(job), url or detail_url(job))
