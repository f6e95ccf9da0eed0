"""What the mappings of a form would make of one account, for the panel below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.models import IdentityProfile, SourceAccount
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.preview import Preview, preview
from accounts.sources import queries as sources
from console.profiles.mappings_form import MappingsForm
from console.ui.values import text

OFFERED: Final = 20
"""Accounts that the search offers."""
SEARCH_MAX_LENGTH: Final = 255


@dataclass(frozen=True)
class Shown:
    """The panel: which account, what becomes of it, or why that cannot be told."""

    search: str
    offered: list[SourceAccount]
    account: SourceAccount | None
    preview: Preview | None
    values: list[dict[str, Any]]
    problem: str
    is_empty: bool
    """Whether nothing is mapped."""


def of(
    request: HttpRequest,
    profile: IdentityProfile,
    form: MappingsForm,
    drafts: Sequence[MappingDraft] | None,
) -> Shown:
    """The preview of the account that was asked for, else of the first.

    Without drafts the saved mappings count, unless the form has errors. What the domain has
    against the drafts is said at the rows of the form, too.
    """
    asked = request.POST if request.method == "POST" else request.GET
    search = asked.get("account", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    offered, account = _accounts(profile, search, after=asked.get("next", ""))
    seen, problem = None, ""
    if account is not None and form.is_bound and form.errors:
        problem = _("Mend the rows that are marked, to see what becomes of the account.")
    elif account is not None:
        try:
            seen = preview(profile, account, at=timezone.now(), drafts=drafts)
        except DomainError as error:
            problem = error.message
            if form.is_bound:
                form.explain(error)
    return Shown(
        search=account.native_identity if account is not None else search,
        offered=offered,
        account=account,
        preview=seen,
        values=_values(seen) if seen else [],
        problem=problem,
        is_empty=not any(cells.is_mapped for cells in form.cells.values()),
    )


def _accounts(
    profile: IdentityProfile, search: str, *, after: str
) -> tuple[list[SourceAccount], SourceAccount | None]:
    """What the search offers, and the account to be shown: of exactly this ID, else the first."""
    everything = sources.search(profile.source).order_by("name_key", "pk")
    exact = everything.filter(native_identity=search).first() if search else None
    if exact is not None and after:
        place = {"name_key": exact.name_key}
        following = everything.filter(**place, pk__gt=exact.pk).first()
        following = following or everything.filter(name_key__gt=exact.name_key).first()
        exact = following or everything.first()
    if exact is not None:
        return list(everything[:OFFERED]), exact
    found = sources.search(profile.source, search).order_by("name_key", "pk")
    offered = list(found[:OFFERED])
    return offered, offered[0] if offered else None


def _values(seen: Preview) -> list[dict[str, Any]]:
    return [
        {
            "label": value.label,
            "value": text(value.value),
            "previous": text(value.previous_value),
            "is_changed": value.is_changed and seen.identity is not None,
            "errors": value.error_messages,
        }
        for value in seen.values
    ]
