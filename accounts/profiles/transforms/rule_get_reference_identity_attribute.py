"""`rule` with `getReferenceIdentityAttribute`: an attribute of somebody else."""

from __future__ import annotations

from typing import Final

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
from accounts.profiles.transforms.rule import UTILITY, rule_attributes
from accounts.profiles.transforms.values import entering, text_of

MANAGER: Final = "manager"


class GetReferenceIdentityAttribute(PlainTransform):
    type = "rule"
    operation = "getReferenceIdentityAttribute"
    label = _lazy("Get reference identity attribute")
    description = _lazy(
        "Reads an attribute of the manager, or of the identity with a user name; there is no "
        "value where there is nobody."
    )
    attributes = (
        *rule_attributes("getReferenceIdentityAttribute"),
        Attribute("uid", Kind.VALUE, _lazy("A user name, or manager."), required=True),
        Attribute("attributeName", Kind.TEXT, _lazy("As uid or email."), required=True),
    )
    sample = {
        "type": "rule",
        "attributes": {
            "name": UTILITY,
            "operation": "getReferenceIdentityAttribute",
            "uid": "manager",
            "attributeName": "email",
        },
    }

    def build(self, node: Node) -> Evaluate:
        node.uses.other_identities = True
        name, path = node.text("attributeName"), node.path
        nested, fixed = node.nested.get("uid"), node.text("uid")

        def read(run: Run, given: Value) -> Value:
            uid = text_of(nested(run, given), path) if nested else fixed
            if not uid:
                return None
            if uid == MANAGER:
                return entering(run.subject.manager_attribute(name), path)
            return entering(run.subject.reference_attribute(uid, name), path)

        return read
