"""Where things have their pages, for whoever may open them: one statement a kind of thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.imports.queries import visible_to as imports_visible_to
from accounts.jobs.queries import visible_to as jobs_visible_to
from accounts.models import (
    AccessRequest,
    Group,
    Identity,
    IdentityProfile,
    Integration,
    Processing,
    Role,
    ServiceAccount,
    SignInProvider,
    Source,
    SourceAccount,
    StoredAccount,
    Transform,
)
from tokens.credentials import queries as credentials
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.models import Api
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.personal_access_tokens import queries as personal_access_tokens

Target = tuple[str, str]
"""What it is, as the audit log calls it, and its id."""
Find = Callable[[Identity, set[str]], dict[str, str]]
"""Ids that are there and may be seen, with the address of each."""


def urls(targets: Iterable[Target], person: Identity) -> dict[Target, str]:
    """The pages of those targets that exist and that this person may open."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, target_id in targets:
        wanted[kind].add(target_id)
    return {
        (kind, target_id): url
        for kind, ids in wanted.items()
        if kind in FINDERS
        for target_id, url in FINDERS[kind](person, ids).items()
    }


def _of_rows(rows: Any, ids: set[str], page: str) -> dict[str, str]:
    """Rows whose page needs their id alone."""
    found = rows.filter(pk__in=_uuids(ids)).values_list("pk", flat=True)
    return {str(pk): reverse(page, args=[pk]) for pk in found}


def _uuids(ids: set[str]) -> list[UUID]:
    found = []
    for text in ids:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _service_accounts(person: Identity, ids: set[str]) -> dict[str, str]:
    rows = ServiceAccount.objects.visible_to(person)
    return _of_rows(rows, ids, "service_accounts:detail")


def _identities(person: Identity, ids: set[str]) -> dict[str, str]:
    """People by their own page; a service account by the page of the account."""
    if not may(person, Permission.IDENTITY_VIEW):
        return {}
    found = _of_rows(Identity.objects.people(), ids, "identities:detail")
    left = ids - found.keys()
    return found | (_service_accounts(person, left) if left else {})


def _sources(person: Identity, ids: set[str]) -> dict[str, str]:
    return _of_rows(Source.objects.visible_to(person), ids, "sources:detail")


def _source_accounts(person: Identity, ids: set[str]) -> dict[str, str]:
    rows = SourceAccount.objects.filter(
        pk__in=[int(text) for text in ids if text.isdecimal() and len(text) < 19],
        source__in=Source.objects.visible_to(person),
    )
    return {
        str(pk): reverse("sources:account", args=[source, pk])
        for pk, source in rows.values_list("pk", "source_id")
    }


def _imports(person: Identity, ids: set[str]) -> dict[str, str]:
    rows = imports_visible_to(person).filter(pk__in=_uuids(ids), source__deleted_at=None)
    return {
        str(pk): reverse("imports:detail", args=[source, pk])
        for pk, source in rows.values_list("pk", "source_id")
    }


def _profiles(person: Identity, ids: set[str]) -> dict[str, str]:
    return _of_rows(IdentityProfile.objects.visible_to(person), ids, "profiles:detail")


def _processings(person: Identity, ids: set[str]) -> dict[str, str]:
    visible = Q(profile__in=IdentityProfile.objects.visible_to(person))
    rows = Processing.objects.filter(visible, pk__in=_uuids(ids))
    return {
        str(pk): reverse("profiles:processing", args=[profile, pk])
        for pk, profile in rows.values_list("pk", "profile_id")
    }


def _transforms(person: Identity, ids: set[str]) -> dict[str, str]:
    if not may(person, Permission.PROFILE_VIEW):
        return {}
    return _of_rows(Transform.objects.all(), ids, "transforms:detail")


def _groups(person: Identity, ids: set[str]) -> dict[str, str]:
    return _of_rows(Group.objects.visible_to(person), ids, "groups:detail")


