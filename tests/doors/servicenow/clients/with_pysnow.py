"""What the package `pysnow` 0.7 does with an instance, by plain HTTP.

Run by its own interpreter; reads its environment variables and prints one line of JSON. Nothing of
Steward is imported.
"""

import json
import os
import sys
from importlib.metadata import version
from typing import Any

import pysnow
from requests.exceptions import HTTPError

GROUP = "ServiceNow Service Accounts"


def client(who: str) -> Any:
    user, password = os.environ[f"{who}_ID"], os.environ[f"{who}_SECRET"]
    return pysnow.Client(host=os.environ["HOST"], user=user, password=password, use_ssl=False)


def table(who: Any, name: str) -> Any:
    return who.resource(api_path=f"/table/{name}")


def members(who: Any) -> list[str]:
    query = pysnow.QueryBuilder().field("group.name").equals(GROUP)
    found = table(who, "sys_user_grmember").get(query=query, fields=["user.user_name", "sys_id"])
    return sorted(row["user.user_name"] for row in found.all())


def as_administrator(ada: Any) -> dict[str, Any]:
    users, groups = table(ada, "sys_user"), table(ada, "sys_user_group")
    group = groups.get(query={"name": GROUP}, stream=True).first()
    user = users.get(query={"user_name": "svc-beta"}).one()
    before = members(ada)
    made = table(ada, "sys_user_grmember").create(
        payload={"user": user["sys_id"], "group": group["sys_id"]}
    )
    during = members(ada)
    gone = table(ada, "sys_user_grmember").delete(query={"sys_id": made["sys_id"]})
    changed = users.update(
        query={"user_name": "svc-beta"}, payload={"web_service_access_only": "true"}
    )
    return {
        "before": before,
        "during": during,
        "gone": gone,
        "after": members(ada),
        "only": [user["web_service_access_only"], changed["web_service_access_only"]],
        "ids": [user["sys_id"], group["sys_id"]],
    }


def as_anyone_else(who: Any, user: str, group: str) -> dict[str, Any]:
    try:
        made = table(who, "sys_user_grmember").create(payload={"user": user, "group": group})
        made.all()
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        return {"members": members(who), "adding": status}
    return {}


done = as_administrator(client("ADA"))
sys.stdout.write(
    json.dumps(
        {
            "version": version("pysnow"),
            "administrator": done,
            "nobody": as_anyone_else(client("MALLORY"), *done["ids"]),
        }
    )
)
