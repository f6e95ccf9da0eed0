from __future__ import annotations

from django.db import models

from accounts.mail_templates.kinds import kinds

SUBJECT_WIDTH = 200
BODY_LONGEST = 5000
"""Characters, with the placeholders as they are written."""


class MailTemplate(models.Model):
    """A text that differs from the default; which mails there are stands in `kinds`."""

    name = models.CharField(max_length=40, primary_key=True)
    subject = models.CharField(max_length=SUBJECT_WIDTH)
    body = models.TextField(max_length=BODY_LONGEST)
    revision = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    audit_type = "mail_template"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return str(kinds.get(self.name).label)
