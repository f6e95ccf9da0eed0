"""Reading transforms from JSON: one from the editor, or many from an export of SailPoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.profiles.transforms.base import Definition
from accounts.profiles.transforms.reading import flag_of, size_problem
from accounts.profiles.transforms.values import shown

MAX_BYTES: Final = 10 * 1024 * 1024

MAX_TRANSFORMS: Final = 5000

KIND: Final = "TRANSFORM"
"""What SP-Config calls them."""


class BadExport(DomainError):
    """The text is no export of transforms; the message says where, and what to do."""

    code = "bad_export"


@dataclass(frozen=True, slots=True)
class Export:
    """The transforms of an export, each with its name, and what else stood in it."""

    definitions: tuple[Definition, ...]
    skipped: tuple[str, ...]
    """Objects that are no transforms, by kind and name."""


class _Duplicate(ValueError):
    pass


def parse_definition(text: str | bytes) -> dict[str, Any]:
    """One definition as the editor holds it: strict JSON, of which no key may stand twice.

    Raises:
        BadExport: it is not JSON, or not one object.
    """
    value = parse_json(text)
    if not isinstance(value, dict):
        raise BadExport(_("Write one transform in braces."))
    return value


def parse_export(text: str | bytes) -> Export:
    """The transforms of an export: a list of them, one alone, or the objects of SP-Config.

    They are not compiled yet: some may name others that come later. Attributes of an account
    profile that hold a `usernameGenerator` count as transforms.

    Raises:
        BadExport: with the place of the first thing that is wrong.
    """
    value = parse_json(text)
    if isinstance(value, dict) and isinstance(value.get("objects"), list):
        items, place = value["objects"], "$.objects"
    else:
        items, place = (value if isinstance(value, list) else [value]), "$"
    if len(items) > MAX_TRANSFORMS:
        _refuse(place, _("Import at most %(most)d at once.") % {"most": MAX_TRANSFORMS})
    definitions: dict[str, Definition] = {}
    skipped = []
    for index, item in enumerate(items):
        path = f"{place}[{index}]" if isinstance(value, list) or place != "$" else "$"
        other = _other_kind(item)
        if other:
            skipped.append(other)
            continue
        definition = _definition(item, path)
        name = str(definition["name"])
        if name in definitions:
            _refuse(path, _("“%(name)s” stands in it twice.") % {"name": shown(name)})
        definitions[name] = definition
    if not definitions:
        raise BadExport(_("There are no transforms in it."))
    return Export(tuple(definitions.values()), tuple(skipped))


def parse_json(text: str | bytes) -> Any:
    """Strict JSON of a bounded size, of which no key may stand twice.

    Raises:
        BadExport: it is none, or too large.
    """
    if len(text) > MAX_BYTES:
        raise BadExport(_("The file is too large: import at most 10 MiB."))
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except _Duplicate as error:
        message = _("The key “%(key)s” stands twice in one object: only one can count.")
        raise BadExport(message % {"key": shown(str(error))}) from None
    except json.JSONDecodeError as error:
        message = _("This is no JSON: line %(line)d, column %(column)d (%(reason)s).")
        place = {"line": error.lineno, "column": error.colno, "reason": error.msg}
        raise BadExport(message % place) from None
    except UnicodeDecodeError:
        raise BadExport(_("The file is not in UTF-8: save it as UTF-8.")) from None
    except RecursionError:
        raise BadExport(_("The JSON is nested too deeply.")) from None
    except ValueError:
        raise BadExport(_("The JSON holds a number that is none, or far too long.")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Duplicate(key)
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _other_kind(item: object) -> str:
    """The kind and name of an SP-Config object that is no transform; "" for what may be one."""
    if not isinstance(item, Mapping) or not isinstance(item.get("self"), Mapping):
        return ""
    kind = item["self"].get("type")
    return "" if kind == KIND else f"{shown(str(kind))} {shown(str(item['self'].get('name')))}"


def _definition(item: object, path: str) -> Definition:
    if isinstance(item, Mapping) and isinstance(item.get("object"), Mapping):
        item, path = item["object"], f"{path}.object"
    if not isinstance(item, Mapping):
        _refuse(path, _("Here should be a transform in braces."))
    if isinstance(item.get("transform"), Mapping):
        item = _from_account_profile(item)
    name, kind = item.get("name"), item.get("type")
    if not isinstance(name, str) or not name.strip():
        _refuse(f"{path}.name", _("Give the transform a name."))
    if not isinstance(kind, str):
        _refuse(f"{path}.type", _("Say which type of transform it is."))
    attributes = item.get("attributes")
    if attributes is not None and not isinstance(attributes, Mapping):
        _refuse(f"{path}.attributes", _("Write the attributes in braces."))
    refresh = flag_of(item.get("requiresPeriodicRefresh") or False)
    if refresh is None:
        _refuse(f"{path}.requiresPeriodicRefresh", _("Write true or false."))
    definition = {
        "name": name.strip(),
        "type": kind,
        "requiresPeriodicRefresh": refresh,
        "attributes": dict(attributes or {}),
    }
    problem = size_problem(definition)
    if problem:
        _refuse(path, problem.message)
    return definition


def _from_account_profile(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The generator within an attribute of an account profile, with the limits from around it."""
    inner = item["transform"]
    around = item.get("attributes")
    limits = around if isinstance(around, Mapping) else {}
    attributes = inner.get("attributes")
    if inner.get("type") == "usernameGenerator" and isinstance(attributes, Mapping):
        known = ("cloudMaxSize", "cloudMaxUniqueChecks", "cloudRequired")
        attributes = {**attributes, **{key: limits[key] for key in known if key in limits}}
    return {"name": item.get("name"), "type": inner.get("type"), "attributes": attributes}


def _refuse(path: str, message: str) -> NoReturn:
    raise BadExport(f"{path}: {message}")
