"""What is secret stands sealed, opens in its own place alone, and is written down nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.models import Identity, SealedField, StoredAccount, StoredPassword
from accounts.sealing import SealBroken
from accounts.vault import actions, secrets
from accounts.vault.drafts import BadPassword
from tests.factories.vault import KEY, draft, make_item, save_codes

MARKS = ("MARK-password-1", "MARK-password-2", "MARK-notes", "MARK-field")


def planted(owner: Identity) -> StoredAccount:
    field = {"name": "PIN", "type": "short", "value": MARKS[3]}
    item = make_item(owner, password=MARKS[0], notes=MARKS[2], fields=[field])
    actions.set_password(by=owner, item=item, password=MARKS[1], at=timezone.now())
    save_codes(item, backup="MARK-backup-1")
    return item


def every_row() -> list[str]:
    """All rows of all tables, as the database driver gives them."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  # a table of ours
            for row in cursor.fetchall():
                found += [_text(value) for value in row]
    return found


def _text(value: Any) -> str:
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("latin-1")
    return str(value)


def test_no_row_holds_a_planted_secret(otto: Identity, caplog: pytest.LogCaptureFixture) -> None:
    item = planted(otto)
    actions.reveal(by=otto, item=item, at=timezone.now()).take()
    changed = draft(notes="MARK-notes, more", rotate_every_days=30)
    item.refresh_from_db()
    actions.edit(by=otto, item=item, draft=changed, revision=item.revision, at=timezone.now())

    rows = every_row()
    assert any("Ads manager" in row for row in rows)
    assert [row for row in rows if "MARK-" in row or KEY in row] == []
    assert "MARK-" not in caplog.text


def test_a_password_opens_in_its_own_row_alone(otto: Identity) -> None:
    item, other = planted(otto), make_item(otto, label="Other")
    mine = StoredPassword.objects.get(item=item, replaced_at=None)
    theirs = StoredPassword.objects.get(item=other)
    StoredPassword.objects.filter(pk=theirs.pk).update(key_id=mine.key_id, blob=bytes(mine.blob))

    with pytest.raises(SealBroken):
        actions.reveal(by=otto, item=other, at=timezone.now())


def test_an_earlier_password_does_not_pass_for_the_one_in_force(otto: Identity) -> None:
    item = planted(otto)
    old = StoredPassword.objects.exclude(replaced_at=None).get(item=item)
    now = StoredPassword.objects.filter(item=item, replaced_at=None)
    now.update(key_id=old.key_id, blob=bytes(old.blob))

    with pytest.raises(SealBroken):
        actions.reveal(by=otto, item=item, at=timezone.now())


def test_notes_do_not_open_as_custom_fields(otto: Identity) -> None:
    item = planted(otto)
    notes = SealedField.objects.get(item=item, name=secrets.NOTES)
    fields = SealedField.objects.filter(item=item, name=secrets.FIELDS)
    fields.update(key_id=notes.key_id, blob=bytes(notes.blob))

    with pytest.raises(SealBroken):
        secrets.custom_fields(item)


def test_earlier_passwords_stay_and_the_oldest_are_forgotten(otto: Identity) -> None:
    item = make_item(otto, password="first")
    for number in range(actions.KEPT_PASSWORDS + 1):
        actions.set_password(by=otto, item=item, password=f"next-{number}", at=timezone.now())

    old = StoredPassword.objects.exclude(replaced_at=None).order_by("set_at")
    assert old.count() == actions.KEPT_PASSWORDS
    earlier = old[0]
    secret = actions.reveal(by=otto, item=item, at=timezone.now(), earlier=earlier)
    assert secret.take() == "next-0"


def test_an_earlier_password_of_another_account_is_not_shown(
    otto: Identity, mallory: Identity
) -> None:
    theirs, mine = planted(otto), make_item(mallory)
    earlier = StoredPassword.objects.exclude(replaced_at=None).get(item=theirs)

    with pytest.raises(actions.NoPassword):
        actions.reveal(by=mallory, item=mine, at=timezone.now(), earlier=earlier)


@pytest.mark.parametrize("password", ["line\nbreak", "nul\0", "x" * 1001])
def test_what_is_no_password_is_refused(otto: Identity, password: str) -> None:
    item = make_item(otto)

    with pytest.raises(BadPassword) as refused:
        actions.set_password(by=otto, item=item, password=password, at=timezone.now())
    assert password not in str(refused.value)


def test_a_draft_prints_none_of_its_texts() -> None:
    assert "MARK" not in repr(draft(notes="MARK", fields=[{"value": "MARK"}]))
