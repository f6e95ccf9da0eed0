"""The exceptions of a profile as their page and their export show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Identity, IdentityAccount, IdentityProfile
from accounts.profiles import exceptions
from accounts.profiles.attributes import known
from accounts.profiles.exceptions import AccountError, Collision, Counts, Side
from console.ui.lists import Order, Page, address, paginate

INCOMPLETE: Final = "incomplete"
COLLISIONS: Final = "collisions"
ERRORS: Final = "errors"
LEFT_DELETED: Final = "left_deleted"
LABELS: Final[dict[str, str | Promise]] = {
    ERRORS: gettext_lazy("In error"),
    COLLISIONS: gettext_lazy("Names that collide"),
    INCOMPLETE: gettext_lazy("Incomplete"),
    LEFT_DELETED: gettext_lazy("Deleted by hand"),
}
KEY_MAX_LENGTH: Final = 600


def shown(
    request: HttpRequest, profile: IdentityProfile, *, links: bool, now: datetime
) -> dict[str, Any]:
    """The context of the tab: figures, and the rows of the reason that is open.

    `links`: whether the person may open identities.
    """
    counts = exceptions.counts(profile)
    opened = request.GET.get("reason", "")
    if opened not in LABELS:
        opened = next((name for name in LABELS if getattr(counts, name)), "")
    context: dict[str, Any] = {
        "figures": figures(request, counts, opened),
        "opened": opened,
        "total": counts.total,
    }
    match opened:
        case "incomplete":
            context |= _incomplete(request, profile, links=links)
        case "collisions":
            context |= _collisions(request, profile, links=links, now=now)
        case "errors":
            context |= _errors(request, profile, links=links, now=now)
        case "left_deleted":
            context |= _left_deleted(request, profile)
    return context


def figures(request: HttpRequest, counts: Counts, opened: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "value": f"{getattr(counts, name):,}",
            "url": address(request, reason=name, after="", before=""),
            "current": name == opened,
        }
        for name, label in LABELS.items()
    ]


def _incomplete(request: HttpRequest, profile: IdentityProfile, *, links: bool) -> dict[str, Any]:
    page: Page[Identity] = paginate(
        request,
        exceptions.incomplete(profile),
        orders=[Order("name", "display_name")],
        default="name",
    )
    accounts, labels = _native_identities(profile, page.rows), known()
    return {
        "page": page,
        "rows": [
            {
                "identity": identity,
                "url": identity_url(profile, identity.pk) if links else "",
                "missing": [str(labels[name].label) for name in exceptions.missing_in(identity)],
                "account": accounts.get(identity.pk, ""),
                "mend_url": mapping_url(profile, "", accounts.get(identity.pk, "")),
            }
            for identity in page.rows
        ],
    }


def _native_identities(profile: IdentityProfile, identities: list[Identity]) -> Mapping[Any, str]:
    links = IdentityAccount.objects.filter(source=profile.source_id, identity__in=identities)
    return dict(links.values_list("identity_id", "native_identity"))


def _collisions(
    request: HttpRequest, profile: IdentityProfile, *, links: bool, now: datetime
) -> dict[str, Any]:
    after = request.GET.get("after", "").replace("\0", "")[:KEY_MAX_LENGTH]
    found, more = exceptions.collisions(profile, at=now, after=after)
    return _onward(request, after, more) | {
        "rows": [
            {
                "collision": collision,
                "sides": [
                    {
                        "side": side,
                        "url": identity_url(side.profile or profile, side.identity.pk)
                        if side.identity is not None and links
                        else "",
                        "mend_url": mapping_url(side.profile, "uid", side.native_identity)
                        if side.profile is not None
                        else "",
                    }
                    for side in collision.sides
                ],
            }
            for collision in found
        ]
    }


def _errors(
    request: HttpRequest, profile: IdentityProfile, *, links: bool, now: datetime
) -> dict[str, Any]:
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    found, more = exceptions.errors(profile, at=now, after=after)
    return _onward(request, str(after) if after else "", str(more) if more else "") | {
        "rows": [
            {
                "error": error,
                "url": identity_url(profile, error.identity_id)
                if links and error.identity_id
                else "",
                "mend_url": mapping_url(profile, error.attribute, error.native_identity)
                if error.attribute
                else "",
                "transform": error.mapping.transform if error.mapping is not None else None,
            }
            for error in found
        ]
    }


def _left_deleted(request: HttpRequest, profile: IdentityProfile) -> dict[str, Any]:
    page: Page[IdentityAccount] = paginate(
        request,
        exceptions.left_deleted(profile),
        orders=[Order("account", "native_identity")],
        default="account",
    )
    return {"page": page, "rows": page.rows}


def _onward(request: HttpRequest, after: str, more: str) -> dict[str, Any]:
    """The neighbours of a page of which only the way on is known."""
    return {
        "first_url": address(request, after="") if after else "",
        "more_url": address(request, after=more) if more else "",
    }


def identity_url(profile: IdentityProfile, identity_id: Any) -> str:
    """The page of an identity of a profile: that of a service account, or of a person."""
    name = "service_accounts" if profile.is_for_service_accounts else "identities"
    return reverse(f"{name}:detail", args=[identity_id])


def mapping_url(profile: IdentityProfile, attribute: str, account: str) -> str:
    """The Mappings tab with a preview of the account, at the row of the attribute."""
    url = reverse("profiles:mappings", args=[profile.pk], query={"account": account})
    return f"{url}#row-{attribute}" if attribute else url


HEADER: Final = (
    "profile",
    "reason",
    "account_name",
    "account_id",
    "identity",
    "attribute",
    "cause",
)
"""Names for programs: they are not translated."""


def lines(profile: IdentityProfile, *, now: datetime) -> Iterator[list[Any]]:
    """Every exception of a profile as the cells of `HEADER`, read page by page."""
    yield from _error_lines(profile, now)
    yield from _collision_lines(profile, now)
    for identity in (
        exceptions.incomplete(profile).order_by("display_name", "pk").iterator(chunk_size=1000)
    ):
        missing = ", ".join(exceptions.missing_in(identity))
        cause = _("There is no value")
        yield [profile.name, _("Incomplete"), "", "", identity.user_name, missing, cause]
    for link in exceptions.left_deleted(profile).order_by("native_identity").iterator():
        name = link.identity.user_name
        yield [profile.name, _("Deleted by hand"), "", link.native_identity, name, "", ""]


def _error_lines(profile: IdentityProfile, now: datetime) -> Iterator[list[Any]]:
    after = -1
    while after:
        found, after = exceptions.errors(profile, at=now, after=max(0, after))
        for error in found:
            yield _error_cells(profile, error)


def _error_cells(profile: IdentityProfile, error: AccountError) -> list[Any]:
    return [
        profile.name,
        error.reason,
        error.account_name,
        error.native_identity,
        str(error.identity_id or ""),
        error.attribute,
        " ".join(error.causes),
    ]


def _collision_lines(profile: IdentityProfile, now: datetime) -> Iterator[list[Any]]:
    after, is_first = "", True
    while after or is_first:
        found, after = exceptions.collisions(profile, at=now, after=after)
        is_first = False
        for collision in found:
            for side in collision.sides:
                yield _side_cells(profile, collision, side)


def _side_cells(profile: IdentityProfile, collision: Collision, side: Side) -> list[Any]:
    where = side.profile or profile
    return [
        where.name if side.profile is not None else "",
        collision.reason,
        "" if side.identity is not None else side.label,
        side.native_identity,
        side.identity.user_name if side.identity is not None else "",
        "uid",
        collision.name,
    ]
