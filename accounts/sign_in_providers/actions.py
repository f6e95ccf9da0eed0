"""Providers are set up, changed, turned off and removed by administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.sign_in_providers import secrets, sso_only
from accounts.sign_in_providers.kinds import kinds
from accounts.sign_in_providers.kinds.base import BadProvider, Kind
from accounts.sign_in_providers.models import NAME_MAX_LENGTH, SignInProvider

MOST: Final = 20
"""Each is a button on the page of sign-in."""
MAX_ISSUER: Final = 500


class NameTaken(DomainError):
    """Another provider has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self) -> None:
        message = _("Another provider has this name, or one that looks like it. Choose another.")
        super().__init__(message, field="name")


class ProviderGone(DomainError):
    """The provider was removed meanwhile."""

    code = "provider_gone"

    def __init__(self) -> None:
        super().__init__(_("This sign-in provider has been removed."))


class EditConflict(DomainError):
    """Somebody else changed the provider since the form was opened."""

    code = "edit_conflict"

    def __init__(self) -> None:
        super().__init__(
            _("Someone else changed this provider while you were editing it. Open it again.")
        )


@dataclass(frozen=True)
class Draft:
    """A provider as somebody wants it."""

    name: str
    config: Mapping[str, str]
    links_by_email: bool = False
    counts_second_factor: bool = False
    secret: str = field(default="", repr=False)
    """Empty: as it is."""
    forget_secret: bool = False

    def cleaned(self, kind: Kind, issuer: str) -> dict[str, Any]:
        name = clean_name(self.name, max_length=NAME_MAX_LENGTH)
        config = {}
        for setting in kind.settings:
            text = clean_text(
                self.config.get(setting.name, ""),
                max_length=setting.max_length,
                multiline=setting.multiline,
                field=setting.name,
            )
            if setting.required and not text:
                raise BadProvider(_("Fill in this field."), field=setting.name)
            config[setting.name] = text
        kind.check(issuer, config)
        return {
            "name": name,
            "name_key": skeleton(name),
            "config": config,
            "links_by_email": self.links_by_email,
            "counts_second_factor": self.counts_second_factor,
        }


def add(*, by: Actor, kind: str, issuer: str, draft: Draft, at: datetime) -> SignInProvider:
    """Set up a provider; it is off until somebody enables it.

    Raises:
        NotAllowed, AboveOneself, UnknownPart, BadText, BadProvider, NameTaken
    """
    sso_only.check_may_let_in(by)
    part = kinds.get(kind)
    issuer = clean_text(issuer, max_length=MAX_ISSUER, multiline=False, field="issuer")
    if not issuer:
        raise BadProvider(_("Fill in this field."), field="issuer")
    values = draft.cleaned(part, issuer)
    with transaction.atomic():
        if SignInProvider.objects.count() >= MOST:
            raise BadProvider(_("There are %(most)d providers already.") % {"most": MOST})
        provider = SignInProvider(
            kind=kind,
            issuer=issuer,
            created_at=at,
            created_by=by.label[:200],
            changed_at=at,
            disabled_at=at,
            **values,
        )
        _save(provider)
        if draft.secret and part.secret_label:
            secrets.store(provider, draft.secret, at=at)
        record("sign_in_provider.added", by=by, subject=provider, after=told(provider), at=at)
    return provider


def edit(
    *, by: Actor, provider: SignInProvider, draft: Draft, revision: int, at: datetime
) -> SignInProvider:
    """Change a provider that nobody changed since `revision` was read. Its issuer stays: the links
    would belong to other people.

    Raises:
        EditConflict, ProviderGone, and as `add`.
    """
    sso_only.check_may_let_in(by)
    with transaction.atomic():
        current = locked(provider)
        if current.revision != revision:
            raise EditConflict
        before = told(current)
        for name, value in draft.cleaned(current.part, current.issuer).items():
            setattr(current, name, value)
        secret = _change_secret(current, draft, at)
        after = told(current)
        if before == after and not secret:
            return current
        current.revision += 1
        current.changed_at = at
        _save(current)
        old, new = differing(before, after)
        detail = {"secret": secret} if secret else None
        record(
            "sign_in_provider.edited",
            by=by,
            subject=current,
            before=old,
            after=new,
            detail=detail,
            at=at,
        )
    return current


@transaction.atomic
def enable(*, by: Actor, provider: SignInProvider, at: datetime) -> None:
    """Offer it to everybody who signs in; harmless where it is."""
    sso_only.check_may_let_in(by)
    current = locked(provider)
    if current.is_enabled:
        return
    current.disabled_at = None
    current.save(update_fields=["disabled_at"])
    record("sign_in_provider.enabled", by=by, subject=current, at=at)


@transaction.atomic
def disable(*, by: Actor, provider: SignInProvider, at: datetime) -> None:
    """Let nobody in by it any more; sessions go on.

    Raises:
        StillNeeded: passwords do not sign in, and it is the last.
    """
    check_may(by, Permission.TENANT_MANAGE)
    current = locked(provider)
    if not current.is_enabled:
        return
    sso_only.check_not_last(current)
    current.disabled_at = at
    current.save(update_fields=["disabled_at"])
    record("sign_in_provider.disabled", by=by, subject=current, at=at)


@transaction.atomic
def remove(*, by: Actor, provider: SignInProvider, at: datetime) -> None:
    """Remove it with all of its links, for good.

    Raises:
        StillNeeded: passwords do not sign in, and it is the last.
    """
    check_may(by, Permission.TENANT_MANAGE)
    current = locked(provider)
    sso_only.check_not_last(current)
    detail = {"links": current.links.count()}
    record(
        "sign_in_provider.removed",
        by=by,
        subject=current,
        before=told(current),
        detail=detail,
        at=at,
    )
    current.delete()


def told(provider: SignInProvider) -> dict[str, Any]:
    """A provider as the audit log keeps it."""
    return {
        "name": provider.name,
        "kind": provider.kind,
        "issuer": provider.issuer,
        **provider.config,
        "links_by_email": provider.links_by_email,
        "counts_second_factor": provider.counts_second_factor,
    }


def locked(provider: SignInProvider) -> SignInProvider:
    rows = SignInProvider.objects.select_for_update(of=("self",))
    found = rows.filter(pk=provider.pk).first()
    if found is None:
        raise ProviderGone
    return found


def _change_secret(provider: SignInProvider, draft: Draft, at: datetime) -> str:
    """What happened to the secret, in one word for the audit log."""
    if draft.secret and provider.part.secret_label:
        secrets.store(provider, draft.secret, at=at)
        return "replaced"
    return "forgotten" if draft.forget_secret and secrets.forget(provider) else ""


def _save(provider: SignInProvider) -> None:
    try:
        with transaction.atomic():
            provider.save()
    except IntegrityError as error:
        raise NameTaken from error