def _integrations(person: Identity, ids: set[str]) -> dict[str, str]:
    return _of_rows(Integration.objects.visible_to(person), ids, "integrations:detail")


def _roles(person: Identity, ids: set[str]) -> dict[str, str]:
    if not may(person, Permission.GROUP_VIEW):
        return {}
    return _of_rows(Role.objects.all(), ids, "roles:detail")


def _own_apis(person: Identity, ids: set[str]) -> dict[str, str]:
    if not may(person, Permission.TENANT_VIEW):
        return {}
    return _of_rows(Api.objects.all(), ids, "apis:detail")


def _sign_in_providers(person: Identity, ids: set[str]) -> dict[str, str]:
    if not may(person, Permission.TENANT_VIEW):
        return {}
    return _of_rows(SignInProvider.objects.all(), ids, "sign_in_providers:detail")


def _personal_access_tokens(person: Identity, ids: set[str]) -> dict[str, str]:
    rows = personal_access_tokens.visible_to(person)
    return _of_rows(rows, ids, "personal_access_tokens:detail")


def _keys(person: Identity, ids: set[str]) -> dict[str, str]:
    """By the page that lists all keys of their account."""
    rows = credentials.visible_to(person).filter(pk__in=_uuids(ids))
    return {
        str(pk): reverse("service_accounts:keys", args=[account])
        for pk, account in rows.values_list("pk", "identity_id")
    }


def _key_pickups(person: Identity, ids: set[str]) -> dict[str, str]:
    rows = credentials.waiting_for(person, timezone.now())
    return _of_rows(rows, ids, "credentials:pickup")


def _token_pickups(person: Identity, ids: set[str]) -> dict[str, str]:
    rows = token_pickups.waiting_for(person, timezone.now())
    return _of_rows(rows, ids, "personal_access_tokens:pickup")


def _stored_accounts(person: Identity, ids: set[str]) -> dict[str, str]:
    return _of_rows(StoredAccount.objects.visible_to(person), ids, "vault:detail")


def _requests(person: Identity, ids: set[str]) -> dict[str, str]:
    visible = AccessRequest.objects.visible_to(person, timezone.now())
    return _of_rows(visible, ids, "requests:detail")


def _jobs(person: Identity, ids: set[str]) -> dict[str, str]:
    return _of_rows(jobs_visible_to(person), ids, "jobs:detail")


def _one_page(page: str, permission: Permission) -> Find:
    """All of a kind have one page."""

    def find(person: Identity, ids: set[str]) -> dict[str, str]:
        return dict.fromkeys(ids, reverse(page)) if may(person, permission) else {}

    return find


FINDERS: Final[dict[str, Find]] = {
    "service_account": _service_accounts,
    "identity": _identities,
    "source": _sources,
    "source_account": _source_accounts,
    "import": _imports,
    "identity_profile": _profiles,
    "identity_processing": _processings,
    "transform": _transforms,
    "group": _groups,
    "role": _roles,
    "integration": _integrations,
    "own_api": _own_apis,
    "sign_in_provider": _sign_in_providers,
    KEY_PAIR: _keys,
    PERSONAL_ACCESS_TOKEN: _personal_access_tokens,
    "key_pickup": _key_pickups,
    "token_pickup": _token_pickups,
    "stored_account": _stored_accounts,
    "vault": _one_page("vault:vaults", Permission.VAULT_MANAGE),
    "application": _one_page("vault:applications", Permission.VAULT_MANAGE),
    "request": _requests,
    "job": _jobs,
    "schedule": _one_page("jobs:scheduled", Permission.JOB_VIEW_ALL),
    "tenant_setting": _one_page("tenant:global_settings", Permission.TENANT_VIEW),
    "signing_key": _one_page("tenant:global_settings", Permission.TENANT_VIEW),
    "sealing_key": _one_page("sealing:list", Permission.TENANT_VIEW),
}
"""By what the audit log calls a thing."""
