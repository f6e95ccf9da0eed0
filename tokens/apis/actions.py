from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, TypeVar

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.lib.errors import DomainError
from accounts.lib.names import BadText, clean_name, clean_text, skeleton
from accounts.models import ServiceAccount
from accounts.roles import actions as roles
from accounts.service_accounts import bulk as service_accounts
from tokens.apis import policies
from tokens.apis.models import Api, ApiScope
from tokens.apis.policies import NameTaken
from tokens.apis.queries import Holders, holders
from tokens.oauth.audiences import canonical
from tokens.personal_access_tokens import bulk as tokens
from tokens.personal_access_tokens import pickups

T = TypeVar("T", Api, ApiScope)
Revision = int | None
MOST_APIS: Final = 100
MOST_SCOPES: Final = 300
"""An API; all of a tenant's scopes are read together."""
DESCRIPTION_MAX_LENGTH: Final = 1000
SCOPE_DESCRIPTION_MAX_LENGTH: Final = 300


class TooMany(DomainError):
    """There are as many APIs or scopes as there may be."""

    code = "too_many"


class Meanwhile(DomainError):
    """Something is not any more as the person saw it; always said in the same words."""

    said: ClassVar[Promise]

    def __init__(self) -> None:
        super().__init__(str(self.said))


class Gone(Meanwhile):
    """The API or scope was removed."""

    code = "gone"
    said = gettext_lazy("It was removed meanwhile.")


class EditConflict(Meanwhile):
    """Somebody else changed it since the form was opened."""

    code = "edit_conflict"
    said = gettext_lazy("Somebody else changed this meanwhile.")

    def __init__(self, current: Api | ApiScope) -> None:
        """`current` is the API or the scope as it stands now."""
        super().__init__()
        self.current: Any = current


class HoldersChanged(Meanwhile):
    """Others hold the scope than those of whom the person was told."""

    code = "holders_changed"
    said = gettext_lazy("Who holds it changed meanwhile. Look at the list again.")


class BadParent(DomainError):
    """A scope stands below scopes of its own API, and not below itself."""

    code = "bad_parent"


@dataclass(frozen=True)
class ApiDraft:
    """An API as somebody wants it."""

    name: str
    audience: str
    description: str = ""
    account: ServiceAccount | None = None
    """Who the API is when it asks about tokens."""

    def cleaned(self) -> dict[str, Any]:
        name = clean_name(self.name)
        audience = policies.check_audience(self.audience)
        return {
            "name": name,
            "name_key": skeleton(name),
            "audience": audience,
            "audience_key": canonical(audience),
            "description": clean_text(
                self.description, max_length=DESCRIPTION_MAX_LENGTH, field="description"
            ),
            "account": self.account,
        }


@dataclass(frozen=True)
class ScopeDraft:
    """A scope as somebody wants it; its name counts only when it is made."""

    description: str
    name: str = ""
    parent: ApiScope | None = None
    restricted: bool = False

    def cleaned(self) -> dict[str, Any]:
        description = clean_text(
            self.description,
            max_length=SCOPE_DESCRIPTION_MAX_LENGTH,
            multiline=False,
            field="description",
        )
        if not description:
            message = _("Say what its holder can do. Whoever chooses scopes reads it.")
            raise BadText(message, field="description")
        return {"description": description, "parent": self.parent, "restricted": self.restricted}


def create(*, by: Actor, draft: ApiDraft, at: datetime) -> Api:
    """Add an API, without any scope.

    Raises:
        NotAllowed, TooMany
        BadText, NameTaken: `field` names what is wrong.
    """
    policies.check_may_manage(by)
    values = draft.cleaned()
    policies.check_account(draft.account)
    policies.check_no_twin(values["audience"])
    if Api.objects.count() >= MOST_APIS:
        raise TooMany(_("There are %(most)d APIs. Remove one first.") % {"most": MOST_APIS})
    api = Api(created_at=at, created_by=by.label[:200], changed_at=at, **values)
    with transaction.atomic():
        _save_api(api)
        record("own_api.created", by=by, subject=api, after=_told(api), at=at)
    return api


