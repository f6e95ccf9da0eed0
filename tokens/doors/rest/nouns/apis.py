from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.models import ServiceAccount
from tokens.apis import actions
from tokens.apis.actions import ApiDraft, ScopeDraft
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.apis import (
    ApiBody,
    ApiChange,
    ApiDocument,
    ApiListing,
    ApiPage,
    ApiScopeBody,
    ApiScopeChange,
    ApiScopeDocument,
    ApiScopes,
    Catalogue,
    CatalogueScope,
    NewApiScope,
)
from tokens.doors.rest.schemas.base import Reference
from tokens.models import Api, ApiScope
from tokens.scopes import in_force
from tokens.scopes.coverage import grantable

noun: Final = Noun("apis", "APIs", "APIs of the tenant, with the scopes that programs ask for.")
catalogue: Final = Noun("scopes", "Scopes", "All rights that there are, of vendors and tenant.")

API: Final = "/{uuid:api_id}"
SCOPE: Final = API + "/scopes/{uuid:scope_id}"
VIEW: Final = (Permission.TENANT_VIEW,)
BY_ADMINISTRATORS: Final = (Permission.TENANT_MANAGE,)
ORDERS: Final = orders({"name": "name_key", "created_at": "created_at"})


@catalogue.read("", Catalogue)
def list_scopes(request: Request) -> HttpResponse:
    """All scopes that there are in this tenant, in the order of the catalogues."""
    del request
    known = in_force.catalogue()
    found = []
    for name in known:
        scope, publisher = known.get(name), known.publisher_of(name)
        assert scope is not None
        assert publisher is not None
        found.append(
            CatalogueScope(
                scope=name,
                publisher=publisher.title,
                purpose=scope.purpose,
                parent=scope.parent,
                permissions=sorted(scope.permissions),
                refusal=grantable(name, catalogue=known) or "",
            )
        )
    return answered(Catalogue(items=found))


@noun.read("", ApiPage, needs=VIEW)
def list_apis(request: Request, asked: Query[ApiListing]) -> HttpResponse:
    """All APIs of the tenant."""
    rows = Api.objects.select_related("account")
    if asked.q:
        rows = rows.filter(Q(name__icontains=asked.q) | Q(description__icontains=asked.q))
    return listed(request, rows, asked, orders=ORDERS, kind=ApiDocument, documents=_documents)


@noun.create("", ApiDocument, needs=BY_ADMINISTRATORS)
def create_api(request: Request, body: ApiBody) -> HttpResponse:
    """Add an API, without any scope."""
    api = actions.create(by=request.by, draft=_draft(request, body), at=request.now)
    return noun.created(_documents([api])[0], revision=api.revision)


