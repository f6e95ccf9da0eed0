from __future__ import annotations

from dataclasses import dataclass

from accounts.mail_templates.kinds import Kind, kinds
from accounts.mail_templates.models import MailTemplate
from accounts.mail_templates.texts import Text


@dataclass(frozen=True)
class Template:
    """A mail with the text that holds now."""

    name: str
    kind: Kind
    text: Text
    row: MailTemplate | None
    """None where it is the default text."""

    @property
    def revision(self) -> int:
        return self.row.revision if self.row else 0


def get(name: str) -> Template:
    """
    Raises:
        UnknownPart: there is no such mail.
    """
    return _template(name, MailTemplate.objects.filter(name=name).first())


def every() -> list[Template]:
    """All of them, in the order in which they are registered."""
    rows = {row.name: row for row in MailTemplate.objects.all()}
    return [_template(name, rows.get(name)) for name in kinds.keys()]  # noqa: SIM118  no mapping


def default_of(kind: Kind) -> Text:
    return Text(str(kind.subject), str(kind.body))


def _template(name: str, row: MailTemplate | None) -> Template:
    kind = kinds.get(name)
    text = Text(row.subject, row.body) if row else default_of(kind)
    return Template(name, kind, text, row)
