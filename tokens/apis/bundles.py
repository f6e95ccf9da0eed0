"""How the tenant's own APIs and their scopes move to another environment."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bundles.members import Flag, Rows, Text
from accounts.bundles.parts.base import Part, Run, Thing
from tokens.apis import actions, queries
from tokens.apis.actions import MOST_SCOPES, ApiDraft, BadParent, ScopeDraft
from tokens.apis.models import Api, ApiScope


class Apis(Part):
    """APIs with their scopes, each scope with the one that it stands below by name."""

    label = gettext_lazy("APIs and their scopes")
    members = {
        "name": Text(gettext_lazy("Name")),
        "audience": Text(gettext_lazy("Audience")),
        "description": Text(gettext_lazy("Description")),
        "scopes": Rows(
            gettext_lazy("Scopes"),
            "name",
            {
                "name": Text(gettext_lazy("Name")),
                "description": Text(gettext_lazy("Description")),
                "parent": Text(gettext_lazy("Below"), optional=True),
                "restricted": Flag(gettext_lazy("Restricted")),
            },
            MOST_SCOPES,
        ),
    }

    def present(self) -> list[Thing]:
        return [_thing(api) for api in Api.objects.order_by("name")]

    def take(self, things: Sequence[Thing], run: Run) -> None:
        for thing in things:
            with run.taking(thing["name"]):
                _take(thing, run)


def _thing(api: Api) -> Thing:
    return {
        "name": api.name,
        "audience": api.audience,
        "description": api.description,
        "scopes": [
            {
                "name": scope.name,
                "description": scope.description,
                "parent": scope.parent.name if scope.parent else None,
                "restricted": scope.restricted,
            }
            for scope in queries.scopes_of(api)
        ],
    }


def _take(thing: Thing, run: Run) -> None:
    api = Api.objects.filter(name=thing["name"]).select_related("account").first()
    # service accounts belong to their environment: the API keeps the one that it has here
    account = api.account if api else None
    draft = ApiDraft(thing["name"], thing["audience"], thing["description"], account)
    if api is None:
        api = actions.create(by=run.by, draft=draft, at=run.at)
    else:
        api = actions.edit(by=run.by, api=api, draft=draft, revision=api.revision, at=run.at)
    there = {scope.name: scope for scope in queries.scopes_of(api)}
    for row in thing["scopes"]:
        if row["name"] not in there:  # where it stands comes last, when all of them are here
            new = ScopeDraft(row["description"], row["name"], restricted=row["restricted"])
            there[row["name"]] = actions.create_scope(by=run.by, api=api, draft=new, at=run.at)
    for row in _from_the_top(thing["scopes"]):
        parent = _parent(row, there)
        scope = there[row["name"]]
        there[row["name"]] = actions.edit_scope(
            by=run.by,
            scope=scope,
            draft=ScopeDraft(row["description"], parent=parent, restricted=row["restricted"]),
            revision=scope.revision,
            at=run.at,
        )


def _from_the_top(rows: Sequence[Thing]) -> list[Thing]:
    """Those that stand below nothing first: else a scope could pass below one of its own."""
    return sorted(rows, key=lambda row: row["parent"] is not None)


def _parent(row: Thing, there: dict[str, ApiScope]) -> ApiScope | None:
    if row["parent"] is None:
        return None
    if row["parent"] not in there:
        message = _("The scope “%(name)s” stands below one that this API has not.")
        raise BadParent(message % {"name": row["name"][:100]})
    return there[row["parent"]]
