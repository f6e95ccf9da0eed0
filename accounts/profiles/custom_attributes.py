"""Identity attributes that the tenant adds to those that every tenant has."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.profiles import policies, usage
from accounts.profiles.attributes import known
from accounts.profiles.models import ATTRIBUTE_WIDTH, IdentityAttribute

MOST_ATTRIBUTES: Final = 200
NAME: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{ATTRIBUTE_WIDTH - 1}}}", re.ASCII)


class BadName(DomainError):
    """A technical name that cannot be taken."""

    code = "bad_attribute_name"


class AttributeInUse(DomainError):
    """A profile maps the attribute."""

    code = "attribute_in_use"


@transaction.atomic
def add(*, by: Actor, label: str, name: str, at: datetime) -> IdentityAttribute:
    """Add an attribute; `name` is the technical one, such as `employeeNumber`.

    Raises:
        BadName: it has other characters, or there is such an attribute already.
        BadText: `field` is `label`.
    """
    policies.check_may_manage(by)
    shown = clean_name(label, field="label")
    name = name.strip()
    if not NAME.fullmatch(name):
        raise BadName(_("Use letters, digits and _, a letter first."), field="name")
    there = known()
    if name.lower() in {other.lower() for other in there}:
        raise BadName(_("There is such an attribute already."), field="name")
    if len(there) >= MOST_ATTRIBUTES:
        raise BadName(_("Keep at most %(most)d attributes.") % {"most": MOST_ATTRIBUTES})
    row = IdentityAttribute(name=name, label=shown, created_at=at, created_by=by.label[:200])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise BadName(_("There is such an attribute already."), field="name") from error
    record("identity_attribute.added", by=by, subject=row, after={"label": shown}, at=at)
    return row


class AttributeGone(DomainError):
    """The attribute was removed meanwhile."""

    code = "attribute_gone"

    def __init__(self) -> None:
        super().__init__(_("This identity attribute has been removed."))


@transaction.atomic
def rename(
    *, by: Actor, attribute: IdentityAttribute, label: str, at: datetime
) -> IdentityAttribute:
    """Change what people read; the technical name stays.

    Raises:
        AttributeGone.
        BadText: `field` is `label`.
    """
    policies.check_may_manage(by)
    shown = clean_name(label, field="label")
    current = IdentityAttribute.objects.select_for_update().filter(pk=attribute.pk).first()
    if current is None:
        raise AttributeGone
    if current.label == shown:
        return current
    before, current.label = current.label, shown
    current.save(update_fields=["label"])
    record(
        "identity_attribute.renamed",
        by=by,
        subject=current,
        before={"label": before},
        after={"label": shown},
        at=at,
    )
    return current


@transaction.atomic
def remove(*, by: Actor, attribute: IdentityAttribute, at: datetime) -> None:
    """Remove an attribute that no profile maps; values that identities have stay.

    Raises:
        AttributeInUse: profiles map it; they are named.
    """
    policies.check_may_manage(by)
    if profiles := usage.profiles_by_attribute().get(attribute.name):
        message = _("It is mapped by: %(names)s. Take it out of these mappings first.")
        raise AttributeInUse(message % {"names": ", ".join(map(str, profiles))})
    deleted, _by_model = IdentityAttribute.objects.filter(name=attribute.name).delete()
    if deleted:
        record("identity_attribute.removed", by=by, subject=attribute, at=at)
