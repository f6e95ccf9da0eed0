"""What somebody may do with an identity now, for its menu and its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.authorization.permissions import Permission as P
from accounts.identities import policies
from accounts.identities.models import Origin
from accounts.models import Identity


@dataclass(frozen=True)
class Acts:
    """The address of each act; empty where it makes no sense or is not allowed."""

    edit: str = ""
    set_levels: str = ""
    set_manager: str = ""
    invite: str = ""
    send_link: str = ""
    """The same act, for somebody who has a password."""
    reset: str = ""
    end_sessions: str = ""
    sessions: str = ""
    second_factors: str = ""
    set_state: str = ""
    """A life-cycle state, for who came from a source."""
    disable: str = ""
    enable: str = ""
    delete: str = ""

    def __bool__(self) -> bool:
        return any(vars(self).values())


def acts(identity: Identity, *, by: Identity, now: datetime) -> Acts:
    """A service account is edited, disabled and deleted on its own pages, by their permission."""
    is_self, is_active = identity.pk == by.pk, identity.is_active
    is_person, is_registered = identity.is_person, identity.is_registered
    may_sign_in = policies.may_sign_in(identity, at=now)
    signs_in = is_registered and not identity.web_services_only
    slice_ = "identities" if is_person else "service_accounts"
    others = not is_self

    def url(view: str, needed: P, makes_sense: bool, namespace: str = "identities") -> str:
        if not makes_sense or not policies.may_act_on(by, identity, needed):
            return ""
        return reverse(f"{namespace}:{view}", args=[identity.pk])

    changed_by = P.IDENTITY_MANAGE if is_person else P.SERVICE_ACCOUNT_MANAGE
    stopped_by = P.IDENTITY_DISABLE if is_person else P.SERVICE_ACCOUNT_MANAGE
    return Acts(
        edit=url("edit", changed_by, True, slice_),
        set_levels=url("set_levels", P.LEVEL_GRANT, others),
        set_manager=url("set_manager", P.IDENTITY_MANAGE, others),
        invite=url("invite", P.IDENTITY_INVITE, may_sign_in and not is_registered),
        send_link=url("invite", P.IDENTITY_RESET, may_sign_in and is_registered),
        reset=url("reset", P.IDENTITY_RESET, others and (is_registered or bool(identity.levels))),
        end_sessions=url("end_sessions", P.IDENTITY_DISABLE, signs_in and is_active),
        sessions=url("list", P.IDENTITY_DISABLE, signs_in and others, "sessions"),
        second_factors=url(
            "remove_all", P.IDENTITY_MANAGE, is_registered and others, "second_factors"
        ),
        set_state=url(
            "set", P.IDENTITY_MANAGE, identity.origin == Origin.PROFILE, "lifecycle_states"
        ),
        disable=url("disable", stopped_by, is_active and others, slice_),
        enable=url("enable", stopped_by, not is_active, slice_),
        delete=url("delete", changed_by, others, slice_),
    )
