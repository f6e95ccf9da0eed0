from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from accounts.lib.json_lists import holding
from accounts.models import Role, ServiceAccount
from tokens.apis.models import Api, ApiScope
from tokens.credentials.models import Credential
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN


@dataclass(frozen=True)
class Holders:
    """Who was given at least one of some scopes, by name."""

    accounts: QuerySet[ServiceAccount]
    tokens: QuerySet[Credential]
    """Personal access tokens that are not revoked."""
    roles: QuerySet[Role]

    @property
    def digest(self) -> str:
        """Stands for all of them: another one when somebody came or went."""
        every = (self.accounts, self.tokens, self.roles)
        ids = [str(pk) for rows in every for pk in rows.values_list("pk")]
        return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()


def for_list(text: str = "") -> QuerySet[Api]:
    """Those whose name, audience or description has the text in it; all without one.

    Page by ("folded", "id"), the name whatever its case.
    """
    rows = Api.objects.select_related("account").annotate(
        scope_count=Count("scopes"), folded=Lower("name")
    )
    if not text:
        return rows
    said = Q(name__icontains=text) | Q(audience__icontains=text) | Q(description__icontains=text)
    return rows.filter(said)


def scopes_for_list(
    api: Api, text: str = "", *, restricted: bool | None = None
) -> QuerySet[ApiScope]:
    """Its scopes with the text in their name or description, those that are restricted or not."""
    rows = api.scopes.select_related("parent")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    return rows if restricted is None else rows.filter(restricted=restricted)


def audience_keys_of(account_id: UUID) -> set[str]:
    """What the APIs that ask as this service account are called in tokens, in canonical form."""
    return set(Api.objects.filter(account=account_id).values_list("audience_key", flat=True))


def asking_as(account: ServiceAccount) -> list[str]:
    """The names of the APIs that ask about tokens as this service account."""
    return list(
        Api.objects.filter(account=account).order_by(Lower("name")).values_list("name", flat=True)
    )


def scopes_of(api: Api) -> list[ApiScope]:
    """In the order of the alphabet, each child below its parent."""
    rows = list(api.scopes.select_related("parent").order_by("name"))
    below: dict[object, list[ApiScope]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    found: list[ApiScope] = []

    def walk(parent_id: object) -> None:
        for row in below.get(parent_id, ()):
            found.append(row)
            walk(row.pk)

    walk(None)
    return found


def holders(names: Collection[str]) -> Holders:
    """The accounts that exist, the tokens and the roles with at least one of these scopes."""
    held = reduce(or_, (holding("scopes", name) for name in names), Q(pk__in=()))
    tokens = Credential.objects.filter(held, kind=PERSONAL_ACCESS_TOKEN, revoked_at=None)
    return Holders(
        ServiceAccount.objects.existing().filter(held).order_by("name", "pk"),
        tokens.select_related("identity").order_by("name", "pk"),
        Role.objects.filter(held).order_by("name", "pk"),
    )
