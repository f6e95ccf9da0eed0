"""What is left to do until an account of a kind is ready; each step is ticked off by what is so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.inbox.domain import mail_domain
from accounts.inbox.models import PhoneNumber
from accounts.vault.models import Kind, SecretName, StoredAccount
from accounts.vault.second_factors import Authenticator


@dataclass(frozen=True)
class Step:
    """One step of a checklist."""

    name: str
    title: str | Promise
    help_text: str | Promise
    is_done: Callable[[StoredAccount], bool]
    applies: Callable[[StoredAccount], bool] = lambda _item: True
    """Whether the tenant has what it takes."""
    is_optional: bool = False
    """Whether an account is ready without it."""


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


def _has_mailbox(item: StoredAccount) -> bool:
    return item.mailboxes.filter(closed_at=None).exists()


def _may_have_mailbox(item: StoredAccount) -> bool:
    return bool(mail_domain()) or _has_mailbox(item)


def _has_number(item: StoredAccount) -> bool:
    return PhoneNumber.objects.filter(item=item).exists()


def _may_have_number(item: StoredAccount) -> bool:
    return PhoneNumber.objects.filter(Q(item=None) | Q(item=item)).exists()


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
MAILBOX: Final = Step(
    "mailbox",
    _("Create a managed e-mail address"),
    _("What the application mails, such as codes, arrives in its inbox here."),
    _has_mailbox,
    _may_have_mailbox,
)
PHONE: Final = Step(
    "phone",
    _("Take a managed phone number"),
    _("Only where the application asks for one: its text messages arrive here as well."),
    _has_number,
    _may_have_number,
    is_optional=True,
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
    Kind.PLACEHOLDER: (ADDED, PASSWORD, MAILBOX, PHONE, USERNAME, CREATED, MFA),
    Kind.IDP_PROVISIONED: (PROVISIONED, ADDED, PASSWORD, MFA),
    Kind.INDIVIDUAL: (ADDED, PASSWORD, MAILBOX, PHONE, MFA),
}


def of(item: StoredAccount) -> list[Ticked]:
    steps = CHECKLISTS[Kind(item.kind)]
    return [Ticked(step, step.is_done(item)) for step in steps if step.applies(item)]


def left(steps: Iterable[Ticked]) -> int:
    """How many of them the account is not ready without."""
    return sum(not each.done and not each.step.is_optional for each in steps)
