"""Trying a source out: what its connector would read first, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.lib.errors import DomainError
from accounts.sources import policies, secrets
from accounts.sources.connectors import connectors
from accounts.sources.connectors.base import AttributeDraft, Intake, Trial
from accounts.sources.models import Source
from accounts.sources.schema import drafts_of


def try_out(
    *,
    by: Actor,
    connector: str,
    source: Source | None,
    config: Mapping[str, Any],
    typed: Mapping[str, str],
    at: datetime,
    start: str = "",
) -> Trial:
    """Read a few accounts with settings that need not be saved yet; nothing is changed.

    A secret that is not typed is the stored one, if it would go where it went so far. `source` is
    None while it is only being made, with the account schema `start`. Not in a transaction: the
    source may take its time.

    Raises:
        DomainError: what is wrong; `field` names the setting.
    """
    if source is None:
        policies.check_may_add(by)
    else:
        policies.check_may_manage(by, source)
    kind = connectors.get(connector)
    cleaned = kind.clean(config)
    proposed = Source(connector=connector, config=cleaned)
    if source is not None:
        proposed.pk = source.pk
    opened = secrets.proposed(proposed, typed, before=source.config if source else None)
    intake = Intake(
        schema=drafts_of(source) if source else list(kind.first_schema(start)),
        config=cleaned,
        secret=lambda name: opened.get(name, ""),
    )
    try:
        trial = kind.try_out(intake)
    except DomainError as error:
        _record(by, source, cleaned, Outcome.FAILED, error.message, at)
        raise
    _record(by, source, cleaned, Outcome.DONE, "", at)
    return trial


def discover(*, by: Actor, source: Source, at: datetime) -> list[AttributeDraft]:
    """Attributes that the source has and its account schema has not.

    Raises:
        DomainError: it cannot be read.
    """
    policies.check_may_manage(by, source)
    config = source.kind.clean(source.config)
    intake = Intake(
        schema=drafts_of(source), config=config, secret=lambda name: secrets.plain(source, name)
    )
    try:
        found = source.kind.discover(intake)
    except DomainError as error:
        _record(by, source, config, Outcome.FAILED, error.message, at)
        raise
    _record(by, source, config, Outcome.DONE, "", at)
    return found


def _record(
    by: Actor,
    source: Source | None,
    config: Mapping[str, Any],
    outcome: Outcome,
    reason: str,
    at: datetime,
) -> None:
    # whom Steward was made to talk to
    detail = {name: config[name] for name in ("host", "port") if name in config}
    record(
        "source.tried_out",
        by=by,
        subject=source,
        outcome=outcome,
        reason=reason,
        detail=detail,
        at=at,
    )
