"""A tenant with one of everything that moves, and the same tenant before any of it was there."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.bundles import actions
from accounts.bundles.format import parse
from accounts.bundles.plan import BundlePlan
from accounts.mail_templates import actions as mail
from accounts.mail_templates import queries as mails
from accounts.mail_templates.texts import Text
from accounts.models import (
    Identity,
    IdentityAttribute,
    IdentityProfile,
    MailTemplate,
    Source,
    Transform,
)
from accounts.profiles import actions as profiles
from accounts.profiles import custom_attributes, library
from accounts.profiles.lifecycle_states import actions as states
from accounts.profiles.lifecycle_states import queries as state_queries
from accounts.profiles.mappings import MappingDraft
from accounts.sources import actions as sources
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile, map_all
from tokens.apis import actions as apis
from tokens.apis.actions import ApiDraft, ScopeDraft
from tokens.apis.models import Api, ApiScope

PASSWORD_OF_THE_DIRECTORY = "a directory's own password"
DIRECTORY = {
    "host": "ldap.example.com",
    "base_dn": "dc=example,dc=com",
    "bind_dn": "cn=reader,dc=example,dc=com",
}


def fill(owner: Identity | None = None) -> None:
    """One of everything, and each of it with something that is not the default."""
    now = timezone.now()
    custom_attributes.add(by=SYSTEM, label="Badge number", name="badge", at=now)
    library.create(by=SYSTEM, name="Shout", definition=static("upper"), at=now)
    library.create(by=SYSTEM, name="Loud badge", definition=reference("Shout"), at=now)
    source = make_source("Payroll", threshold=25)
    make_directory(host="ldap.example.com")
    profile = make_profile(source, name="Workers", owner=owner, description="Who works here")
    fill_profile(profile)
    default = mails.get("invitation").text
    text = Text("Come in", default.body)
    fill_apis()
    mail.save(by=SYSTEM, name="invitation", text=text, revision=0, at=now)


def fill_apis() -> None:
    """An API whose scopes stand three deep, against the order of the alphabet."""
    now = timezone.now()
    draft = ApiDraft("Orders", "https://orders.example.com", "What was ordered")
    api = apis.create(by=SYSTEM, draft=draft, at=now)
    above: ApiScope | None = None
    for name, restricted in (("orders:z", False), ("orders:m", False), ("orders:a", True)):
        scope = ScopeDraft(f"May {name}", name, above, restricted)
        above = apis.create_scope(by=SYSTEM, api=api, draft=scope, at=now)


def fill_profile(profile: IdentityProfile) -> None:
    now = timezone.now()
    inactive = next(s for s in state_queries.of(profile) if s.technical_name == "inactive")
    states.remove(by=SYSTEM, state=inactive, at=now)
    draft = states.Draft("On leave", description="Back soon", on_entry="disable", priority=7)
    leave = states.add(by=SYSTEM, profile=profile, technical_name="leave", draft=draft, at=now)
    states.set_enabled(by=SYSTEM, state=leave, enabled=True, at=now)
    map_all(
        profile,
        [
            MappingDraft("uid", source_attribute="name"),
            MappingDraft("email", source_attribute="e-mail"),
            MappingDraft("lastname", source_attribute="name"),
            MappingDraft("badge", transform=Transform.objects.get(name="Loud badge")),
            MappingDraft(
                "title",
                "mail",
                source=Source.objects.get(name="Directory"),
                definition=static("trim"),
            ),
        ],
    )
    profile.refresh_from_db()
    profiles.edit(
        by=SYSTEM,
        profile=profile,
        details=profiles.Details(
            name="Workers",
            description="Who works here",
            owner=profile.owner,
            invite_policy="on_state",
            invite_state="leave",
            vanished_policy="remove",
        ),
        revision=profile.revision,
        at=now,
    )


def make_directory(**config: Any) -> Source:
    return sources.create(
        by=SYSTEM,
        connector="ldap",
        details=sources.Details(
            name="Directory",
            config=DIRECTORY | config,
            secrets={"password": PASSWORD_OF_THE_DIRECTORY},
        ),
        at=timezone.now(),
    )


def static(kind: str) -> dict[str, Any]:
    return {"type": kind, "attributes": {}}


def reference(name: str) -> dict[str, Any]:
    inner = {"type": "static", "attributes": {"value": "badge"}}
    return {"type": "reference", "attributes": {"id": name, "input": inner}}


def empty() -> None:
    """As if it was another tenant, in which nothing was ever configured."""
    IdentityProfile.objects.get_queryset().delete()
    Source.objects.get_queryset().delete()
    Transform.objects.filter(built_in=False).delete()
    IdentityAttribute.objects.all().delete()
    MailTemplate.objects.all().delete()
    ApiScope.objects.update(parent=None)
    ApiScope.objects.all().delete()
    Api.objects.all().delete()


def exported() -> str:
    return actions.export(by=SYSTEM, at=timezone.now())


def planned(text: str, *, by: Actor = SYSTEM) -> BundlePlan:
    return actions.plan(by=by, bundle=parse(text), at=timezone.now())


def imported(text: str, *, by: Actor = SYSTEM, digest: str | None = None) -> BundlePlan:
    return actions.import_(by=by, bundle=parse(text), digest=digest, at=timezone.now())
