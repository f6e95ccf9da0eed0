"""`rfc5646`: the tag of a language."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.data.languages import tag_of
from accounts.profiles.transforms.values import on_text

MAX_NAME: Final = 200
"""Characters; no language is called so."""


class Rfc5646(PlainTransform):
    """The tags are those of SailPoint's table, so that values stay the same after a move.

    RFC 5646 itself would write es-MX for their es_MX, and he, id, yi for their iw, in, ji.
    """

    type = "rfc5646"
    label = _lazy("RFC 5646 language")
    description = _lazy(
        "Answers the tag of a language from its English name or three-letter code, as es for "
        "Spanish and es_MX for Spanish (Mexico); what is no language has no value."
    )
    sample = {"type": "rfc5646"}

    def build(self, node: Node) -> Evaluate:
        return on_text(node, lambda text: tag_of(text) if len(text) <= MAX_NAME else None)
