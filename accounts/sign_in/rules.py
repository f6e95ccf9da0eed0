"""The rules of sign-in, as the tenant sets them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.second_factors import queries as second_factors
from accounts.tenant.models import TenantSetting

NAME: Final = "sign_in"
"""Of the one row of settings that holds the rules."""
IDLE_MINUTES: Final = (5, 8 * 60)
LONGEST_HOURS: Final = (1, 24)
PASSWORD_DAYS: Final = (30, 730)
"""The least and the most that can be set."""
NOTED_EVERY: Final = timedelta(minutes=1)
"""Use of a session is noted only so often: a write for every page that is read would be many."""


class Needed(models.TextChoices):
    """Who needs a second factor."""

    NOBODY = "nobody", gettext_lazy("Nobody")
    ADMINISTRATORS = "administrators", gettext_lazy("Administrators")
    EVERYBODY = "everybody", gettext_lazy("Everybody")


@dataclass(frozen=True)
class Rules:
    second_factor: str = Needed.NOBODY
    idle_minutes: int = 30
    """Without use, until a session ends."""
    longest_hours: int = 12
    """From signing in until it must be done again, however busy the session is."""
    password_days: int = 0
    """After which a password must be changed; 0 is never."""

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def longest(self) -> timedelta:
        return timedelta(hours=self.longest_hours)

    def ask_of(self, identity: Identity) -> bool:
        """Whether this identity must have a second factor; who may something by a role counts as
        an administrator."""
        match self.second_factor:
            case Needed.NOBODY:
                return False
            case Needed.ADMINISTRATORS:
                return identity.is_administrator or bool(identity.rights_by_roles.permissions)
            case _:
                return True  # also for what a later version may have written: fail closed


class BadRules(DomainError):
    """A time is outside of what can be set, or a choice is none of those that exist."""

    code = "bad_rules"


class SecondFactorFirst(DomainError):
    """Whoever asks a second factor of others, and of themselves, must have one already."""

    code = "second_factor_first"


def current() -> Rules:
    """The rules in force; one statement."""
    stored = TenantSetting.objects.filter(name=NAME).values_list("value", flat=True).first()
    return Rules(**stored) if isinstance(stored, dict) else Rules()


def of_request(request: Any) -> Rules:
    """As `current`, read once for all that looks at them while a request is answered."""
    kept: Rules | None = getattr(request, "sign_in_rules", None)
    if kept is None:
        kept = request.sign_in_rules = current()
    return kept


@transaction.atomic
def set_rules(*, by: Actor, rules: Rules, at: datetime) -> bool:
    """Set the rules; they hold from the next request on. False if nothing changed.

    Raises:
        BadRules: `field` names what is wrong.
        SecondFactorFirst: nobody could be left who is let in, so its author must be.
    """
    check_may(by, Permission.TENANT_MANAGE)
    _check(rules)
    before = current()
    if rules == before:
        return False
    if rules.second_factor != before.second_factor:
        _check_author(by, rules)
    row, _created = TenantSetting.objects.update_or_create(
        name=NAME, defaults={"value": asdict(rules), "changed_at": at, "changed_by": by.label[:200]}
    )
    old, new = asdict(before), asdict(rules)
    changed = [name for name in new if new[name] != old[name]]
    record(
        "tenant_setting.sign_in_changed",
        by=by,
        subject=row,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
        at=at,
    )
    return True


def _check(rules: Rules) -> None:
    if rules.second_factor not in Needed.values:
        raise BadRules(message=_("Choose one of the three."), field="second_factor")
    least, most = IDLE_MINUTES
    if not least <= rules.idle_minutes <= most:
        message = _("Set %(least)d to %(most)d minutes.") % {"least": least, "most": most}
        raise BadRules(message=message, field="idle_minutes")
    least, most = LONGEST_HOURS
    if not least <= rules.longest_hours <= most:
        message = _("Set %(least)d to %(most)d hours.") % {"least": least, "most": most}
        raise BadRules(message=message, field="longest_hours")
    least, most = PASSWORD_DAYS
    if rules.password_days and not least <= rules.password_days <= most:
        message = _("Set %(least)d to %(most)d days.") % {"least": least, "most": most}
        raise BadRules(message=message, field="password_days")


def _check_author(by: Actor, rules: Rules) -> None:
    if isinstance(by, Identity) and rules.ask_of(by) and not second_factors.has_one(by):
        raise SecondFactorFirst(
            message=_("Set up a second factor for yourself first, so that you are let in."),
            field="second_factor",
        )
