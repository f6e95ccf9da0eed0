"""Sources that read a test server."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.imports import actions as imports
from accounts.models import ImportRun, Source
from accounts.sources import actions, schema
from tests.factories.imports import apply, work
from tests.openldap import READER_DN, READER_PASSWORD, SUFFIX, Directory

SERVICES = f"ou=services,{SUFFIX}"


def person(uid: str, *lines: str, parent: str = SERVICES) -> str:
    """An entry as LDIF."""
    own = [f"dn: uid={uid},{parent}", "objectClass: inetOrgPerson", f"uid: {uid}"]
    return "\n".join([*own, f"cn: {uid}", "sn: Service", *lines, ""])


def services(count: int) -> str:
    return "\n".join(
        person(f"svc-{n:05d}", f"description: Service {n}", f"mail: svc-{n}@example.org")
        for n in range(count)
    )


def config(directory: Directory, **changed: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": directory.port,
        "security": "plain",
        "bind_dn": READER_DN,
        "base_dn": SERVICES,
        "filter": "(objectClass=inetOrgPerson)",
        "page_size": 7,
        "timeout_seconds": 5,
    } | changed


def make_ldap_source(
    directory: Directory,
    name: str = "Directory",
    *,
    header: str = "id,uid,e-mail,purpose",
    mapping: str = "id = entryUUID\ne-mail = mail\npurpose = description",
    password: str = READER_PASSWORD,
    by: Actor = SYSTEM,
    owner: Any = None,
    **changed: Any,
) -> Source:
    now = timezone.now()
    source = actions.create(
        by=by,
        connector="ldap",
        details=actions.Details(
            name=name,
            owner=owner,
            config=config(directory, mapping=mapping, **changed),
            secrets={"password": password},
        ),
        at=now,
    )
    schema.upload(by=by, source=source, content=header.encode(), at=now)
    source.refresh_from_db()
    return source


def changed(source: Source, *, password: str = READER_PASSWORD, **settings: Any) -> Source:
    """The source with other settings, and its password typed again."""
    source.refresh_from_db()
    return actions.edit(
        by=SYSTEM,
        source=source,
        details=actions.Details(
            name=source.name,
            owner=source.owner,
            config=source.config | settings,
            secrets={"password": password},
        ),
        revision=source.revision,
        at=timezone.now(),
    )


def plan(source: Source) -> ImportRun:
    """A reading with its plan made."""
    return work(imports.refresh(by=SYSTEM, source=source, at=timezone.now(), confirm=False))


def bring(source: Source) -> ImportRun:
    """A reading from the directory to the result."""
    return apply(plan(source))
