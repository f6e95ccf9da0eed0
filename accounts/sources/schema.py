"""The account schema: which attributes the accounts of a source have."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.imports.files.reader import MOST_COLUMNS, OURS
from accounts.lib.csv_safety import safe_cell
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.sources import policies
from accounts.sources.connectors.base import AttributeDraft, Type
from accounts.sources.locking import existing, lock
from accounts.sources.models import SchemaAttribute, Source
from accounts.sources.shape import Shape

NAME_MAX_LENGTH: Final = 100
DESCRIPTION_MAX_LENGTH: Final = 500
LONGEST_SCHEMA: Final = 1024 * 1024
"""Bytes of an uploaded schema."""
FIELDS: Final = ("description", "type", "is_entitlement", "is_multi_valued")
FLAGS: Final = ("is_account_id", "is_account_name")
Opened = AttributeDraft | None


class BadSchema(DomainError):
    """An attribute that cannot be taken, or a schema that would not work."""

    code = "bad_schema"


class EditConflict(DomainError):
    """Somebody else changed the attribute since the form was opened."""

    code = "edit_conflict"

    def __init__(self, attribute: SchemaAttribute) -> None:
        super().__init__(
            _(
                "Someone else changed this attribute while you were editing it. Compare the "
                "values, then save again to replace them with yours."
            )
        )
        self.attribute = attribute


class SchemaInUse(DomainError):
    """The change would touch accounts that exist."""

    code = "schema_in_use"


def attributes_of(source: Source) -> list[SchemaAttribute]:
    """In the order of the file's columns."""
    return list(source.attributes.order_by("position", "id"))


def drafts_of(source: Source) -> list[AttributeDraft]:
    """The same, as connectors know them."""
    return [draft_of(row) for row in attributes_of(source)]


def shape_of(source: Source) -> Shape:
    """The schema, ready to read rows with.

    Raises:
        BadSchema: there is no Account ID or Account Name.
    """
    attributes = attributes_of(source)
    _check_complete(attributes)
    return Shape(attributes)


def _check_complete(attributes: Sequence[SchemaAttribute | AttributeDraft]) -> None:
    for flag, label in (("is_account_id", "Account ID"), ("is_account_name", "Account Name")):
        if sum(getattr(attribute, flag) for attribute in attributes) != 1:
            message = _("Exactly one attribute must be the %(label)s.") % {"label": label}
            raise BadSchema(message, field="name")


def make_first(source: Source, drafts: Sequence[AttributeDraft]) -> None:
    """The schema of a new source; part of making it."""
    _check_complete(drafts)
    SchemaAttribute.objects.bulk_create(
        [_row(source, _cleaned(draft), position) for position, draft in enumerate(drafts)]
    )


@transaction.atomic
def add(*, by: Actor, source: Source, draft: AttributeDraft, at: datetime) -> SchemaAttribute:
    """Add an attribute at the end; accounts have no value for it until the next import.

    Raises:
        BadSchema: the attribute is wrong; `field` names what.
        SchemaInUse: it would be the Account ID or Account Name of accounts that exist.
    """
    source = _locked(by, source)
    draft = _cleaned(draft)
    _check_free(source, draft.name)
    last = source.attributes.aggregate(last=Max("position"))["last"]
    row = _row(source, draft, 0 if last is None else last + 1)
    if source.attributes.count() >= MOST_COLUMNS:
        message = _("A schema has at most %(limit)d attributes.") % {"limit": MOST_COLUMNS}
        raise BadSchema(message, field="name")
    _move_flags(source, None, draft)
    row.save(force_insert=True)
    _changed(by, source, at, before=None, after=draft)
    return row


@transaction.atomic
def edit(
    *,
    by: Actor,
    source: Source,
    attribute: SchemaAttribute,
    draft: AttributeDraft,
    at: datetime,
    opened: Opened = None,
) -> SchemaAttribute:
    """Change an attribute. A new name or type shows in accounts after the next import.

    `opened` is what it was when the person began to edit it; None asks nothing of that.

    Raises:
        EditConflict: it is not that any more; the error carries the attribute as it stands.
        AttributeGone: it was removed.
        BadSchema, SchemaInUse: as in `add`; or an attribute with values would be renamed, or
            become of another type.
    """
    source = _locked(by, source)
    row = existing(attribute)
    before, draft = draft_of(row), _cleaned(draft)
    if draft == before:
        return row
    if opened not in (None, before):
        raise EditConflict(row)
    if draft.name.casefold() != before.name.casefold():
        _check_free(source, draft.name)
    if source.account_count and (draft.name != before.name or draft.type != before.type):
        _refuse_in_use(_("Name and type of an attribute cannot change while accounts exist."))
    _move_flags(source, row, draft)
    for name in ("name", *FIELDS, *FLAGS):
        setattr(row, name, getattr(draft, name))
    row.name_key = _key(draft.name)
    row.save()
    _changed(by, source, at, before=before, after=draft)
    return row


