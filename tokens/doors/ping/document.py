"""The OpenAPI document of this door."""

from __future__ import annotations

from typing import Final

from tokens.doors import openapi
from tokens.doors.openapi import Document, operation, parameter
from tokens.doors.ping import identities, service_accounts

VERSIONS: Final = ("8.0.0",)
FIELDS: Final = parameter("_fields", "query", "Names with commas; all where empty.")
LIST: Final = (
    parameter("_queryFilter", "query", 'Such as userName sw "a"; true for all.', default="true"),
    FIELDS,
    parameter("_sortKeys", "query", "Names with commas; -name for the other way round."),
    parameter("_pageSize", "query", "Rows of the answer.", kind="integer", default=10),
    parameter("_pagedResultsCookie", "query", "From the answer before."),
    parameter("_totalPagedResultsPolicy", "query", "NONE, ESTIMATE or EXACT."),
)


def document(version: str) -> Document:
    return openapi.document(
        "PingOne Advanced Identity Cloud",
        version,
        _paths(),
        description="What PingOne's own clients call, at their addresses.",
        token_path="/am/oauth2/access_token",  # noqa: S106  # an address
    )


def _paths() -> dict[str, Document]:
    user, account = [identities.SCOPE], [service_accounts.SCOPE]
    one, environment = "Managed objects", "Environment"
    get = {
        "/openidm/managed/alpha_user": operation(
            "listUsers", "List identities", api=one, scopes=user, parameters=LIST
        ),
        "/openidm/managed/alpha_user/{identity_id}": operation(
            "readUser",
            "Read an identity",
            api=one,
            scopes=user,
            parameters=[parameter("identity_id", "path"), FIELDS],
        ),
        "/openidm/managed/svcacct/{account_id}": operation(
            "readServiceAccount",
            "Read the service account that the token is of",
            api=one,
            scopes=account,
            parameters=[parameter("account_id", "path"), FIELDS],
        ),
        "/openidm/info/login": operation(
            "whoAmI", "Read who calls", api="Information", scopes=user
        ),
        "/am/json/serverinfo/*": operation(
            "serverInfo", "Read what clients need to begin", api="Information", scopes=None
        ),
        "/am/json/serverinfo/version": operation(
            "serverVersion", "Read the version", api="Information", scopes=[]
        ),
        "/environment/info": operation(
            "environmentInfo", "Read the environment", api=environment, scopes=[]
        ),
        "/environment/scopes/service-accounts": operation(
            "environmentScopes",
            "List the scopes of service accounts",
            api=environment,
            scopes=[],
        ),
        "/feature": operation("features", "List the features", api="Information", scopes=[]),
    }
    return {path: {"get": told} for path, told in get.items()}
