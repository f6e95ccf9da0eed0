"""Managed mailboxes of stored accounts: opened, closed, and used as the username."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.inbox import domain
from accounts.inbox.models import Forwarding, ForwardTo, Mailbox
from accounts.inbox.policies import locked
from accounts.lib.errors import DomainError
from accounts.vault import actions as vault
from accounts.vault.models import StoredAccount

ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without letters and digits that look alike."""
RANDOM_CHARACTERS: Final = 8
"""Nobody guesses the address of a mailbox from the name of its account."""
NAME_CHARACTERS: Final = 40


class NoDomain(DomainError):
    """The tenant has no domain for mailboxes yet."""

    code = "no_mail_domain"

    def __init__(self) -> None:
        super().__init__(
            _(
                "There is no domain for mailboxes yet. An administrator sets it in Tenant settings "
                "> Inbox."
            )
        )


class NoMailbox(DomainError):
    """The account has no mailbox."""

    code = "no_mailbox"

    def __init__(self) -> None:
        super().__init__(_("This account has no managed mailbox."))


def of(item: StoredAccount) -> Mailbox | None:
    return Mailbox.objects.filter(item=item, closed_at=None).first()


@transaction.atomic
def open_mailbox(*, by: Actor, item: StoredAccount, at: datetime) -> Mailbox:
    """Give an account an address at which mail is taken; one that it has stays.

    Raises:
        NotAllowed, ItemGone, NoDomain
    """
    current = locked(by, item, at)
    found = of(current)
    if found is not None:
        return found
    tenants = domain.mail_domain()
    if not tenants:
        raise NoDomain
    made = Mailbox(
        item=current,
        address=f"{_local_part(current.label)}@{tenants}",
        opened_at=at,
        opened_by=by.label[:200],
    )
    made.save(force_insert=True)
    after = {"address": made.address}
    record("stored_account.mailbox_opened", by=by, subject=current, after=after, at=at)
    return made


@transaction.atomic
def close_mailbox(*, by: Actor, item: StoredAccount, at: datetime) -> bool:
    """Take no more mail there; the address is given to nobody else. Answers whether it was open.

    Raises:
        NotAllowed, ItemGone
    """
    current = locked(by, item, at)
    found = of(current)
    if found is None:
        return False
    found.closed_at, found.closed_by = at, by.label[:200]
    found.save(update_fields=["closed_at", "closed_by"])
    before = {"address": found.address}
    record("stored_account.mailbox_closed", by=by, subject=current, before=before, at=at)
    return True


@transaction.atomic
def use_as_username(*, by: Actor, item: StoredAccount, at: datetime) -> StoredAccount:
    """Put the address of the mailbox in place of the username.

    Raises:
        NotAllowed, ItemGone, NoMailbox, and as `accounts.vault.actions.edit`.
        SealBroken: what the account keeps sealed cannot be opened here.
    """
    current = locked(by, item, at)
    found = of(current)
    if found is None:
        raise NoMailbox
    draft = replace(vault.draft_of(current), username=found.address)
    return vault.edit(by=by, item=current, draft=draft, revision=current.revision, at=at)


@transaction.atomic
def forward(
    *, by: Actor, item: StoredAccount, to: ForwardTo, with_codes: bool = False, at: datetime
) -> None:
    """Choose who gets copies of what arrives, and whether also of what holds a code.

    Raises:
        NotAllowed, ItemGone
    """
    current = locked(by, item, at)
    before = told(Forwarding.objects.select_related("person").filter(item=current).first())
    person = by if to == ForwardTo.ONE and isinstance(by, Identity) else None
    wanted = to if to != ForwardTo.ONE or person else ForwardTo.NOBODY
    row, _created = Forwarding.objects.update_or_create(
        item=current,
        defaults={
            "to": wanted,
            "person": person,
            "with_codes": with_codes and wanted != ForwardTo.NOBODY,
        },
    )
    after = told(row)
    if after == before:
        return
    record(
        "stored_account.forwarding_changed",
        by=by,
        subject=current,
        before=before,
        after=after,
        at=at,
    )


def told(row: Forwarding | None) -> dict[str, str | bool]:
    """Who gets copies, as the audit log keeps it."""
    if row is None:
        return {"to": str(ForwardTo.NOBODY.value), "person": "", "with_codes": False}
    person = row.person.user_name if row.person else ""
    return {"to": str(row.to), "person": person, "with_codes": row.with_codes}


def _local_part(label: str) -> str:
    folded = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", folded)[:NAME_CHARACTERS].strip("-") or "account"
    return f"{name}-{''.join(secrets.choice(ALPHABET) for _each in range(RANDOM_CHARACTERS))}"
