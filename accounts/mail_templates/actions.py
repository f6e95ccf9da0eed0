from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.errors import DomainError
from accounts.mail_templates import queries, texts
from accounts.mail_templates.kinds import kinds
from accounts.mail_templates.models import MailTemplate
from accounts.mail_templates.texts import Text


class TemplateConflict(DomainError):
    """Somebody else changed the text since the form was opened."""

    code = "template_conflict"

    def __init__(self) -> None:
        super().__init__(
            message=_(
                "Someone else changed this text meanwhile. Yours is kept here: compare it with "
                "theirs below, then save again to replace it."
            )
        )


@transaction.atomic
def save(*, by: Actor, name: str, text: Text, revision: int, at: datetime) -> bool:
    """Word a mail; answers whether that changed anything. The default text is stored nowhere.

    `revision` is that of the text that was opened, 0 for the default.

    Raises:
        TemplateConflict: it has another revision by now.
        BadText, BadTemplate: `field` says in which part, the message what to change.
        UnknownPart: there is no such mail.
    """
    check_may(by, Permission.TENANT_MANAGE)
    kind = kinds.get(name)
    new = texts.clean(kind, text)
    row = MailTemplate.objects.select_for_update().filter(name=name).first()
    if (row.revision if row else 0) != revision:
        raise TemplateConflict
    old = Text(row.subject, row.body) if row else queries.default_of(kind)
    if new == old:
        return False
    if new == queries.default_of(kind):
        restore(by=by, name=name, at=at)
        return True
    changed: dict[str, object] = {"subject": new.subject, "body": new.body}
    changed |= {"revision": revision + 1, "changed_at": at, "changed_by": by.label[:200]}
    if row is None:
        row = _insert(name, changed)
    else:
        for field, value in changed.items():
            setattr(row, field, value)
        row.save(update_fields=list(changed))
    before, after = _difference(old, new)
    record("mail_template.changed", by=by, subject=row, before=before, after=after, at=at)
    return True


def _insert(name: str, values: dict[str, object]) -> MailTemplate:
    """The first change; of two at once, the second learns of the first."""
    try:
        with transaction.atomic():
            return MailTemplate.objects.create(name=name, **values)
    except IntegrityError as error:
        raise TemplateConflict from error


@transaction.atomic
def restore(*, by: Actor, name: str, at: datetime) -> bool:
    """Go back to the default text; answers whether it was another.

    Raises:
        UnknownPart: there is no such mail.
    """
    check_may(by, Permission.TENANT_MANAGE)
    kind = kinds.get(name)
    row = MailTemplate.objects.select_for_update().filter(name=name).first()
    if row is None:
        return False
    old, new = Text(row.subject, row.body), queries.default_of(kind)
    MailTemplate.objects.filter(name=name).delete()
    before, after = _difference(old, new)
    record("mail_template.restored", by=by, subject=row, before=before, after=after, at=at)
    return True


def _difference(old: Text, new: Text) -> tuple[dict[str, str], dict[str, str]]:
    """What stood in the parts that differ, and what stands there now."""
    fields = [field for field in ("subject", "body") if getattr(old, field) != getattr(new, field)]
    before, after = ({field: getattr(text, field) for field in fields} for text in (old, new))
    return before, after