@noun.read(API, ApiDocument, needs=VIEW)
def read_api(request: Request, api_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One API."""
    del request
    return _answered(_api(api_id), asked.fields)


@noun.change(API, ApiDocument, needs=BY_ADMINISTRATORS)
def change_api(request: Request, api_id: UUID, body: ApiChange) -> HttpResponse:
    """Change an API."""
    api = _api(api_id)
    check(request, api.revision)
    current = ApiBody(
        name=api.name,
        audience=api.audience,
        description=api.description,
        account=api.account_id,
    )
    draft = _draft(request, body.over(current), api)
    changed = actions.edit(
        by=request.by, api=api, draft=draft, revision=api.revision, at=request.now
    )
    return _answered(changed)


@noun.delete(API, needs=BY_ADMINISTRATORS)
def delete_api(request: Request, api_id: UUID) -> HttpResponse:
    """Remove an API with its scopes; who was given one of them has it no more."""
    api = _api(api_id)
    revision = seen(request, api.revision)
    actions.remove(by=request.by, api=api, revision=revision, at=request.now)
    return done()


@noun.read(API + "/scopes", ApiScopes, needs=VIEW)
def list_scopes_of_api(request: Request, api_id: UUID) -> HttpResponse:
    """All scopes of an API, by name."""
    del request
    rows = _api(api_id).scopes.select_related("parent").order_by("name", "pk")
    return answered(ApiScopes(items=[_scope_document(scope) for scope in rows]))


@noun.create(API + "/scopes", ApiScopeDocument, needs=BY_ADMINISTRATORS)
def create_scope(request: Request, api_id: UUID, body: NewApiScope) -> HttpResponse:
    """Add a scope to an API; who holds its parent holds it at once, unless it is restricted."""
    api = _api(api_id)
    draft = ScopeDraft(body.description, body.name, _parent(api, body.parent), body.restricted)
    scope = actions.create_scope(by=request.by, api=api, draft=draft, at=request.now)
    return noun.created(_scope_document(scope), revision=scope.revision, below=f"{api.pk}/scopes/")


@noun.read(SCOPE, ApiScopeDocument, needs=VIEW)
def read_scope(
    request: Request, api_id: UUID, scope_id: UUID, asked: Query[Reading]
) -> HttpResponse:
    """One scope of an API."""
    del request
    scope = one_of(_api(api_id).scopes.select_related("parent"), scope_id, "scope")
    return answered(_scope_document(scope), fields=asked.fields, revision=scope.revision)


@noun.change(SCOPE, ApiScopeDocument, needs=BY_ADMINISTRATORS)
def change_scope(
    request: Request, api_id: UUID, scope_id: UUID, body: ApiScopeChange
) -> HttpResponse:
    """Change what a scope says, stands below, and whether it is restricted."""
    api = _api(api_id)
    scope = one_of(api.scopes.select_related("parent"), scope_id, "scope")
    check(request, scope.revision)
    current = ApiScopeBody(
        description=scope.description, parent=scope.parent_id, restricted=scope.restricted
    )
    wanted = body.over(current)
    draft = ScopeDraft(
        wanted.description, parent=_parent(api, wanted.parent), restricted=wanted.restricted
    )
    changed = actions.edit_scope(
        by=request.by, scope=scope, draft=draft, revision=scope.revision, at=request.now
    )
    return answered(_scope_document(changed), revision=changed.revision)


@noun.delete(SCOPE, needs=BY_ADMINISTRATORS)
def delete_scope(request: Request, api_id: UUID, scope_id: UUID) -> HttpResponse:
    """Remove a scope; who was given it has it no more."""
    scope = one_of(_api(api_id).scopes.all(), scope_id, "scope")
    revision = seen(request, scope.revision)
    actions.remove_scope(by=request.by, scope=scope, revision=revision, at=request.now)
    return done()


def _api(api_id: UUID) -> Api:
    return one_of(Api.objects.select_related("account"), api_id, "API")


def _parent(api: Api, scope_id: UUID | None) -> ApiScope | None:
    return meant(api.scopes.all(), scope_id, "parent", "scope of this API")


def _draft(request: Request, body: ApiBody, api: Api | None = None) -> ApiDraft:
    """The body with the account it names; the one that the API has may stay."""
    seen = ServiceAccount.objects.visible_to(request.by)
    if api is not None and api.account_id == body.account:
        account = api.account
    else:
        account = meant(seen, body.account, "account", "service account")
    return ApiDraft(body.name, body.audience, body.description, account)


def _answered(api: Api, fields: str | None = None) -> HttpResponse:
    return answered(_documents([api])[0], fields=fields, revision=api.revision)


def _documents(apis: Sequence[Api]) -> list[ApiDocument]:
    return [
        ApiDocument(
            id=api.pk,
            name=api.name,
            audience=api.audience,
            description=api.description,
            account=Reference.to(api.account),
            revision=api.revision,
            created_at=api.created_at,
            created_by=api.created_by,
            changed_at=api.changed_at,
        )
        for api in apis
    ]


def _scope_document(scope: ApiScope) -> ApiScopeDocument:
    return ApiScopeDocument(
        id=scope.pk,
        name=scope.name,
        description=scope.description,
        parent=Reference.to(scope.parent),
        restricted=scope.restricted,
        revision=scope.revision,
        created_at=scope.created_at,
        created_by=scope.created_by,
        changed_at=scope.changed_at,
    )
