"""Placeholders of a text: checking them, and putting values in their place.

Nothing is evaluated: a value takes the place of its name, once, and is never looked at again. So
neither what an administrator types nor what stands in a name can do more than be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.audit.plain import one_line
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.mail_templates.kinds import Kind
from accounts.mail_templates.models import BODY_LONGEST, SUBJECT_WIDTH

PLACEHOLDER: Final = re.compile(r"\{\{ {0,3}([a-z_]{1,40}) {0,3}\}\}")
BRACES: Final = re.compile(r"\{[{%#]|[}%#]\}")
LONGEST_VALUE: Final = 500
LONGEST_SUBJECT: Final = 250
"""Characters, of what is sent."""


class BadTemplate(DomainError):
    """A text that could not be sent as it stands."""

    code = "bad_template"


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


def clean(kind: Kind, text: Text) -> Text:
    """The text in the form in which it is stored.

    Raises:
        BadText, BadTemplate: `field` says in which part, the message what to change.
    """
    subject = clean_text(text.subject, max_length=SUBJECT_WIDTH, multiline=False, field="subject")
    body = clean_text(text.body, max_length=BODY_LONGEST, field="body")
    for field, value in (("subject", subject), ("body", body)):
        if not value:
            raise BadTemplate(message=_("This cannot be empty."), field=field)
        _check_placeholders(kind, value, field)
    for placeholder in kind.placeholders:
        if placeholder.is_required and placeholder.name not in PLACEHOLDER.findall(body):
            raise BadTemplate(
                message=_("The mail would be of no use without it: put %(name)s into the text.")
                % {"name": written(placeholder.name)},
                field="body",
            )
        if placeholder.is_secret and placeholder.name in PLACEHOLDER.findall(subject):
            raise BadTemplate(
                message=_("%(name)s is for the text alone: anybody may see a subject.")
                % {"name": written(placeholder.name)},
                field="subject",
            )
    return Text(subject, body)


def _check_placeholders(kind: Kind, value: str, field: str) -> None:
    known = [placeholder.name for placeholder in kind.placeholders]
    for name in PLACEHOLDER.findall(value):
        if name not in known:
            raise BadTemplate(
                message=_("There is no placeholder %(name)s. There are: %(known)s.")
                % {"name": written(name), "known": ", ".join(map(written, known))},
                field=field,
            )
    if left := BRACES.search(PLACEHOLDER.sub("", value)):
        raise BadTemplate(
            message=_("Braces are for placeholders, such as {{ name }}. Remove “%(found)s”.")
            % {"found": left.group()},
            field=field,
        )


def written(name: str) -> str:
    """A placeholder as it stands in a text."""
    return "{{ " + name + " }}"


def render(text: Text, values: Mapping[str, str]) -> Text:
    """With each value in place of its name, on one line; a name without a value leaves nothing."""

    def value_of(match: re.Match[str]) -> str:
        return one_line(values.get(match[1], ""), LONGEST_VALUE)

    subject = one_line(PLACEHOLDER.sub(value_of, text.subject), LONGEST_SUBJECT)
    return Text(subject, PLACEHOLDER.sub(value_of, text.body).strip() + "\n")
