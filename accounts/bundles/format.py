"""The form of a bundle: JSON, versioned, always written alike, and nothing in it unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.bundles import guard
from accounts.bundles.members import BadBundle, check_rows, refuse
from accounts.bundles.parts import parts
from accounts.bundles.parts.base import Thing
from accounts.profiles.transforms.export import BadExport, parse_json
from accounts.profiles.transforms.values import shown

FORMAT: Final = "steward.configuration"
VERSION: Final = 1
MAX_BYTES: Final = 5 * 1024 * 1024

Bundle = Mapping[str, Sequence[Thing]]
"""Things by the key of their part."""


def parse(text: str | bytes) -> Bundle:
    """What a bundle holds. A part that is left out holds nothing.

    Raises:
        BadBundle: with the place of the first thing that is wrong.
    """
    if len(text) > MAX_BYTES:
        raise BadBundle(_("The bundle is too large: at most 5 MiB are taken."))
    try:
        document = parse_json(text)
    except BadExport as error:
        raise BadBundle(error.message) from error
    guard.check(document)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        refuse("$", _("This is no configuration that Steward exported."))
    if type(document.get("version")) is not int or document["version"] != VERSION:
        message = _("Version %(version)d is needed: export it with the same version of Steward.")
        refuse("$.version", message % {"version": VERSION})
    if unknown := sorted(document.keys() - {"format", "version", *parts.keys()}):
        refuse("$", _("There is no member “%(name)s” here.") % {"name": shown(unknown[0])})
    bundle = {key: document.get(key, []) for key in parts.keys()}  # noqa: SIM118  no mapping
    for key, part in parts.items():
        check_rows(bundle[key], f"$.{key}", key="name", members=part.members, most=part.most)
    return bundle


def as_text(bundle: Bundle) -> str:
    """A bundle as it is written; the same configuration always gives the same text.

    Raises:
        BadBundle: a secret stands in it, and where.
    """
    document: dict[str, Any] = {"format": FORMAT, "version": VERSION, **bundle}
    guard.check(document)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
