"""Sources, their account schema and its file template."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse

from accounts.models import IdentityProfile, SchemaAttribute, Source
from accounts.sources import export, queries, schema
from accounts.sources.models import SourceQuerySet, Status
from tokens.doors.sailpoint.calls import Call, as_id, one_of, reference, stamp, takes_file
from tokens.doors.sailpoint.collections import Collection, check_parameters, listed
from tokens.doors.sailpoint.errors import HEADERS, Refused, answer, not_found
from tokens.doors.sailpoint.fields import Absent, Asked, Column, Derived, Kind, either, worded
from tokens.doors.sailpoint.uploads import uploaded

CONNECTORS: Final[dict[str, dict[str, Any]]] = {
    "delimited_file": {
        "type": "DelimitedFile",
        "connector": "delimited-file-angularsc",
        "connectorClass": "sailpoint.connector.DelimitedFileConnector",
        "connectorId": "delimited-file",
        "connectorImplementationId": "delimited-file",
        "connectorName": "Delimited File",
        "connectionType": "file",
        "features": ["NO_RANDOM_ACCESS", "DISCOVER_SCHEMA", "DIRECT_PERMISSIONS"],
    },
    "ldap": {
        "type": "LDAP",
        "connector": "ldap-angularsc",
        "connectorClass": "sailpoint.connector.LDAPConnector",
        "connectorId": "ldap",
        "connectorImplementationId": "ldap",
        "connectorName": "LDAP",
        "connectionType": "direct",
        "features": ["DISCOVER_SCHEMA"],
    },
}
"""What the vendor calls our connectors."""
DELIMITED_FILE: Final = "delimited_file"

STATES: Final = {
    Status.NO_ACCOUNTS: "SOURCE_STATE_UNCHECKED_SOURCE_NO_ACCOUNTS",
    Status.HEALTHY: "SOURCE_STATE_HEALTHY",
    Status.FAILING: "SOURCE_STATE_ERROR_SOURCE",
}
FAILED_FILE: Final = "SOURCE_STATE_ERROR_ACCOUNT_FILE_IMPORT"

_PROFILES: Final = IdentityProfile.objects.existing().filter(source=OuterRef("pk"))
_FAILING: Final = Q(failing_since__isnull=False)
_IS_FILE: Final = Q(connector=DELIMITED_FILE)


_HEALTHY: Final = Q(failing_since=None, account_count__gt=0)
_STATUS: Final = {
    STATES[Status.NO_ACCOUNTS]: Q(failing_since=None, account_count=0),
    STATES[Status.HEALTHY]: _HEALTHY,
    STATES[Status.FAILING]: _FAILING & ~_IS_FILE,
    FAILED_FILE: _FAILING & _IS_FILE,
}


def connectors_by(member: str, path: str = "connector") -> dict[str, Q]:
    """The connectors by one of their names."""
    return {told[member]: Q(**{path: name}) for name, told in CONNECTORS.items()}


def _with_features(values: Sequence[str]) -> Q:
    """The connectors that have all of these features."""
    having = [name for name, told in CONNECTORS.items() if set(values) <= set(told["features"])]
    return Q(connector__in=having)


SOURCES: Final = Collection(
    order=("name", "id"),
    fields={
        "id": Column("id", "eq in ne", Kind.ID),
        "name": Column("name", "eq ne in co sw gt ge lt le isnull"),
        "description": Column("description", "eq sw"),
        "type": Derived(connectors_by("type"), "eq in ne sw isnull"),
        "connectorName": Derived(connectors_by("connectorName"), "eq in ne sw isnull"),
        "connectionType": Derived(connectors_by("connectionType"), "eq in ne sw isnull"),
        "features": Asked(_with_features, "ca co"),
        "owner.id": Column("owner_id", "eq in ne isnull pr", Kind.ID),
        "authoritative": either(Q(Exists(_PROFILES)), "eq ne isnull"),
        "healthy": either(_HEALTHY, "eq ne isnull"),
        "status": Derived(_STATUS, "eq in ne sw isnull"),
        "category": Absent("eq in co sw ne gt ge lt le"),
        "managementWorkgroup.id": Absent("eq in sw ne isnull gt ge lt le"),
        "created": Column("created_at", "eq in ne gt ge lt le isnull", Kind.TIME),
        "modified": Column("changed_at", "eq in ne gt ge lt le isnull", Kind.TIME),
    },
    sorters={
        "id": "id",
        "name": "name",
        "type": worded(connectors_by("type")),
        "connectorName": worded(connectors_by("connectorName")),
        "connectionType": worded(connectors_by("connectionType")),
        "authoritative": worded({"false": ~Q(Exists(_PROFILES)), "true": Q(Exists(_PROFILES))}),
        "healthy": worded({"false": ~_HEALTHY, "true": _HEALTHY}),
        "status": worded(_STATUS),
        "description": "description",
        "owner.id": "owner_id",
        "owner.name": "owner__user_name",
        "created": "created_at",
        "modified": "changed_at",
    },
    parameters=frozenset({"for-subadmin", "includeIDNSource"}),
)


def list_(call: Call) -> HttpResponse:
    rows = Source.objects.looked_up_by(call.by).select_related("owner")
    sent = call.request.GET
    if (whose := sent.get("for-subadmin")) is not None:
        owner = call.by.pk if whose == "me" else as_id(whose)
        rows = rows.filter(owner=owner) if owner else rows.none()
    return listed(call, rows, SOURCES, documents)


def get(call: Call, source_id: str) -> HttpResponse:
    return answer(documents([find(call, source_id)])[0])


def schemas(call: Call, source_id: str) -> HttpResponse:
    check_parameters(call.request.GET, frozenset({"include-types", "include-names"}))
    found = schema_document(find(call, source_id))
    names = call.request.GET.get("include-names", "")
    wanted = not names or found["name"] in [name.strip() for name in names.split(",")]
    kinds = call.request.GET.get("include-types", "")
    return answer([found] if wanted and kinds in ("", "user") else [])


def schema_(call: Call, source_id: str, schema_id: str) -> HttpResponse:
    source = find(call, source_id)
    if as_id(schema_id) != schema_id_of(source):
        raise not_found("schema")
    return answer(schema_document(source))


def template(call: Call, source_id: str) -> HttpResponse:
    """The header row of the accounts file."""
    source = find(call, source_id)
    if not source.kind.takes_files:
        raise Refused("Only delimited-file sources have a file template.")
    headers = HEADERS | {"Content-Disposition": 'attachment; filename="template.csv"'}
    # programs take a byte order mark for a part of the first name
    body = b"".join(export.template(source)).removeprefix(BOM_UTF8)
    return HttpResponse(body, headers=headers, content_type="text/csv; charset=utf-8")


@takes_file(schema.LONGEST_SCHEMA)
def upload_schema(call: Call, source_id: str) -> HttpResponse:
    """Replace the account schema by the columns of a file."""
    source = find(call, source_id)
    file = uploaded(call)
    schema.upload(by=call.by, source=source, content=file.read(), at=call.now)
    return answer(schema_document(source))


def find(call: Call, source_id: str) -> Source:
    """A source that the caller may see.

    Raises:
        Refused: there is none of this id.
    """
    return one_of(_readable(call), source_id, "source")


def _readable(call: Call) -> SourceQuerySet:
    return queries.for_list(call.by)


def documents(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Sources in the vendor's words, with one statement for what they lack themselves."""
    profiles = IdentityProfile.objects.existing().filter(source__in=sources)
    authoritative = set(profiles.values_list("source_id", flat=True))
    return [_document(source, source.pk in authoritative) for source in sources]


