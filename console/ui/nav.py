"""The navigation: one table, of which each person sees what they may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Identity
from console.ui.installation import keeps_mail
from console.ui.waiting import answers_wanted


@dataclass(frozen=True)
class Item:
    label: str | Promise
    view: str
    """URL name. The item is current on every page of the same namespace."""
    icon: str
    permission: Permission
    namespaces: tuple[str, ...] = ()
    """Further namespaces whose pages belong to this item."""
    pages: tuple[str, ...] = ()
    """URL names of the only pages on which it is current, where others share the namespace."""
    but: tuple[str, ...] = ()
    """URL names of pages of its namespaces that belong to another item."""
    alone_without: Permission | None = None
    """For whoever lacks this, all pages of its namespaces belong to it."""
    only_if: Callable[[], bool] | None = None
    """Whether this installation has such a page at all."""
    count: Callable[[Identity], int] | None = None
    """How many things wait there for the person."""
    waiting: str = ""
    """URL name of where they wait; the item leads there as long as something does."""


@dataclass(frozen=True)
class Section:
    title: str | Promise
    items: tuple[Item, ...]


class Link(TypedDict):
    label: str
    url: str
    icon: str
    current: bool
    count: int | None


class Group(TypedDict):
    title: str
    items: list[Link]


MAIN = (
    Section(
        "",
        (
            Item(_("Overview"), "overview:show", "house", Permission.CONSOLE_OPEN),
            Item(
                _("Requests"),
                "requests:mine",
                "inbox",
                Permission.REQUEST_ASK,
                namespaces=("takeovers",),
                count=answers_wanted,
                waiting="requests:to_approve",
            ),
            Item(
                _("Service accounts"),
                "service_accounts:list",
                "bot",
                Permission.SERVICE_ACCOUNT_VIEW_ALL,
                namespaces=("credentials",),
                but=("service_accounts:mine",),
            ),
            Item(
                _("My service accounts"),
                "service_accounts:mine",
                "user-round-cog",
                Permission.SERVICE_ACCOUNT_VIEW,
                namespaces=("credentials",),
                pages=("service_accounts:mine",),
                alone_without=Permission.SERVICE_ACCOUNT_VIEW_ALL,
            ),
            Item(_("Integrations"), "integrations:list", "cable", Permission.SERVICE_ACCOUNT_VIEW),
            Item(
                _("Personal access tokens"),
                "personal_access_tokens:list",
                "key-square",
                Permission.TOKEN_VIEW_ALL,
            ),
            Item(
                _("Vault"),
                "vault:list",
                "vault",
                Permission.VAULT_OWN,
                namespaces=("trusted_sessions",),
            ),
            Item(
                _("Inbox"),
                "inbox:list",
                "mails",
                Permission.VAULT_OWN,
                pages=("inbox:list", "inbox:message", "inbox:show"),
            ),
            Item(_("Identities"), "identities:list", "users", Permission.IDENTITY_VIEW),
            Item(_("Groups"), "groups:list", "users-round", Permission.CONSOLE_OPEN),
            Item(_("Roles"), "roles:list", "badge-check", Permission.GROUP_VIEW),
            Item(
                _("Sources"),
                "sources:list",
                "database",
                Permission.SOURCE_VIEW,
                namespaces=("imports",),
            ),
            Item(_("Identity profiles"), "profiles:list", "id-card", Permission.PROFILE_VIEW),
            Item(
                _("Identity attributes"),
                "identity_attributes:list",
                "list",
                Permission.PROFILE_VIEW,
            ),
            Item(_("Transforms"), "transforms:list", "workflow", Permission.PROFILE_VIEW),
            Item(
                _("API Explorer"),
                "api_explorer:list",
                "square-terminal",
                Permission.API_EXPLORER_USE,
            ),
        ),
    ),
    Section(
        _("Oversight"),
        (
            Item(_("Audit log"), "audit:list", "scroll-text", Permission.AUDIT_VIEW),
            Item(_("Jobs"), "jobs:list", "list-todo", Permission.JOB_VIEW),
            Item(_("Outbox"), "mail:outbox", "mail", Permission.OUTBOX_VIEW, only_if=keeps_mail),
            Item(
                _("Tenant settings"),
                "tenant:settings",
                "settings",
                Permission.TENANT_VIEW,
                namespaces=(
                    "mail_templates",
                    "apis",
                    "provisioning",
                    "sealing",
                    "bundles",
                    "sign_in_providers",
                ),
                but=("sign_in_providers:own", "sign_in_providers:unlink"),
            ),
        ),
    ),
)
"""The navigation beside every page."""

SETTINGS = (
    Section(
        "",
        (
            Item(
                _("General"),
                "tenant:settings",
                "building-2",
                Permission.TENANT_VIEW,
                pages=("tenant:settings", "tenant:time_zone"),
            ),
            Item(
                _("Global Settings"),
                "tenant:global_settings",
                "sliders-horizontal",
                Permission.TENANT_VIEW,
                pages=("tenant:global_settings", "tenant:rotate"),
            ),
            Item(
                _("Service Accounts"),
                "service_accounts:list",
                "bot",
                Permission.SERVICE_ACCOUNT_VIEW,
            ),
            Item(
                _("Sign-in"),
                "tenant:sign_in",
                "shield-check",
                Permission.TENANT_VIEW,
                pages=("tenant:sign_in",),
            ),
            Item(
                _("Sign-in providers"),
                "sign_in_providers:list",
                "log-in",
                Permission.TENANT_VIEW,
            ),
            Item(
                _("Owner"),
                "tenant:owner",
                "user",
                Permission.TENANT_VIEW,
                pages=("tenant:owner", "tenant:hand_over"),
            ),
            Item(
                _("Outgoing connections"),
                "tenant:outgoing",
                "cable",
                Permission.TENANT_VIEW,
                pages=("tenant:outgoing",),
            ),
            Item(
                _("User levels"),
                "tenant:levels",
                "shield",
                Permission.TENANT_VIEW,
                pages=("tenant:levels",),
            ),
            Item(
                _("Scopes"),
                "tenant:scopes",
                "list-checks",
                Permission.TENANT_VIEW,
                pages=("tenant:scopes",),
            ),
            Item(_("APIs"), "apis:list", "webhook", Permission.TENANT_VIEW),
            Item(_("Provisioning"), "provisioning:list", "refresh-cw", Permission.TENANT_VIEW),
            Item(_("Sealing keys"), "sealing:list", "lock-keyhole", Permission.TENANT_VIEW),
            Item(
                _("Inbox"),
                "inbox:settings",
                "mails",
                Permission.TENANT_VIEW,
                pages=("inbox:settings", "inbox:secret"),
            ),
            Item(
                _("E-mail templates"),
                "mail_templates:list",
                "mail",
                Permission.TENANT_VIEW,
            ),
            Item(
                _("Move configuration"),
                "bundles:move",
                "arrow-right-left",
                Permission.TENANT_MANAGE,
            ),
        ),
    ),
)
"""The list at the left of Tenant settings."""


def navigation(request: HttpRequest) -> list[Group]:
    return _visible(MAIN, request)


def settings_navigation(request: HttpRequest) -> list[Group]:
    """Empty for whoever may not open Tenant settings at all."""
    may_view = request.user.is_authenticated and may(request.user, Permission.TENANT_VIEW)
    return _visible(SETTINGS, request) if may_view else []


def _visible(sections: tuple[Section, ...], request: HttpRequest) -> list[Group]:
    groups: list[Group] = []
    for section in sections:
        items = [
            _link(item, request)
            for item in section.items
            if _may_open(request, item) and _exists(item)
        ]
        if items:
            groups.append({"title": str(section.title), "items": items})
    return groups


def _may_open(request: HttpRequest, item: Item) -> bool:
    return request.user.is_authenticated and may(request.user, item.permission)


def _exists(item: Item) -> bool:
    """Whether the item's slice is installed and in use; else there is nothing to lead to."""
    if item.only_if is not None and not item.only_if():
        return False
    try:
        reverse(item.view)
    except NoReverseMatch:
        return False
    return True


def _link(item: Item, request: HttpRequest) -> Link:
    assert isinstance(request.user, Identity)  # the permission was asked of them
    count = item.count(request.user) if item.count else None
    return {
        "label": str(item.label),
        "url": reverse(item.waiting if item.waiting and count else item.view),
        "icon": item.icon,
        "current": _is_current(item, request),
        "count": count,
    }


def _is_current(item: Item, request: HttpRequest) -> bool:
    match = request.resolver_match
    assert isinstance(request.user, Identity)
    if match is None or not match.namespace:
        return False
    is_alone = item.alone_without is not None and not may(request.user, item.alone_without)
    if item.pages and not is_alone:
        return match.view_name in item.pages
    if match.view_name in item.but:
        return False
    return match.namespace in (item.view.partition(":")[0], *item.namespaces)
