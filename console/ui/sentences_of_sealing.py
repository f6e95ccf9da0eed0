"""The rows of the table of sentences that are about the keys by which secrets are sealed."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

SEALING: Final[dict[str, Action]] = {
    "sealing_key.added": Action(
        _("Sealing key added"), _("%(actor)s added sealing key %(target)s, which seals from now on")
    ),
    "sealing_key.taken_out": Action(
        _("Sealing key taken out"),
        _("%(actor)s took sealing key %(target)s, which nothing used any more, off the ring"),
    ),
}