def _document(source: Source, authoritative: bool) -> dict[str, Any]:
    threshold = 0 if source.deletion_disabled else source.delete_threshold_percent
    owner = source.owner
    kind = CONNECTORS[source.connector]
    state, since = state_of(source), stamp(source.status_since)
    return {
        "id": str(source.pk),
        "name": source.name,
        "description": source.description,
        "owner": reference("IDENTITY", owner.pk, owner.user_name) if owner else None,
        "cluster": None,
        "accountCorrelationConfig": None,
        "accountCorrelationRule": None,
        "managerCorrelationMapping": None,
        "managerCorrelationRule": None,
        "beforeProvisioningRule": None,
        "schemas": [reference("CONNECTOR_SCHEMA", schema_id_of(source), "account")],
        "passwordPolicies": None,
        **kind,
        "connectorAttributes": {
            "cloudDisplayName": source.name,
            "connectorName": kind["connectorName"],
            "connectionType": kind["connectionType"],
            "deleteThresholdPercentage": threshold,
            "status": state,
            "since": since,
        },
        "deleteThreshold": threshold,
        "authoritative": authoritative,
        "healthy": source.status == Status.HEALTHY,
        "status": state,
        "since": since,
        "managementWorkgroup": None,
        "created": stamp(source.created_at),
        "modified": stamp(source.changed_at),
        "credentialProviderEnabled": False,
        "category": None,
    }


def state_of(source: Source) -> str:
    if source.status == Status.FAILING and source.kind.takes_files:
        return FAILED_FILE
    return STATES[source.status]


def schema_id_of(source: Source) -> UUID:
    """A source has one schema here, which has no id of its own."""
    return uuid5(source.pk, "account")


def schema_document(source: Source) -> dict[str, Any]:
    """The account schema in the vendor's words."""
    rows = schema.attributes_of(source)
    return {
        "id": str(schema_id_of(source)),
        "name": "account",
        "nativeObjectType": "account",
        "identityAttribute": next((row.name for row in rows if row.is_account_id), None),
        "displayAttribute": next((row.name for row in rows if row.is_account_name), None),
        "hierarchyAttribute": None,
        "includePermissions": False,
        "features": [],
        "configuration": {},
        "attributes": [_attribute(row) for row in rows],
        "created": stamp(source.created_at),
        "modified": stamp(source.changed_at),
    }


def _attribute(row: SchemaAttribute) -> dict[str, Any]:
    return {
        "name": row.name,
        "nativeName": None,
        "type": row.type,
        "schema": None,
        "description": row.description,
        "isMulti": row.is_multi_valued,
        "isEntitlement": row.is_entitlement,
        "isGroup": False,
    }
