from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.bundles.members import Text
from accounts.bundles.parts.base import Part, Run, Thing
from accounts.mail_templates import actions, queries
from accounts.mail_templates.models import BODY_LONGEST, MailTemplate
from accounts.mail_templates.texts import Text as Wording


class MailTemplates(Part):
    """The mails whose text is not the default."""

    label = _("E-mail templates")
    members = {
        "name": Text(_("Name")),
        "subject": Text(_("Subject")),
        "body": Text(_("Text"), most=BODY_LONGEST),
    }

    def present(self) -> list[Thing]:
        return [
            {"name": row.name, "subject": row.subject, "body": row.body}
            for row in MailTemplate.objects.order_by("name")
        ]

    def take(self, things: Sequence[Thing], run: Run) -> None:
        for thing in things:
            with run.taking(thing["name"]):
                actions.save(
                    by=run.by,
                    name=thing["name"],
                    text=Wording(thing["subject"], thing["body"]),
                    revision=queries.get(thing["name"]).revision,
                    at=run.at,
                )
