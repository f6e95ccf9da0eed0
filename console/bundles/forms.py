from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.bundles.format import Bundle, parse
from accounts.bundles.members import BadBundle, HoldsSecret
from accounts.bundles.plan import BundlePlan
from accounts.profiles.transforms.export import BadExport
from console.ui import exports
from console.ui.exports import ExportForm

SALT: Final = "steward.bundles.import"


class BundleForm(ExportForm):
    """A bundle as a file, or pasted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "What the other environment exported: JSON, at most 5 MiB."
        )

    def read(self, content: str | bytes) -> None:
        try:
            self.bundle = parse(content)
        except BadBundle as error:
            if isinstance(error, HoldsSecret):
                self.data = {}  # what was pasted is not repeated
            raise BadExport(error.message) from error
        exports.pack({"bundle": self.bundle}, salt=SALT)  # too much for a page is said now


def pack(bundle: Bundle, plan: BundlePlan) -> str:
    """The bundle with the plan that is seen, for its page to carry.

    Raises:
        TooMuch: the page cannot.
    """
    return exports.pack({"bundle": bundle, "digest": plan.digest}, salt=SALT)


def unpack(text: str) -> tuple[Bundle, str]:
    """What `pack` packed: the bundle, and the digest of its plan.

    Raises:
        BadSignature: it is too old, or none of ours.
    """
    carried: Mapping[str, Any] = exports.unpack(text, salt=SALT)
    return carried["bundle"], str(carried["digest"])
