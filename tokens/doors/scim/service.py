"""What scim2-server leaves to us: rights, and how the operations of a bulk request end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils.crypto import salted_hmac
from scim2_models import (
    Error,
    PatchOp,
    PayloadTooLargeException,
    Resource,
    ResourceType,
    SCIMException,
)
from scim2_server.bulk import BulkPlan, BulkStep
from scim2_server.conditions import Conditions
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.routing import Operation, Target
from scim2_server.service import ScimService

from accounts.models import Identity
from tokens.doors.scim.errors import Denied
from tokens.doors.scim.resources import USERS, provider
from tokens.doors.scim.storage import Changed, DirectoryStorage

READING: Final = frozenset({Operation.query, Operation.search, Operation.search_with_body})
MOST_COMPARED: Final = 200_000
"""Operations of a request times the members of their groups: some ten seconds of work."""
TRIES: Final = 3
"""How often what names no version is tried where others change the same at once."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Subject:
    """Who calls, and which of the scopes of this door they carry."""

    identity: Identity
    scopes: frozenset[str]


class Service(ScimService):
    """Asks for each resource type whether the caller carries the scope of it."""

    def __init__(self) -> None:
        # cursors are sealed with a key of their own, derived from ours
        secret = salted_hmac("steward.scim.cursors", "", algorithm="sha256").digest()
        super().__init__(provider, secret=secret)
        self.denials: list[str] = []
        self.failure: Exception | None = None
        """Of the last operation of a bulk request."""

    def authorize(self, request: ScimRequest, target: Target, resource_type: ResourceType) -> None:
        noun = "users" if resource_type.id == USERS.id else "groups"
        wanted = f"scim:{noun}:{'read' if target.operation in READING else 'manage'}"
        if wanted not in request.subject.scopes:
            raise Denied(detail=f"This needs the scope {wanted}, and the right to do so.")

    def bulk_failure(self, outcome: dict[str, Any], exception: Exception) -> dict[str, Any]:
        self.failure = exception
        if isinstance(exception, DatabaseFailure):
            logger.error("The database failed an operation", exc_info=exception)
            error = Error(status=503, detail="Try again in some seconds.")
            return {**outcome, "status": error.status, "response": error}
        if isinstance(exception, Denied):
            self.denials.append(exception.detail)
        elif not isinstance(exception, SCIMException):
            logger.error("An operation of a bulk request failed", exc_info=exception)
        return super().bulk_failure(outcome, exception)


class Handler(ScimHandler):
    """Tells what came of each operation, also where the database is lost halfway."""

    def __init__(self, service: Service, storage: DirectoryStorage) -> None:
        super().__init__(service, storage)
        self.ours, self.directory = service, storage
        self.lost: DatabaseFailure | None = None
        self.compared = 0
        """Members that the operations of this request have looked at."""

    def run_bulk_step(
        self, request: ScimRequest, plan: BulkPlan, step: BulkStep
    ) -> tuple[dict[str, Any], Any]:
        operation = plan.operation(step)
        if self.lost is not None:
            outcome = self.ours.bulk_outcome(request.base_url, operation)
            return self.ours.bulk_failure(outcome, self.lost), None
        for left in reversed(range(TRIES)):
            self.ours.failure = None
            found = super().run_bulk_step(request, plan, step)
            again = isinstance(self.ours.failure, Changed) and operation.version is None
            if not (again and left):
                break
        failure = self.ours.failure
        if isinstance(failure, DatabaseFailure) and not connection.is_usable():
            if not any(int(each["status"]) < 400 for each in plan.results.values()):
                raise failure  # nothing was done: the whole request is good again
            self.lost = failure
        return found

    def patch_resource(
        self,
        resource_type: ResourceType,
        resource_id: str,
        patch_op: PatchOp[Any],
        conditions: Conditions,
    ) -> Resource[Any]:
        """Each operation looks at all members of a group, so both together are bounded."""
        if resource_type.id != USERS.id:
            members = self.directory.member_count(resource_id)
            self.compared += members * len(patch_op.operations or ())
            if self.compared > MOST_COMPARED:
                raise PayloadTooLargeException(
                    detail=f"{members} members are too many for so many operations. Send fewer in "
                    "one request; one operation may name many members."
                )
        return super().patch_resource(resource_type, resource_id, patch_op, conditions)

    def delete_resource(
        self, resource_type: ResourceType, resource_id: str, conditions: Conditions
    ) -> None:
        """Without reading the members of a group, of which there may be any number."""
        current = self.directory.outline(resource_type, resource_id)
        self.ours.check_deletion(current, conditions)
        self.directory.delete(resource_type, resource_id, expected_version=current.meta.version)
