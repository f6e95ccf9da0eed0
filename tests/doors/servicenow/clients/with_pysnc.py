"""What the package `pysnc` 1.2 does with an instance.

Run by its own interpreter; reads its environment variables and prints one line of JSON. Nothing of
Steward is imported.
"""

import json
import os
import sys
from importlib.metadata import version
from typing import Any

import pysnc
import requests
from pysnc.exceptions import AuthenticationException, RoleException

URL, CERTIFICATE = os.environ["INSTANCE"], os.environ["CERTIFICATE"]
GROUP = "ServiceNow Service Accounts"


def client(who: str) -> Any:
    pair = os.environ[f"{who}_ID"], os.environ[f"{who}_SECRET"]
    return pysnc.ServiceNowClient(URL, pair, verify=CERTIFICATE)


def record(who: Any, table: str, query: str) -> Any:
    found = who.GlideRecord(table)
    found.add_encoded_query(query)
    found.query()
    return found


def members(who: Any) -> list[list[str]]:
    found = who.GlideRecord("sys_user_grmember")
    found.fields = ["sys_id", "group", "user", "user.user_name", "user.web_service_access_only"]
    found.add_query("group.name", GROUP)
    found.query()
    return sorted(
        [
            each.get_display_value("group"),
            each.get_value("user.user_name"),
            each.get_value("user.web_service_access_only"),
        ]
        for each in found
    )


def add_member(who: Any, user: str, group: str) -> Any:
    made = who.GlideRecord("sys_user_grmember")
    made.initialize()
    made.user, made.group = user, group
    made.insert()
    return made


def as_administrator(ada: Any) -> dict[str, Any]:
    group = record(ada, "sys_user_group", f"name={GROUP}")
    assert group.next()
    user = ada.GlideRecord("sys_user")
    assert user.get("user_name", "svc-beta")
    before = members(ada)
    user.web_service_access_only = "true"
    assert user.update()
    added = add_member(ada, user.sys_id, group.sys_id)
    during = members(ada)
    assert added.delete()
    missing = ada.GlideRecord("sys_user_grmember").get(added.sys_id)
    several = record(ada, "sys_user", "user_nameSTARTSWITHsvc^ORDERBYuser_name")
    for each in several:
        each.web_service_access_only = "true"
    updated = several.update_multiple()
    for each in [add_member(ada, user.sys_id, group.sys_id)]:
        again = record(ada, "sys_user_grmember", f"sys_id={each.sys_id}")
        deleted = again.delete_multiple()
    return {
        "rows": len(group),
        "roles": sorted(
            each.get_display_value("role")
            for each in record(ada, "sys_group_has_role", f"group={group.sys_id}")
        ),
        "before": before,
        "during": during,
        "after": members(ada),
        "found_when_deleted": missing,
        "updated": updated,
        "deleted": deleted,
        "only": [
            each.get_value("web_service_access_only")
            for each in record(ada, "sys_user", "user_nameSTARTSWITHsvc^ORDERBYuser_name")
        ],
        "ids": [user.sys_id, group.sys_id],
    }


def refused(act: Any) -> str:
    try:
        act()
    except (RoleException, AuthenticationException) as error:
        return type(error).__name__
    return ""


def as_anyone_else(who: Any, user: str, group: str) -> dict[str, Any]:
    return {
        "members": members(who),
        "adding": refused(lambda: add_member(who, user, group)),
        "users": [each.get_value("user_name") for each in record(who, "sys_user", "")],
    }


def by_other_proofs() -> dict[str, Any]:
    """A key in a header, and access tokens that are got at the vendor's address."""
    session = requests.Session()
    session.headers["x-sn-apikey"] = f"{os.environ['ADA_ID']}.{os.environ['ADA_SECRET']}"
    with_key = pysnc.ServiceNowClient(URL, session, verify=CERTIFICATE)
    flow = pysnc.ServiceNowClientCredentialsFlow(os.environ["ADA_ID"], os.environ["ADA_SECRET"])
    with_token = pysnc.ServiceNowClient(URL, flow, verify=CERTIFICATE)
    wrong = pysnc.ServiceNowClient(URL, ("ada", os.environ["PASSWORD"]), verify=CERTIFICATE)
    return {
        "key": len(members(with_key)),
        "token": len(members(with_token)),
        "password": refused(lambda: members(wrong)),
    }


done = as_administrator(client("ADA"))
sys.stdout.write(
    json.dumps(
        {
            "version": version("pysnc"),
            "administrator": done,
            "nobody": as_anyone_else(client("MALLORY"), *done["ids"]),
            "account": as_anyone_else(client("ACCOUNT"), *done["ids"]),
            "proofs": by_other_proofs(),
        }
    )
)
