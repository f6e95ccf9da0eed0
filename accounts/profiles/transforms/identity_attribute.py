"""`identityAttribute`: an attribute that the identity has already."""

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
from accounts.profiles.transforms.values import entering


class IdentityAttribute(PlainTransform):
    type = "identityAttribute"
    label = _lazy("Identity attribute")
    description = _lazy("Reads an attribute of the identity itself.")
    attributes = (
        Attribute("name", Kind.TEXT, _lazy("The technical name, as uid or email."), required=True),
    )
    sample = {"type": "identityAttribute", "attributes": {"name": "uid"}}

    def build(self, node: Node) -> Evaluate:
        name, path = node.text("name"), node.path
        node.uses.identity_attributes.add(name)

        def read(run: Run, _given: Value) -> Value:
            return entering(run.subject.identity_attribute(name), path)

        return read
