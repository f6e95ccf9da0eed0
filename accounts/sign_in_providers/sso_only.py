"""Whether passwords sign in at all: a tenant may leave that to its providers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities.models import Identity
from accounts.identities.policies import AboveOneself, administrators_above
from accounts.lib.errors import DomainError
from accounts.sign_in_providers.models import SignInProvider, SsoLink
from accounts.tenant.models import TenantSetting

NAME: Final = "sso_only"
PROVED_WITHIN: Final = timedelta(hours=1)
"""How long ago whoever turns it on may have signed in by a provider."""
MOST_NAMED: Final = 20
"""Break-glass people; more would be no exception."""


class NotProvedYet(DomainError):
    """Nobody knows yet that they could come in again."""

    code = "not_proved_yet"


class StillNeeded(DomainError):
    """Without this provider nobody could sign in."""

    code = "provider_still_needed"


class BadChoice(DomainError):
    """Somebody who cannot be a break-glass person."""

    code = "bad_choice"


@dataclass(frozen=True)
class SsoOnly:
    is_on: bool = False
    named: frozenset[str] = field(default_factory=frozenset)
    """Ids of those whose passwords go on working."""

    def lets_in(self, identity: Identity) -> bool:
        """Whether they may come in by something else than a provider."""
        return not self.is_on or str(identity.pk) in self.named


def current() -> SsoOnly:
    """The rule in force; one statement."""
    stored = TenantSetting.objects.filter(name=NAME).values_list("value", flat=True).first()
    if not isinstance(stored, dict):
        return SsoOnly()
    return SsoOnly(bool(stored.get("is_on")), frozenset(map(str, stored.get("named", ()))))


def named_people(held: SsoOnly) -> list[Identity]:
    found = Identity.objects.existing().filter(pk__in=held.named)
    return list(found.order_by("user_name", "pk"))


def check_may_let_in(by: Actor) -> None:
    """Whoever says who lets people in could come in as any of them.

    Raises:
        NotAllowed
        AboveOneself: somebody could be let in who may do more than they.
    """
    check_may(by, Permission.TENANT_MANAGE)
    if administrators_above(by):
        raise AboveOneself(
            message=_("Somebody who may do more than you could be let in by it. Ask the Owner.")
        )


@transaction.atomic
def set_rule(*, by: Actor, is_on: bool, named: Sequence[Identity], at: datetime) -> bool:
    """Decide whether passwords sign in, and whose do in any case. False if nothing changed.

    Raises:
        NotAllowed, AboveOneself
        NotProvedYet: whoever turns it on has not just signed in by a provider themselves.
        BadChoice: a break-glass person is none who could sign in.
    """
    check_may_let_in(by)
    before = current()
    after = SsoOnly(is_on, frozenset(str(person.pk) for person in named))
    if after == before:
        return False
    if len(after.named) > MOST_NAMED:
        raise BadChoice(_("Name at most %(most)d people.") % {"most": MOST_NAMED}, field="named")
    for person in named:
        if str(person.pk) not in before.named and not (person.is_active and person.is_registered):
            message = _("%(name)s cannot sign in now. Choose somebody else.")
            raise BadChoice(message % {"name": person}, field="named")
    if after.is_on and not before.is_on:
        _check_author(by, at)
    row, _created = TenantSetting.objects.update_or_create(
        name=NAME,
        defaults={
            "value": {"is_on": after.is_on, "named": sorted(after.named)},
            "changed_at": at,
            "changed_by": by.label[:200],
        },
    )
    record(
        "tenant_setting.sso_only_changed",
        by=by,
        subject=row,
        before=_told(before),
        after=_told(after),
        at=at,
    )
    return True


def check_not_last(provider: SignInProvider) -> None:
    """
    Raises:
        StillNeeded
    """
    others = SignInProvider.objects.enabled().exclude(pk=provider.pk)
    if provider.is_enabled and current().is_on and not others.exists():
        raise StillNeeded(
            _("Only sign-in providers let people in, and this is the last. Allow passwords first.")
        )


def _check_author(by: Actor, at: datetime) -> None:
    proved = SsoLink.objects.filter(
        identity__in=[by] if isinstance(by, Identity) else [],
        provider__disabled_at=None,
        used_at__gt=at - PROVED_WITHIN,
    )
    if not proved.exists():
        message = _(
            "Sign in by one of the providers yourself first, within the last hour: so it is sure "
            "that you can come in again."
        )
        raise NotProvedYet(message, field="is_on")


def _told(held: SsoOnly) -> dict[str, object]:
    names = [person.user_name for person in named_people(held)]
    return {"is_on": held.is_on, "break_glass": names}
