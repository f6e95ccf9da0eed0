"""What this door announces: resources of RFC 7643 with those attributes that identities have."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    ExtensibleStringEnum,
    Extension,
    Filter,
    Mutability,
    Pagination,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    Returned,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension

MOST_OPERATIONS: Final = 100
"""Of one bulk request; each of them is a transaction with its events."""
MOST_BYTES: Final = 1024 * 1024
MOST_RESULTS: Final = 200
CURSOR_SECONDS: Final = 3600


class Name(ComplexAttribute):
    family_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None


class Email(ComplexAttribute):
    """An identity has one address: of several, the primary one is kept, else that for work.

    `primary` says which one is meant; it is neither kept nor announced.
    """

    class Type(ExtensibleStringEnum):
        work = "work"

    value: str | None = None
    type: Type | None = None
    primary: bool | None = None


class GroupMembership(ComplexAttribute):
    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference[Group] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None
    type: Annotated[str | None, Mutability.read_only] = Field(None, examples=["direct"])


class User(Resource[AnyExtension]):
    """A person of the tenant."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    Name: ClassVar[type[ComplexAttribute]] = Name
    display_name: str | None = None
    nick_name: str | None = None
    title: str | None = None
    preferred_language: str | None = None
    timezone: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    Emails: ClassVar[type[ComplexAttribute]] = Email
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only, Returned.default] = None
    Groups: ClassVar[type[ComplexAttribute]] = GroupMembership


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.read_write] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )


class EnterpriseUser(Extension):
    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: str | None = None
    cost_center: str | None = None
    organization: str | None = None
    division: str | None = None
    department: str | None = None
    manager: Manager | None = None
    Manager: ClassVar[type[ComplexAttribute]] = Manager


class GroupMember(ComplexAttribute):
    """A person; service accounts of a group are neither shown here nor changed."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    members: list[GroupMember] | None = None
    Members: ClassVar[type[ComplexAttribute]] = GroupMember


GroupMembership.model_rebuild()

UserResource = User[EnterpriseUser]
USERS: Final = ResourceType.from_resource(UserResource)
GROUPS: Final = ResourceType.from_resource(Group)

TOLERANT: Final = ScimPolicy(
    # clients send all that they have, such as passwords; what is not announced is dropped
    unknown=ScimPolicy.Unknown.ignore,
    # as Microsoft Entra writes its patches
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)

ALWAYS: Final = frozenset({"active", "displayName"})
"""What every user has: announced as required, and left as it is where a client does not send it."""


class Provider(ScimProvider):
    """Announces what is never unassigned, and takes requests without it all the same; and takes
    what is not announced, since it is not kept.
    """

    @property
    def schemas(self) -> tuple[Schema, ...]:
        found = tuple(schema.model_copy(deep=True) for schema in super().schemas)
        for schema in found:
            for attribute in schema.attributes or []:
                if attribute.name in ALWAYS:
                    attribute.required = Required.true
                if attribute.name == "emails":
                    within = attribute.sub_attributes or []
                    attribute.sub_attributes = [each for each in within if each.name != "primary"]
        return found


provider: Final = Provider(
    models=[User, EnterpriseUser, Group],
    resource_types=[USERS, GROUPS],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=True, max_operations=MOST_OPERATIONS, max_payload_size=MOST_BYTES),
        filter=Filter(supported=True, max_results=MOST_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        pagination=Pagination(
            cursor=True,
            index=True,
            default_pagination_method=Pagination.DefaultPaginationMethod.index,
            default_page_size=100,
            max_page_size=MOST_RESULTS,
            cursor_timeout=CURSOR_SECONDS,
        ),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="The token of a provisioning client, or an access token (RFC 6750)",
                primary=True,
            )
        ],
    ),
    policy=TOLERANT,
)