@transaction.atomic
def remove(
    *, by: Actor, source: Source, attribute: SchemaAttribute, at: datetime, opened: Opened = None
) -> None:
    """Remove an attribute; its values go with the next import.

    Raises:
        AttributeGone, EditConflict: it was removed meanwhile, or is not `opened` any more.
        BadSchema: it is the Account ID or Account Name.
    """
    source = _locked(by, source)
    row = existing(attribute)
    if opened not in (None, draft_of(row)):
        raise EditConflict(row)
    if row.is_account_id or row.is_account_name:
        raise BadSchema(
            _(
                "The Account ID and the Account Name cannot be removed. Make another attribute "
                "the Account ID or Account Name first."
            )
        )
    row.delete()
    _changed(by, source, at, before=draft_of(row), after=None)


@transaction.atomic
def upload(*, by: Actor, source: Source, content: bytes, at: datetime) -> None:
    """Replace the schema by that of a file: a CSV header, or the JSON that `as_json` makes.

    In a CSV header columns that are known keep what is known of them; the first other ones are
    strings, and Account ID and Account Name are the first two columns unless they are known.

    Raises:
        BadSchema: the file cannot be taken.
        SchemaInUse: accounts exist, and the file would rename, retype or remove what they have.
    """
    source = _locked(by, source)
    rows = attributes_of(source)
    known = {_key(row.name): draft_of(row) for row in rows}
    drafts = [_cleaned(draft) for draft in parse(content, known)]
    if len({_key(draft.name) for draft in drafts}) < len(drafts):
        raise BadSchema(_("The file names an attribute twice."), field="file")
    if len(drafts) > MOST_COLUMNS:
        message = _("A schema has at most %(limit)d attributes.") % {"limit": MOST_COLUMNS}
        raise BadSchema(message, field="file")
    _check_complete(drafts)
    if source.account_count:
        new = {_key(draft.name): draft for draft in drafts}
        for key, old in known.items():
            flags = [getattr(old, flag) for flag in FLAGS]
            if key not in new or new[key].type != old.type:
                _refuse_in_use(_("A schema with accounts can only be added to by a file."))
            if flags != [getattr(new[key], flag) for flag in FLAGS]:
                _refuse_flags()
    source.attributes.all().delete()
    make_first(source, drafts)
    _bump(source, at)
    record(
        "source.schema_changed",
        by=by,
        subject=source,
        before={"attributes": [row.name for row in rows]},
        after={"attributes": [draft.name for draft in drafts]},
        at=at,
    )


