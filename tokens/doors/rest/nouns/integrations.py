from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.integrations import actions, policies
from accounts.integrations.actions import IntegrationDraft
from accounts.integrations.models import Environment
from accounts.models import Identity, Integration, ServiceAccount
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant, person_meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.integrations import (
    IntegrationBody,
    IntegrationChange,
    IntegrationDocument,
    IntegrationFields,
    IntegrationListing,
    IntegrationPage,
)

noun: Final = Noun("integrations", "Integrations", "The programs that depend on service accounts.")

INTEGRATION: Final = "/{uuid:integration_id}"
ORDERS: Final = orders({"name": "name", "changed_at": "changed_at"})
NEEDS: Final = (Permission.SERVICE_ACCOUNT_VIEW,)


@noun.read("", IntegrationPage, needs=NEEDS)
def list_integrations(request: Request, asked: Query[IntegrationListing]) -> HttpResponse:
    """Those of the accounts that the caller sees, and those that they answer for."""
    rows = Integration.objects.visible_to(request.by).select_related("account", "owner")
    if asked.q:
        named = Q(name__icontains=asked.q) | Q(application__icontains=asked.q)
        rows = rows.filter(
            named | Q(account__name__icontains=asked.q) | Q(contact__icontains=asked.q)
        )
    if asked.environment:
        rows = rows.filter(environment=asked.environment)
    if asked.service_account:
        rows = rows.filter(account_id=asked.service_account)
    return listed(
        request, rows, asked, orders=ORDERS, kind=IntegrationDocument, documents=_documents
    )


@noun.create("", IntegrationDocument, needs=NEEDS)
def declare_integration(request: Request, body: IntegrationBody) -> HttpResponse:
    """Say that a program uses a service account that one owns or administers."""
    rows = ServiceAccount.objects.visible_to(request.by)
    account = meant(rows, body.service_account, "service_account", "service account")
    assert account is not None
    policies.check_may_declare(request.by, account)
    made = actions.declare(
        by=request.by, account=account, draft=_draft(request, body), at=request.now
    )
    return noun.created(_documents([made])[0], revision=made.revision)


@noun.read(INTEGRATION, IntegrationDocument, needs=NEEDS)
def read_integration(request: Request, integration_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One integration."""
    found = _integration(request, integration_id)
    return answered(_documents([found])[0], fields=asked.fields, revision=found.revision)


@noun.change(INTEGRATION, IntegrationDocument, needs=NEEDS)
def change_integration(
    request: Request, integration_id: UUID, body: IntegrationChange
) -> HttpResponse:
    """Change what is told of a program; the account that it uses stays."""
    found = _integration(request, integration_id)
    policies.check_may_declare(request.by, found.account)
    check(request, found.revision)
    changed = actions.edit(
        by=request.by,
        integration=found,
        draft=_draft(request, body.over(_fields_of(found)), found.owner),
        revision=found.revision,
        at=request.now,
    )
    return answered(_documents([changed])[0], revision=changed.revision)


@noun.delete(INTEGRATION, needs=NEEDS)
def remove_integration(request: Request, integration_id: UUID) -> HttpResponse:
    """Say that a program uses the account no more; the account goes on as it is."""
    found = _integration(request, integration_id)
    revision = seen(request, found.revision)
    actions.remove(by=request.by, integration=found, revision=revision, at=request.now)
    return done()


def _integration(request: Request, integration_id: UUID) -> Integration:
    rows = Integration.objects.visible_to(request.by).select_related("account", "owner")
    return one_of(rows, integration_id, "integration")


def _draft(
    request: Request, body: IntegrationFields, current: Identity | None = None
) -> IntegrationDraft:
    return IntegrationDraft(
        name=body.name,
        application=body.application,
        environment=Environment(body.environment),
        owner=_owner(request, body.owner, current),
        contact=body.contact,
        scopes=body.scopes,
        client=body.client,
        address=body.address,
        notes=body.notes,
    )


def _owner(request: Request, text: str | None, current: Identity | None) -> Identity | None:
    """Who is owner already may stay, also where they cannot sign in any more."""
    if text is None:
        return None
    for known in (current, request.by):
        if known is not None and text.casefold() == known.user_name.casefold():
            return known
    return person_meant(request, text, "owner")


def _fields_of(integration: Integration) -> IntegrationFields:
    return IntegrationFields(
        name=integration.name,
        application=integration.application,
        environment=Environment(integration.environment),
        owner=integration.owner.user_name if integration.owner else None,
        contact=integration.contact,
        scopes=list(integration.scopes),
        client=integration.client,
        address=integration.address,
        notes=integration.notes,
    )


def _documents(rows: Sequence[Integration]) -> list[IntegrationDocument]:
    return [
        IntegrationDocument(
            id=row.pk,
            name=row.name,
            service_account=Reference(id=row.account_id, name=row.account.name),
            application=row.application,
            environment=Environment(row.environment),
            owner=Reference.to(row.owner),
            contact=row.contact,
            scopes=list(row.scopes),
            client=row.client,
            address=row.address,
            notes=row.notes,
            revision=row.revision,
            created_at=row.created_at,
            created_by=row.created_by,
            changed_at=row.changed_at,
        )
        for row in rows
    ]
