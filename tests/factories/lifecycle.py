from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.utils import timezone
from scim2_models import ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

from accounts.audit.actors import SYSTEM, Actor
from accounts.jobs.run import run_job
from accounts.lifecycle_integrations import actions, runs
from accounts.lifecycle_integrations.actions import Connection, Rules
from accounts.lifecycle_integrations.states import Leavers
from accounts.models import Group, Identity, LifecycleIntegration, LifecycleRun
from accounts.tenant import outgoing

TOKEN = "a-token-of-the-application"
HERE = "127.0.0.1"


@dataclass
class Application:
    """A SCIM server that is not ours, on this machine."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """As its administrator would."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        request = Request(self.url + path, data, headers, method=method)  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def users(self) -> dict[str, dict[str, Any]]:
        found = self.call("GET", "/Users?count=100")["Resources"]
        return {user["userName"]: user for user in found}

    def add(self, user_name: str, **values: Any) -> str:
        schema = "urn:ietf:params:scim:schemas:core:2.0:User"
        body = {"schemas": [schema], "userName": user_name, "active": True} | values
        return str(self.call("POST", "/Users", body)["id"])


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        """Nobody reads it."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def application() -> Iterator[Application]:
    """`scim2-server` as it comes, with storage of its own."""
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(),
        load_default_resource_types().values(),
        config=load_default_service_provider_config(),
    )
    service = ScimService(provider, secret="of-the-application" * 3)
    app: Any = BearerTokenApplication(InMemoryStorage(), provider, service, bearer_tokens=[TOKEN])
    with make_server(HERE, 0, app, server_class=_Server, handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield Application(f"http://{HERE}:{server.server_port}/v2")
        finally:
            server.shutdown()


def allow_this_machine() -> None:
    outgoing.set_targets(by=SYSTEM, lines=["127.0.0.0/8"], at=timezone.now())


def make_lifecycle(name: str = "People in Acme") -> LifecycleIntegration:
    """One that is not set up."""
    return actions.create(
        by=SYSTEM, name=name, application="Acme", connector="scim", at=timezone.now()
    )


def connected(
    url: str,
    groups: Sequence[Group],
    *,
    owner: Identity | None = None,
    secret: str = TOKEN,
    validate: bool = True,
    **rules: Any,
) -> LifecycleIntegration:
    """One whose connection was tested."""
    allow_this_machine()
    made, now = make_lifecycle(), timezone.now()
    made = actions.set_connection(
        by=SYSTEM, lifecycle=made, wanted=Connection(url, secret=secret), revision=1, at=now
    )
    wanted = Rules(groups, owner, **({"leavers": Leavers.DEACTIVATE} | rules))
    made = actions.set_rules(
        by=SYSTEM, lifecycle=made, wanted=wanted, revision=made.revision, at=now
    )
    if validate:
        actions.validate(by=SYSTEM, lifecycle=made, at=now)
    return made


def make_run(lifecycle: LifecycleIntegration) -> LifecycleRun:
    """A plan that waits, of an application that nobody asks."""
    LifecycleIntegration.objects.filter(pk=lifecycle.pk).update(status="waits")
    return LifecycleRun.objects.create(
        integration=lifecycle, state="planned", started_by="system", started_at=timezone.now()
    )


def synchronize(
    lifecycle: LifecycleIntegration, *, by: Actor = SYSTEM, plan_only: bool = False
) -> LifecycleRun:
    run = runs.start(by=by, lifecycle=lifecycle, plan_only=plan_only, at=timezone.now())
    return work(run)


def work(run: LifecycleRun) -> LifecycleRun:
    """Do the job of a synchronization, as a worker does."""
    run.refresh_from_db()
    assert run.job_id is not None
    run_job(run.job_id)
    run.refresh_from_db()
    run.integration.refresh_from_db()
    return run
