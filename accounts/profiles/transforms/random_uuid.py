"""`uuid`: a new UUID of version 4 (RFC 9562)."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Evaluate,
    Node,
    PlainTransform,
    Run,
    Value,
)


class RandomUuid(PlainTransform):
    type = "uuid"
    label = _lazy("UUID")
    description = _lazy("Makes up a UUID, which nobody else has.")
    sample = {"type": "uuid"}

    def build(self, node: Node) -> Evaluate:
        node.uses.randomness = True

        def make(run: Run, _given: Value) -> Value:
            return str(UUID(int=run.subject.randbelow(2**128), version=4))

        return make
