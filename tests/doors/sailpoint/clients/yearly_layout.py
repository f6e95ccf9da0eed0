"""What the vendor's own package `sailpoint` 1.4 does with an instance: the last yearly one.

Run by its own interpreter; reads its environment variables and prints one line of JSON. Nothing of
Steward is imported.
"""

import datetime
import json
import os
import sys
import time
from importlib.metadata import version
from typing import Any

import sailpoint.v3
import sailpoint.v2025
from sailpoint.configuration import Configuration, ConfigurationParams

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
    v3 = sailpoint.v3
    api = v3.PersonalAccessTokensApi(v3.ApiClient(own))
    expiry = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=7)
    wanted = v3.CreatePersonalAccessTokenRequest(
        name="Integration of old",
        scope=["idn:sources:read"],
        access_token_validity_seconds=900,
        expiration_date=expiry,
    )
    before = len(api.list_personal_access_tokens(owner_id="me"))
    made = api.create_personal_access_token(wanted)
    other = configured(made.id, made.secret)
    listed = v3.SourcesApi(v3.ApiClient(other)).list_sources()
    rename = v3.JsonPatchOperation(
        op="replace", path="/name", value=v3.JsonPatchOperationValue("Renamed")
    )
    renamed = api.patch_personal_access_token(made.id, [rename])
    after = {token.id: token for token in api.list_personal_access_tokens(owner_id="me")}
    api.delete_personal_access_token(made.id)
    refused = 0
    try:
        v3.SourcesApi(v3.ApiClient(other)).list_sources()
    except v3.ApiException as error:
        refused = error.status
    return {
        "before": before,
        "after": len(after),
        "sources_by_it": len(listed),
        "renamed": [renamed.name, after[made.id].name],
        "refused_when_deleted": refused,
        "traded_when_deleted": bool(configured(made.id, made.secret).access_token),
    }


def source(own: Configuration, source_id: str) -> dict[str, Any]:
    """Read the schema and the template, import a file, follow its task, list the accounts."""
    v3, v2025 = sailpoint.v3, sailpoint.v2025
    api = v3.SourcesApi(v3.ApiClient(own))
    tasks = v2025.TaskManagementApi(v2025.ApiClient(own))
    template = api.get_accounts_schema_with_http_info(source_id).raw_data
    [schema] = api.get_source_schemas(source_id)
    importing = v2025.SourcesApi(v2025.ApiClient(own))
    started = importing.import_accounts(source_id, file=("accounts.csv", FILE))
    task = ended(tasks, started.task.id)
    accounts = v3.AccountsApi(v3.ApiClient(own))
    found = accounts.list_accounts(filters=f'sourceId eq "{source_id}"', sorters="name")
    return {
        "name": api.get_source(source_id).name,
        "listed": [each.name for each in api.list_sources(filters='name sw "Serv"')],
        "template": template.decode("utf-8").strip(),
        "columns": [attribute.name for attribute in schema.attributes],
        "started": started.success,
        "status": task.completion_status,
        "percent": task.percent_complete,
        "created": task.attributes["created"],
        "accounts": [[each.name, each.native_identity, each.uncorrelated] for each in found],
        "tasks": len(tasks.get_task_status_list(filters=f'sourceId eq "{source_id}"')),
    }


def ended(tasks: Any, task_id: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        task = tasks.get_task_status(task_id)
        if task.completion_status is not None:
            return task
        time.sleep(0.2)
    raise TimeoutError(task_id)


def identities(own: Configuration) -> dict[str, Any]:
    """Apply the changes of a profile; read who came of it, give a level, send an invitation."""
    v3, v2025 = sailpoint.v3, sailpoint.v2025
    profiles = v3.IdentityProfilesApi(v3.ApiClient(own))
    tasks = v2025.TaskManagementApi(v2025.ApiClient(own))
    [profile] = profiles.list_identity_profiles()
    profiles.sync_identity_profile(profile.id)
    [begun] = tasks.get_task_status_list(
        filters='type eq "IDENTITY_REFRESH"', sorters="-created", limit=1
    )
    refreshed = ended(tasks, begun.id)
    api = v2025.IdentitiesApi(v2025.ApiClient(own))
    [audit] = api.list_identities(filters='alias eq "audit01"')
    public = v3.PublicIdentitiesApi(v3.ApiClient(own))
    users = v3.AuthUsersApi(v3.ApiClient(own))
    # the package's own check of this value knows no list of texts: its maker is gone round
    value = v3.JsonPatchOperationValue.model_construct(actual_instance=["HELPDESK"])
    levels = v3.JsonPatchOperation(op="replace", path="/capabilities", value=value)
    invited = api.start_identities_invite(v2025.InviteIdentitiesRequest(ids=[audit.id]))
    transforms = v3.TransformsApi(v3.ApiClient(own))
    return {
        "profile": [profile.name, profile.authoritative_source.name],
        "refreshed": refreshed.completion_status,
        "known": [audit.name, audit.email_address, audit.identity_status],
        "public": sorted(each.alias for each in public.get_public_identities()),
        "levels": users.patch_auth_user(audit.id, [levels]).capabilities,
        "levels_read": users.get_auth_user(audit.id).capabilities,
        "invited": ended(tasks, invited.id).completion_status,
        "transforms": len(transforms.list_transforms()),
    }


if __name__ == "__main__":
    own = configured()
    own.experimental = True  # the package asks for it before it sends an invitation
    seen: dict[str, Any] = {"version": version("sailpoint")}
    if "tokens" in sys.argv:
        seen["tokens"] = tokens(own)
    if "source" in sys.argv:
        seen["source"] = source(own, os.environ["SOURCE_ID"])
    if "identities" in sys.argv:
        seen["identities"] = identities(own)
    sys.stdout.write(json.dumps(seen))