def edit(*, by: Actor, api: Api, draft: ApiDraft, revision: int, at: datetime) -> Api:
    """Change an API that nobody changed since `revision` was read.

    Raises:
        NotAllowed, Gone, EditConflict, BadText, NameTaken
    """
    policies.check_may_manage(by)
    values = draft.cleaned()
    with transaction.atomic():
        current = _lock(api, revision)
        if draft.account != current.account:
            policies.check_account(draft.account)
        if values["audience"] != current.audience:
            policies.check_no_twin(values["audience"], but=current)
        before, after = _changed(current, values, _told, at)
        if after:
            _save_api(current)
            record("own_api.edited", by=by, subject=current, before=before, after=after, at=at)
    return current


@transaction.atomic
def remove(
    *, by: Actor, api: Api, at: datetime, seen: str | None = None, revision: Revision = None
) -> Api:
    """Remove an API with its scopes, and take them from every account and token; what it was.

    `seen` is the digest of the holders that the person was told of.

    Raises:
        NotAllowed, Gone, HoldersChanged, EditConflict: changed since `revision` was read.
    """
    policies.check_may_manage(by)
    current = _lock(api, revision)
    names = list(current.scopes.order_by("name").values_list("name", flat=True))
    counts = _take_away(names, by=by, at=at, seen=seen)
    current.scopes.update(parent=None)
    current.scopes.all().delete()
    before = _told(current) | {"scopes": names}
    record("own_api.deleted", by=by, subject=current, before=before, detail=counts, at=at)
    current.delete()
    return current


def create_scope(*, by: Actor, api: Api, draft: ScopeDraft, at: datetime) -> ApiScope:
    """Add a scope to an API. Who holds its parent holds it at once, unless it is restricted.

    Raises:
        NotAllowed, Gone, TooMany
        BadText, NameTaken, BadParent: `field` names what is wrong.
    """
    policies.check_may_manage(by)
    name = policies.check_scope_name(draft.name)
    values = draft.cleaned()
    with transaction.atomic():
        current = _lock(api)
        if current.scopes.count() >= MOST_SCOPES:
            message = _("This API has %(most)d scopes. Remove one first.")
            raise TooMany(message % {"most": MOST_SCOPES})
        scope = ApiScope(
            api=current,
            name=name,
            name_key=name.casefold(),
            created_at=at,
            created_by=by.label[:200],
            changed_at=at,
            **values,
        )
        _check_parent(scope)
        _save_scope(scope)
        after = _told_scope(scope)
        record(
            "own_api.scope_created", by=by, subject=current, after=after, detail=_of(scope), at=at
        )
    return scope


def edit_scope(
    *, by: Actor, scope: ApiScope, draft: ScopeDraft, revision: int, at: datetime
) -> ApiScope:
    """Change what a scope says, stands below, and whether it is restricted; never its name.

    Raises:
        NotAllowed, Gone, EditConflict, BadText, BadParent
    """
    policies.check_may_manage(by)
    values = draft.cleaned()
    with transaction.atomic():
        current = _lock_scope(scope, revision)
        before, after = _changed(current, values, _told_scope, at)
        _check_parent(current)
        if after:
            current.save()
            record(
                "own_api.scope_edited",
                by=by,
                subject=current.api,
                before=before,
                after=after,
                detail=_of(current),
                at=at,
            )
    return current


@transaction.atomic
def remove_scope(
    *, by: Actor, scope: ApiScope, at: datetime, seen: str | None = None, revision: Revision = None
) -> ApiScope:
    """Remove a scope, and take it from every account, token and role; its children move up.

    Raises:
        NotAllowed, Gone, HoldersChanged, EditConflict: as `remove`.
    """
    policies.check_may_manage(by)
    current = _lock_scope(scope, revision)
    counts = _take_away([current.name], by=by, at=at, seen=seen)
    current.children.update(parent=current.parent)
    record(
        "own_api.scope_deleted",
        by=by,
        subject=current.api,
        before=_told_scope(current),
        detail=_of(current) | counts,
        at=at,
    )
    current.delete()
    return current


