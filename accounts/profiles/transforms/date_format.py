"""`dateFormat`: a date from one format into another."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    Value,
)
from accounts.profiles.transforms.grammar.dates import (
    BadDatePattern,
    Read,
    Unreadable,
    Write,
    reader_of,
    writer_of,
)
from accounts.profiles.transforms.values import text_of


class DateFormat(PlainTransform):
    type = "dateFormat"
    label = _lazy("Date format")
    description = _lazy(
        "Reads a date in one format and writes it in another; times without a zone are UTC."
    )
    attributes = (
        Attribute(
            "inputFormat",
            Kind.TEXT,
            _lazy(
                "ISO8601, LDAP, PEOPLE_SOFT, EPOCH_TIME_JAVA, EPOCH_TIME_WIN32, or a pattern as "
                "dd.MM.yyyy."
            ),
            default="ISO8601",
        ),
        Attribute("outputFormat", Kind.TEXT, _lazy("As inputFormat."), default="ISO8601"),
    )
    sample = {
        "type": "dateFormat",
        "attributes": {"inputFormat": "dd.MM.yyyy", "outputFormat": "ISO8601"},
    }

    def build(self, node: Node) -> Evaluate:
        read, path = node.input, node.path
        parse, write = _formats(node)

        def convert(run: Run, given: Value) -> Value:
            text = text_of(read(run, given), path)
            if text is None:
                return None
            try:
                return write(parse(text, run.subject.now))
            except Unreadable as error:
                raise node.error(str(error)) from None

        return convert


def _formats(node: Node) -> tuple[Read, Write]:
    at = "inputFormat"
    try:
        read = reader_of(node.text(at))
        at = "outputFormat"
        return read, writer_of(node.text(at))
    except BadDatePattern as error:
        node.refuse(str(error), at=at)
