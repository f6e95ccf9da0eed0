"""Phone numbers that the tenant has rented: administrators add them, owners take them."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import phonenumbers
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.inbox.models import PhoneNumber
from accounts.inbox.policies import locked
from accounts.lib.errors import DomainError
from accounts.vault.models import StoredAccount

LONGEST_INPUT: Final = 40
MOST_NUMBERS: Final = 1_000


class BadNumber(DomainError):
    """No phone number, or one that is here already."""

    code = "bad_phone_number"


class NumberInUse(DomainError):
    """An account uses it."""

    code = "phone_number_in_use"


class NoNumber(DomainError):
    """There is none that could be taken."""

    code = "no_phone_number"


def clean(text: str) -> str:
    """The number in E.164, such as +12015550123.

    Raises:
        BadNumber
    """
    message = _("Type a number with its country code, such as +1 201 555 0123.")
    if len(text) > LONGEST_INPUT:
        raise BadNumber(message, field="number")
    try:
        found = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise BadNumber(message, field="number") from None
    if not phonenumbers.is_possible_number(found) or found.extension:
        raise BadNumber(message, field="number")
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def written(number: str) -> str:
    """A number of ours as people read it."""
    found = phonenumbers.parse(number, None)
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(found, style))


def of(item: StoredAccount) -> PhoneNumber | None:
    return PhoneNumber.objects.filter(item=item).first()


@transaction.atomic
def add_number(*, by: Actor, number: str, at: datetime) -> PhoneNumber:
    """Enter a number that the tenant has rented.

    Raises:
        NotAllowed, BadNumber
    """
    check_may(by, Permission.TENANT_MANAGE)
    plain = clean(number)
    if PhoneNumber.objects.count() >= MOST_NUMBERS:
        raise BadNumber(_("There are as many numbers as there may be."), field="number")
    made, is_new = PhoneNumber.objects.get_or_create(
        number=plain, defaults={"added_at": at, "added_by": by.label[:200]}
    )
    if not is_new:
        raise BadNumber(_("This number is here already."), field="number")
    record("inbox.number_added", by=by, subject=made, at=at)
    return made


@transaction.atomic
def remove_number(*, by: Actor, number_id: UUID, at: datetime) -> bool:
    """Forget a number that no account uses; answers whether it was here.

    Raises:
        NotAllowed, NumberInUse
    """
    check_may(by, Permission.TENANT_MANAGE)
    found = PhoneNumber.objects.select_for_update(of=("self",)).filter(pk=number_id).first()
    if found is None:
        return False
    if found.item_id is not None:
        message = _("An account uses %(number)s. Its owner gives it up first.")
        raise NumberInUse(message % {"number": found.number})
    record("inbox.number_removed", by=by, subject=found, at=at)
    found.delete()
    return True


@transaction.atomic
def take_number(*, by: Actor, item: StoredAccount, at: datetime) -> PhoneNumber:
    """Give an account a number that is free, the one that is free for longest first.

    Raises:
        NotAllowed, ItemGone
        NoNumber: all are in use.
    """
    current = locked(by, item, at)
    found = of(current)
    if found is not None:
        return found
    free = PhoneNumber.objects.select_for_update(of=("self",), skip_locked=True)
    taken = free.filter(item=None).order_by("added_at", "pk").first()
    if taken is None:
        raise NoNumber(_("No phone number is free. An administrator adds one in Tenant settings."))
    taken.item, taken.taken_at = current, at
    taken.save(update_fields=["item", "taken_at"])
    after = {"number": taken.number}
    record("stored_account.number_taken", by=by, subject=current, after=after, at=at)
    return taken


@transaction.atomic
def give_up_number(*, by: Actor, item: StoredAccount, at: datetime) -> bool:
    """Take the number away from an account and out of use, as its next owner would get the codes
    of this one; an administrator may add it anew. Answers whether there was one.

    Raises:
        NotAllowed, ItemGone
    """
    current = locked(by, item, at)
    found = of(current)
    if found is None:
        return False
    before = {"number": found.number}
    record("stored_account.number_given_up", by=by, subject=current, before=before, at=at)
    found.delete()
    return True
