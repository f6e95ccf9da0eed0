"""The lock under which accounts, schema and settings of a source are written."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.sources.models import SchemaAttribute, Source


class SourceGone(DomainError):
    """The source was deleted meanwhile."""

    code = "source_gone"

    def __init__(self) -> None:
        super().__init__(message=_("This source has been deleted."))


def lock(source: Source) -> Source:
    """The row of the source as it stands, locked until the transaction ends.

    Whoever writes accounts or schema of a source holds this lock.

    Raises:
        SourceGone: it has been deleted.
    """
    found = (
        Source.objects.existing()
        .select_for_update(of=("self",))
        .select_related("owner")
        .filter(pk=source.pk)
        .first()
    )
    if found is None:
        raise SourceGone
    return found


class AttributeGone(DomainError):
    """The attribute was removed meanwhile."""

    code = "attribute_gone"

    def __init__(self) -> None:
        super().__init__(message=_("This attribute has been removed."))


def existing(attribute: SchemaAttribute) -> SchemaAttribute:
    """An attribute as it stands, with its source locked.

    Raises:
        AttributeGone: it has been removed.
    """
    found = SchemaAttribute.objects.filter(pk=attribute.pk).first()
    if found is None:
        raise AttributeGone
    return found