def _changed(
    row: T, values: dict[str, Any], told: Callable[[T], dict[str, Any]], at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put values into a row; of what is told of it, that which differs, before and after."""
    before = told(row)
    for name, value in values.items():
        setattr(row, name, value)
    old, new = differing(before, told(row))
    if new:
        row.revision += 1
        row.changed_at = at
    return old, new


def _take_away(
    names: Collection[str], *, by: Actor, at: datetime, seen: str | None
) -> dict[str, int]:
    """Take scopes from all that hold them, and record that of each; how many there were."""
    found: Holders = holders(names)
    if seen is not None and seen != found.digest:
        raise HoldersChanged
    accounts = service_accounts.take_scopes(found.accounts, names, at=at)
    for account, before in accounts:
        record(
            "service_account.edited",
            by=by,
            subject=account,
            before={"scopes": before},
            after={"scopes": account.scopes},
            at=at,
        )
    changed = tokens.take_scopes(found.tokens, names)
    for token, before in changed:
        told = {"token": token.name, "credential": str(token.pk)}
        record(
            "personal_access_token.edited",
            by=by,
            subject=token.identity,
            before=told | {"scopes": before},
            after=told | {"scopes": token.scopes},
            at=at,
        )
    pickups.take_scopes(by=by, names=names, at=at)
    from_roles = roles.take_scopes(by=by, names=names, at=at)
    return {"accounts": len(accounts), "tokens": len(changed), "roles": from_roles}


def _check_parent(scope: ApiScope) -> None:
    """Raises BadParent: the parent is of another API, or stands below the scope."""
    above = scope.parent
    while above is not None:
        if above.api_id != scope.api_id or above.pk == scope.pk:
            message = _("Choose a scope of the same API that does not stand below this one.")
            raise BadParent(message, field="parent")
        above = above.parent


def _lock(api: Api, revision: Revision = None) -> Api:
    """The API's row; whoever changes its scopes holds it, so that no two make a circle."""
    found = Api.objects.select_for_update(of=("self",)).filter(pk=api.pk).first()
    if found is None:
        raise Gone
    if revision not in (None, found.revision):
        raise EditConflict(found)
    return found


def _lock_scope(scope: ApiScope, revision: Revision = None) -> ApiScope:
    api = _lock(scope.api)
    found = ApiScope.objects.select_related("parent").filter(pk=scope.pk).first()
    if found is None:
        raise Gone
    if revision not in (None, found.revision):
        raise EditConflict(found)
    found.api = api
    return found


def _save_api(api: Api) -> None:
    try:
        with transaction.atomic():
            api.save()
    except IntegrityError as error:
        others = Api.objects.exclude(pk=api.pk)
        if others.filter(audience_key=api.audience_key).exists():
            message = _("Another API has this audience. Tokens could not tell them apart.")
            raise NameTaken(message, field="audience") from error
        message = _("There is an API of this name. Choose another name.")
        raise NameTaken(message, field="name") from error


def _save_scope(scope: ApiScope) -> None:
    try:
        with transaction.atomic():
            scope.save()
    except IntegrityError as error:
        message = _("There is a scope of this name. Choose another name.")
        raise NameTaken(message, field="name") from error


def _told(api: Api) -> dict[str, Any]:
    account = api.account
    return {
        "name": api.name,
        "audience": api.audience,
        "description": api.description,
        "service_account": f"{account.name} ({account.pk})" if account else "",
    }


def _told_scope(scope: ApiScope) -> dict[str, Any]:
    parent = scope.parent.name if scope.parent else ""
    return {"description": scope.description, "parent": parent, "restricted": scope.restricted}


def _of(scope: ApiScope) -> dict[str, Any]:
    return {"scope": scope.name}
