"""The clients that people use with ServiceNow, unmodified, against a running instance."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.sailpoint.test_clients import ADMINISTRATOR, run
from tests.doors.servicenow.front import front
from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(600)]

CLIENTS = Path(__file__).parent / "clients"
PYTHON = Path(sys.prefix, "servicenow", "bin", "python")
PREPARE = """
import json
from accounts.models import Group, Identity
from tests.factories import make_account, make_person
from tests.factories.groups import join
from tests.factories.tokens import make_token
ada = Identity.objects.get(user_name="ada")
otto, mallory = make_person("otto"), make_person("mallory")
names = "svc-alpha", "svc-beta"
first, second = [make_account(name, owner=otto).account.identity for name in names]
join(Group.objects.get(name="ServiceNow Service Accounts"), first)
made = {}
for name, holder in {"ADA": ada, "MALLORY": mallory, "ACCOUNT": first}.items():
    token = make_token(holder, scopes=["useraccount"])
    made |= {f"{name}_ID": token.client_id, f"{name}_SECRET": token.secret}
print(json.dumps(made))
"""
GROUP = "ServiceNow Service Accounts"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path / "data", **ADMINISTRATOR) as found:
        yield found


@pytest.fixture
def environment(running: Running) -> dict[str, str]:
    """What the clients read: the tokens of an administrator, a person without rights, and an
    account that is in the group which every tenant has."""
    assert PYTHON.is_file(), "Install the clients: make test does it."
    made = manage(running.data_dir, "shell", "--no-imports", "-c", PREPARE)
    assert made.returncode == 0, made.stderr
    tokens: dict[str, str] = json.loads(made.stdout.splitlines()[-1])
    password = ADMINISTRATOR["STEWARD_ADMIN_PASSWORD"]
    return tokens | {"PATH": os.environ["PATH"], "PASSWORD": password}


def test_pysnc_behind_a_tls_front(
    running: Running, environment: dict[str, str], tmp_path: Path
) -> None:
    with front(running.port, tmp_path) as found:
        # the client's call for a token looks at the environment alone for whom to believe
        where = {
            "INSTANCE": found.url,
            "CERTIFICATE": str(found.certificate),
            "REQUESTS_CA_BUNDLE": str(found.certificate),
        }
        command = [str(PYTHON), "-W", "ignore", str(CLIENTS / "with_pysnc.py")]
        seen = run(command, environment | where, tmp_path)

    assert seen["version"] == "1.2.1"
    done = seen["administrator"]
    assert (done["rows"], done["roles"]) == (1, ["itil", "rest_api_explorer"])
    assert done["before"] == [[GROUP, "svc-alpha", "false"]]
    assert done["during"] == [*done["before"], [GROUP, "svc-beta", "true"]]
    assert done["after"] == [[GROUP, "svc-alpha", "true"]]
    assert done["found_when_deleted"] is False
    assert done["updated"] is done["deleted"] is True
    assert done["only"] == ["true", "true"]
    assert seen["nobody"] == {"members": [], "adding": "RoleException", "users": ["mallory"]}
    # the account reads by its role, and writes nothing all the same
    assert seen["account"]["members"] == done["after"]
    assert seen["account"]["adding"] == "RoleException"
    assert seen["proofs"] == {"key": 1, "token": 1, "password": "AuthenticationException"}


def test_pysnow(running: Running, environment: dict[str, str], tmp_path: Path) -> None:
    where = {"HOST": f"127.0.0.1:{running.port}"}
    command = [str(PYTHON), "-W", "ignore", str(CLIENTS / "with_pysnow.py")]
    seen = run(command, environment | where, tmp_path)

    assert seen["version"] == "0.7.17"
    done = seen["administrator"]
    assert (done["before"], done["during"]) == (["svc-alpha"], ["svc-alpha", "svc-beta"])
    assert done["after"] == ["svc-alpha"]
    assert done["gone"] == {"status": "record deleted"}
    assert done["only"] == ["false", "true"]
    assert seen["nobody"] == {"members": [], "adding": 403}