def parse(content: bytes, known: dict[str, AttributeDraft]) -> list[AttributeDraft]:
    """The attributes that an uploaded schema names.

    Raises:
        BadSchema: it is neither JSON of our form nor a CSV header.
    """
    if len(content) > LONGEST_SCHEMA:
        raise BadSchema(_("The file is too large for a schema."), field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSchema(_("Save the file as UTF-8."), field="file") from error
    if text.lstrip().startswith(("{", "[")):
        return _parse_json(text)
    try:
        header = next(csv.reader(io.StringIO(text), strict=True), [])
    except csv.Error as error:
        raise BadSchema(_("The first line is no CSV header."), field="file") from error
    names = [name.strip() for name in header]
    if not any(names):
        raise BadSchema(_("The file is empty."), field="file")
    drafts = [known.get(_key(name)) or AttributeDraft(name) for name in names]
    for flag, place in zip(FLAGS, (0, min(1, len(drafts) - 1)), strict=True):
        if not any(getattr(draft, flag) for draft in drafts):
            drafts[place] = AttributeDraft(**vars(drafts[place]) | {flag: True})
    return drafts


def _parse_json(text: str) -> list[AttributeDraft]:
    try:
        document = json.loads(text)
        members = document["attributes"] if isinstance(document, dict) else document
        by_id = document.get("identityAttribute") if isinstance(document, dict) else None
        by_name = document.get("displayAttribute") if isinstance(document, dict) else None
        return [
            AttributeDraft(
                name=str(member["name"]),
                description=str(member.get("description") or ""),
                type=str(member.get("type") or Type.STRING).upper(),
                is_entitlement=member.get("isEntitlement") is True,
                is_multi_valued=member.get("isMulti") is True,
                is_account_id=member["name"] == by_id,
                is_account_name=member["name"] == by_name,
            )
            for member in members
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadSchema(_("The file is no schema in JSON."), field="file") from error


def as_json(source: Source) -> str:
    """The schema by SailPoint's names, as `upload` takes it."""
    rows = attributes_of(source)
    document: dict[str, Any] = {
        "name": "account",
        "nativeObjectType": "account",
        "identityAttribute": next((row.name for row in rows if row.is_account_id), None),
        "displayAttribute": next((row.name for row in rows if row.is_account_name), None),
        "attributes": [
            {
                "name": row.name,
                "type": row.type,
                "description": row.description,
                "isMulti": row.is_multi_valued,
                "isEntitlement": row.is_entitlement,
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _locked(by: Actor, source: Source) -> Source:
    current = lock(source)
    policies.check_may_manage(by, current)
    return current


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _cleaned(draft: AttributeDraft) -> AttributeDraft:
    name = clean_text(draft.name, max_length=NAME_MAX_LENGTH, multiline=False, field="name")
    if not name:
        raise BadSchema(_("Type a name."), field="name")
    if safe_cell(name) != name or name.startswith(("'", "#", '"')) or _key(name) in OURS:
        message = _(
            "Choose another name: spreadsheets or Steward take this one for something else."
        )
        raise BadSchema(message, field="name")
    if draft.type not in list(Type):
        raise BadSchema(_("Choose a type of the list."), field="type")
    is_key = draft.is_account_id or draft.is_account_name
    if is_key and (draft.type != Type.STRING or draft.is_multi_valued):
        message = _("Account ID and Account Name are single strings.")
        raise BadSchema(message, field="type")
    description = clean_text(
        str(draft.description), max_length=DESCRIPTION_MAX_LENGTH, field="description"
    )
    return AttributeDraft(**vars(draft) | {"name": name, "description": description})


def draft_of(row: SchemaAttribute) -> AttributeDraft:
    return AttributeDraft(**{name: getattr(row, name) for name in ("name", *FIELDS, *FLAGS)})


def _row(source: Source, draft: AttributeDraft, position: int) -> SchemaAttribute:
    return SchemaAttribute(
        source=source, name_key=_key(draft.name), position=position, **vars(draft)
    )


def _check_free(source: Source, name: str) -> None:
    if source.attributes.filter(name_key=_key(name)).exists():
        message = _("There already is an attribute “%(name)s”.") % {"name": name}
        raise BadSchema(message, field="name")


def _move_flags(source: Source, row: SchemaAttribute | None, draft: AttributeDraft) -> None:
    """Take Account ID and Account Name from the attribute that has had them."""
    for flag in FLAGS:
        had = bool(row is not None and getattr(row, flag))
        wants = getattr(draft, flag)
        if had == wants:
            continue
        if source.account_count:
            _refuse_flags()
        if had:
            raise BadSchema(
                _("Mark the other attribute instead; the badge moves to it."), field=flag
            )
        source.attributes.filter(**{flag: True}).update(**{flag: False})


def _refuse_flags() -> None:
    _refuse_in_use(_("Account ID and Account Name cannot change while accounts exist."))


def _refuse_in_use(what: str) -> None:
    way_out = _(
        "Remove all accounts on the Overview tab first (export them, if they are wanted again), "
        "then change it and import."
    )
    raise SchemaInUse(f"{what} {way_out}")


def _bump(source: Source, at: datetime) -> None:
    source.generation += 1
    source.changed_at = at
    source.save(update_fields=["generation", "changed_at"])


def _changed(
    by: Actor,
    source: Source,
    at: datetime,
    *,
    before: AttributeDraft | None,
    after: AttributeDraft | None,
) -> None:
    _bump(source, at)
    record(
        "source.schema_changed",
        by=by,
        subject=source,
        before=vars(before) if before else {},
        after=vars(after) if after else {},
        at=at,
    )
