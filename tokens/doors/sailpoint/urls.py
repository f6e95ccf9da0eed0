"""The one table of what this door serves, and its two layouts of addresses made of it.

The one of 2026 has the service before its version (`/sources/v1/{id}`), the yearly ones the
version before the service (`/v3/sources/{id}`); the views are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from tokens.doors.sailpoint import (
    accounts,
    auth_users,
    identities,
    identity_profiles,
    imports,
    info,
    oauth_clients,
    personal_access_tokens,
    public_identities,
    source_changes,
    sources,
    tasks,
    transforms,
)
from tokens.doors.sailpoint.calls import View, serve
from tokens.doors.sailpoint.errors import problem
from tokens.doors.sailpoint.operations import Operation, served
from tokens.edge.machine import machine

ANY_METHOD: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
YEARLY: Final = "v3|beta|v2024|v2025|v2026"
ADDRESSES: Final = re.compile(rf"(?:{YEARLY})/|[a-z]+(?:-[a-z]+)*/v[0-9]+\b")
"""How every address of this door begins, after its first slash; no page's does."""
VERSION: Final = "/v1"
"""Where the version stands in an address of the layout of 2026."""

VIEWS: Final[dict[str, View]] = {
    "listPersonalAccessTokens": personal_access_tokens.list_,
    "createPersonalAccessToken": personal_access_tokens.create,
    "patchPersonalAccessToken": personal_access_tokens.patch,
    "deletePersonalAccessToken": personal_access_tokens.delete,
    "bulkUpdatePersonalAccessTokens": personal_access_tokens.bulk_update,
    "bulkPatchPersonalAccessTokens": personal_access_tokens.bulk_update,
    "listOauthClients": oauth_clients.list_,
    "getOauthClient": oauth_clients.get,
    "getAuthUser": auth_users.get,
    "patchAuthUser": auth_users.patch,
    "listSources": sources.list_,
    "createSource": source_changes.create,
    "getSource": sources.get,
    "updateSource": source_changes.update,
    "deleteSource": source_changes.delete,
    "getSourceSchemas": sources.schemas,
    "getSourceSchema": sources.schema_,
    "getAccountsSchema": sources.template,
    "importAccountsSchema": sources.upload_schema,
    "importAccounts": imports.load_accounts,
    "deleteAccountsAsync": imports.remove_accounts,
    "listAccounts": accounts.list_,
    "getAccount": accounts.get,
    "listIdentities": identities.list_,
    "getIdentity": identities.get,
    "deleteIdentity": identities.delete,
    "resetIdentity": identities.reset,
    "startIdentitiesInvite": identities.invite,
    "startIdentityProcessing": identities.process,
    "listIdentityProfiles": identity_profiles.list_,
    "getIdentityProfile": identity_profiles.get,
    "syncIdentityProfile": identity_profiles.process_identities,
    "generateIdentityPreview": identity_profiles.identity_preview,
    "getPublicIdentities": public_identities.list_,
    "getTaskStatus": tasks.get,
    "getTaskStatusList": tasks.list_,
    "listTransforms": transforms.list_,
    "createTransform": transforms.create,
    "getTransform": transforms.get,
    "updateTransform": transforms.update,
    "deleteTransform": transforms.delete,
}


@machine(problem, *ANY_METHOD)
def not_found(request: HttpRequest) -> HttpResponse:
    """What lies below the vendor's addresses and is not served: JSON, never a page."""
    del request
    return problem(HTTPStatus.NOT_FOUND, "This address is not served here.")


def _by_path() -> dict[str, dict[Operation, View]]:
    """Operations by address; what is written out stands before what is a part to be filled."""
    found: dict[str, dict[Operation, View]] = {}
    for name, operation in served().items():
        found.setdefault(operation.path, {})[operation] = VIEWS[name]
    return dict(sorted(found.items(), key=lambda item: item[0].replace("{", "~")))


def _patterns(template: str, view: Callable[..., HttpResponse]) -> list[URLPattern]:
    service, _version, rest = template.lstrip("/").partition(VERSION)
    parts = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", rest)
    return [
        re_path(rf"^{service}/v1{parts}\Z", view),
        re_path(rf"^(?:{YEARLY})/{service}{parts}\Z", view),
    ]


urlpatterns = [
    path("oauth/info", info.oauth_info),
    *(
        pattern
        for template, views in _by_path().items()
        for pattern in _patterns(template, serve(views))
    ),
    re_path(rf"^(?:{ADDRESSES.pattern})", not_found),
]
