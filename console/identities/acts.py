"""What somebody may do with an identity now, for its menu and its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import policies
from accounts.models import Identity


@dataclass(frozen=True)
class Acts:
    """The address of each act; empty where it makes no sense or is not allowed."""

    edit: str = ""
    set_levels: str = ""
    invite: str = ""
    send_link: str = ""
    """The same act, for somebody who has a password."""
    end_sessions: str = ""
    disable: str = ""
    enable: str = ""
    delete: str = ""

    def __bool__(self) -> bool:
        return any(vars(self).values())


def acts(identity: Identity, *, by: Identity, now: datetime) -> Acts:
    """A service account is edited, disabled and deleted on its own pages, by their permission."""
    manages = may(by, Permission.IDENTITY_MANAGE)
    owns_record = manages if identity.is_person else may(by, Permission.SERVICE_ACCOUNT_MANAGE)
    slice_ = "identities" if identity.is_person else "service_accounts"
    is_self, is_active = identity.pk == by.pk, identity.is_active
    invites = manages and policies.may_sign_in(identity, at=now)
    is_registered = identity.is_registered

    def url(view: str, allowed: bool, namespace: str = "identities") -> str:
        return reverse(f"{namespace}:{view}", args=[identity.pk]) if allowed else ""

    return Acts(
        edit=url("edit", owns_record, slice_),
        set_levels=url("set_levels", identity.is_person and may(by, Permission.LEVEL_GRANT)),
        invite=url("invite", invites and not is_registered),
        send_link=url("invite", invites and is_registered),
        end_sessions=url("end_sessions", manages and is_registered and is_active),
        disable=url("disable", owns_record and is_active and not is_self, slice_),
        enable=url("enable", owns_record and not is_active, slice_),
        delete=url("delete", owns_record and not is_self, slice_),
    )
