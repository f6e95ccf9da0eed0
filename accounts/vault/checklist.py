"""What is left to do until an account of a kind is ready; each step is ticked off by what is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.vault.models import Kind, SecretName, StoredAccount
from accounts.vault.second_factors import Authenticator


@dataclass(frozen=True)
class Step:
    """One step of a checklist."""

    name: str
    title: str | Promise
    help_text: str | Promise
    is_done: Callable[[StoredAccount], bool]


@dataclass(frozen=True)
class Ticked:
    """A step, and whether it is done for one account."""

    step: Step
    done: bool


def _is_stored(item: StoredAccount) -> bool:
    return item.pk is not None


def _has_password(item: StoredAccount) -> bool:
    return (
        item.passwords.filter(replaced_at=None).exists()
        or item.local_secrets.filter(name=SecretName.PASSWORD, replaced_at=None).exists()
    )


def _was_renamed(item: StoredAccount) -> bool:
    return bool(item.username) and item.username_set_at > item.created_at


def _is_set_up(item: StoredAccount) -> bool:
    return item.set_up_at is not None


def _has_authenticator(item: StoredAccount) -> bool:
    local = item.local_secrets.filter(name=SecretName.AUTHENTICATOR, replaced_at=None)
    return Authenticator.objects.filter(item=item).exists() or local.exists()


ADDED: Final = Step(
    "added", _("Add account details"), _("The account is in the vault."), _is_stored
)
PASSWORD: Final = Step(
    "password",
    _("Store its password"),
    _("Make one by chance, then use the same one in the application."),
    _has_password,
)
USERNAME: Final = Step(
    "username",
    _("Replace the dummy username"),
    _("By the address with which the account is to sign in."),
    _was_renamed,
)
CREATED: Final = Step(
    "set_up",
    _("Create the user account in the application"),
    _("With the username and the password that are stored here. Then say so."),
    _is_set_up,
)
PROVISIONED: Final = Step(
    "set_up",
    _("Create the user account in your IdP"),
    _("Assign the application to it there. Then say so."),
    _is_set_up,
)
MFA: Final = Step(
    "mfa",
    _("Turn on MFA with Steward as authenticator"),
    _("Paste the key that the application shows, so that codes come from here."),
    _has_authenticator,
)

CHECKLISTS: Final[dict[Kind, tuple[Step, ...]]] = {
    Kind.PLACEHOLDER: (ADDED, PASSWORD, USERNAME, CREATED, MFA),
    Kind.IDP_PROVISIONED: (PROVISIONED, ADDED, PASSWORD, MFA),
    Kind.INDIVIDUAL: (ADDED, PASSWORD, MFA),
}


def of(item: StoredAccount) -> list[Ticked]:
    return [Ticked(step, step.is_done(item)) for step in CHECKLISTS[Kind(item.kind)]]
