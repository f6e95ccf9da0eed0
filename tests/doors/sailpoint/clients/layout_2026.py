"""What the vendor's own package `sailpoint` 2 does with an instance; run by its own interpreter.

It reads the address and a token from the environment variables that the package itself reads, and
prints what it saw as one line of JSON. Nothing of Steward is imported.
"""

import datetime
import json
import os
import sys
import time
from importlib.metadata import version
from typing import Any

import sailpoint.accounts
import sailpoint.auth_users
import sailpoint.identities
import sailpoint.identity_profiles
import sailpoint.personal_access_tokens
import sailpoint.public_identities
import sailpoint.sources
import sailpoint.task_management
import sailpoint.transforms
from sailpoint.accounts.api.accounts_api import AccountsApi
from sailpoint.auth_users.api.auth_users_api import AuthUsersApi
from sailpoint.configuration import Configuration, ConfigurationParams
from sailpoint.identities.api.identities_api import IdentitiesApi
from sailpoint.identity_profiles.api.identity_profiles_api import IdentityProfilesApi
from sailpoint.paginator import Paginator
from sailpoint.personal_access_tokens.api.personal_access_tokens_api import (
    PersonalAccessTokensApi,
)
from sailpoint.public_identities.api.public_identities_api import PublicIdentitiesApi
from sailpoint.sources.api.sources_api import SourcesApi
from sailpoint.task_management.api.task_management_api import TaskManagementApi
from sailpoint.transforms.api.transforms_api import TransformsApi

FILE = b"""id,name,e-mail,purpose
SA-001,audit01,admin@company.com,Automate monthly audit report
SA-002,backup01,admin@company.com,Nightly backup
"""
PATIENCE_SECONDS = 60


def configured(client_id: str = "", secret: str = "") -> Configuration:
    if not client_id:
        return Configuration()
    params = ConfigurationParams()
    params.base_url = os.environ["SAIL_BASE_URL"]
    params.client_id, params.client_secret = client_id, secret
    return Configuration(params)


def tokens(own: Configuration) -> dict[str, Any]:
    """List, make, trade, rename and delete a personal access token."""
    module = sailpoint.personal_access_tokens
    api = PersonalAccessTokensApi(module.ApiClient(own))
    expiry = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=7)
    wanted = module.CreatePersonalAccessTokenRequest(
        name="NodeJS Integration",
        scope=["idn:sources:read"],
        access_token_validity_seconds=900,
        expiration_date=expiry,
    )
    before = len(api.list_personal_access_tokens_v1(owner_id="me"))
    made = api.create_personal_access_token_v1(wanted)
    other = configured(made.id, made.secret)
    listed = SourcesApi(sailpoint.sources.ApiClient(other)).list_sources_v1()
    rename = module.JsonPatchOperation(
        op="replace", path="/name", value=module.JsonPatchOperationValue("Renamed")
    )
    renamed = api.patch_personal_access_token_v1(made.id, [rename])
    after = {token.id: token for token in api.list_personal_access_tokens_v1(owner_id="me")}
    api.delete_personal_access_token_v1(made.id)
    refused = 0
    try:
        SourcesApi(sailpoint.sources.ApiClient(other)).list_sources_v1()
    except sailpoint.sources.ApiException as error:
        refused = error.status
    return {
        "before": before,
        "after": len(after),
        "id_length": len(made.id),
        "secret_length": len(made.secret),
        "sources_by_it": len(listed),
        "renamed": [renamed.name, after[made.id].name],
        "refused_when_deleted": refused,
        "traded_when_deleted": bool(configured(made.id, made.secret).access_token),
    }


def source(own: Configuration, source_id: str) -> dict[str, Any]:
    """Read the schema and the template, import a file, follow its task, list the accounts."""
    api = SourcesApi(sailpoint.sources.ApiClient(own))
    tasks = TaskManagementApi(sailpoint.task_management.ApiClient(own))
    template = api.get_accounts_schema_v1_with_http_info(source_id).raw_data
    [schema] = api.get_source_schemas_v1(source_id)
    started = api.import_accounts_v1(source_id, file=("accounts.csv", FILE))
    task = ended(tasks, started.task.id)
    accounts = AccountsApi(sailpoint.accounts.ApiClient(own))
    found = accounts.list_accounts_v1(filters=f'sourceId eq "{source_id}"', sorters="name")
    return {
        "name": api.get_source_v1(source_id).name,
        "listed": [each.name for each in api.list_sources_v1(filters='name sw "Serv"')],
        "template": template.decode("utf-8").strip(),
        "columns": [attribute.name for attribute in schema.attributes],
        "started": started.success,
        "status": task.completion_status,
        "percent": task.percent_complete,
        "created": task.attributes["created"],
        "accounts": [[each.name, each.native_identity, each.uncorrelated] for each in found],
        "tasks": len(tasks.get_task_status_list_v1(filters=f'sourceId eq "{source_id}"')),
    }


def ended(tasks: TaskManagementApi, task_id: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        task = tasks.get_task_status_v1(task_id)
        if task.completion_status is not None:
            return task
        time.sleep(0.2)
    raise TimeoutError(task_id)


def identities(own: Configuration) -> dict[str, Any]:
    """Apply the changes of a profile; read who came of it, give a level, send an invitation."""
    profiles = IdentityProfilesApi(sailpoint.identity_profiles.ApiClient(own))
    tasks = TaskManagementApi(sailpoint.task_management.ApiClient(own))
    [profile] = profiles.list_identity_profiles_v1()
    profiles.sync_identity_profile_v1(profile.id)
    [begun] = tasks.get_task_status_list_v1(
        filters='type eq "IDENTITY_REFRESH"', sorters="-created", limit=1
    )
    refreshed = ended(tasks, begun.id)
    module = sailpoint.identities
    api = IdentitiesApi(module.ApiClient(own))
    [audit] = api.list_identities_v1(filters='alias eq "audit01"')
    public = PublicIdentitiesApi(sailpoint.public_identities.ApiClient(own))
    users = AuthUsersApi(sailpoint.auth_users.ApiClient(own))
    # the package's own check of this value knows no list of texts: its maker is gone round
    value = sailpoint.auth_users.JsonPatchOperationValue.model_construct(
        actual_instance=["HELPDESK"]
    )
    levels = sailpoint.auth_users.JsonPatchOperation(
        op="replace", path="/capabilities", value=value
    )
    invited = api.start_identities_invite_v1(module.InviteIdentitiesRequest(ids=[audit.id]))
    return {
        "profile": [profile.name, profile.authoritative_source.name],
        "refreshed": refreshed.completion_status,
        "known": [audit.name, audit.email_address, audit.identity_status],
        "status": api.get_identity_v1(audit.id).alias,
        "public": sorted(each.alias for each in public.get_public_identities_v1()),
        "paged": len(Paginator.paginate(api.list_identities_v1, 3, limit=2)),
        "levels": users.patch_auth_user_v1(audit.id, [levels]).capabilities,
        "levels_read": users.get_auth_user_v1(audit.id).capabilities,
        "invited": ended(tasks, invited.id).completion_status,
        "transforms": len(TransformsApi(sailpoint.transforms.ApiClient(own)).list_transforms_v1()),
    }


if __name__ == "__main__":
    own = configured()
    seen: dict[str, Any] = {"version": version("sailpoint")}
    if "tokens" in sys.argv:
        seen["tokens"] = tokens(own)
    if "source" in sys.argv:
        seen["source"] = source(own, os.environ["SOURCE_ID"])
    if "identities" in sys.argv:
        seen["identities"] = identities(own)
    sys.stdout.write(json.dumps(seen))
