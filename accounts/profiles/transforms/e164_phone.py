"""`e164phone`: a phone number in E.164."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.values import on_text, shown


class E164Phone(PlainTransform):
    type = "e164phone"
    label = _lazy("E.164 phone")
    description = _lazy(
        "Writes a phone number in the international form +15125550100; what is no valid number "
        "has no value."
    )
    attributes = (
        Attribute(
            "defaultRegion",
            Kind.TEXT,
            _lazy("The country of numbers without one, in two letters."),
            default="US",
        ),
    )
    sample = {"type": "e164phone", "attributes": {"defaultRegion": "DE"}}

    def build(self, node: Node) -> Evaluate:
        # the plan of the world's numbers takes a tenth of a second to load, and few need it
        import phonenumbers

        region = node.text("defaultRegion").strip().upper() or "US"
        if region not in phonenumbers.SUPPORTED_REGIONS:
            node.refuse(
                _("“%(region)s” is no country with phone numbers: write two letters, as US.")
                % {"region": shown(region)},
                at="defaultRegion",
            )

        def convert(text: str) -> str | None:
            try:
                number = phonenumbers.parse(text, region)
            except phonenumbers.NumberParseException:
                return None
            if not phonenumbers.is_valid_number(number):
                return None
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

        return on_text(node, convert)
