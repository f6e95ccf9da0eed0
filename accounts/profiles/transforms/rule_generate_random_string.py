"""`rule` with `generateRandomString`: characters for a first password."""

from __future__ import annotations

import string
from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.rule import UTILITY, rule_attributes
from accounts.profiles.transforms.values import MAX_RANDOM, random_text

SPECIAL: Final = "!@#$%&*()+<>?"


class GenerateRandomString(PlainTransform):
    type = "rule"
    operation = "generateRandomString"
    label = _lazy("Generate random string")
    description = _lazy("Makes up letters, with digits and signs if wanted, that nobody can guess.")
    attributes = (
        *rule_attributes("generateRandomString"),
        Attribute("includeNumbers", Kind.BOOLEAN, _lazy("Whether with digits."), required=True),
        Attribute(
            "includeSpecialChars",
            Kind.BOOLEAN,
            _lazy("Whether with the signs ! @ # $ % & * ( ) + < > ?"),
            required=True,
        ),
        Attribute(
            "length",
            Kind.NUMBER,
            _lazy("How many characters, at most 450."),
            required=True,
            minimum=1,
            maximum=MAX_RANDOM,
        ),
    )
    sample = {
        "type": "rule",
        "attributes": {
            "name": UTILITY,
            "operation": "generateRandomString",
            "includeNumbers": "true",
            "includeSpecialChars": "false",
            "length": "24",
        },
    }

    def build(self, node: Node) -> Evaluate:
        alphabet = string.ascii_letters
        if node.flag("includeNumbers"):
            alphabet += string.digits
        if node.flag("includeSpecialChars"):
            alphabet += SPECIAL
        return random_text(node, alphabet, node.number("length") or 1)
