"""Local vaults: ciphertext goes in and comes out, by trusted sessions that have the key."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.models import (
    Event,
    Identity,
    LocalSecret,
    StoredAccount,
    TrustedSession,
    Vault,
)
from accounts.trusted_sessions import actions as sessions
from accounts.trusted_sessions.policies import NotTrusted
from accounts.vault import actions as items
from accounts.vault import checklist, codes, reminding, sharing, vaults
from accounts.vault import queries as of_items
from accounts.vault.actions import ItemGone
from accounts.vault.local import actions, policies, queries, wire
from accounts.vault.local.envelopes import NotCiphertext
from accounts.vault.models import SecretName, ShareRole
from accounts.vault.policies import KeptInBrowser
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.local_vaults import (
    ask,
    ciphertext,
    make_local_item,
    text,
    trust,
)
from tests.factories.vault import draft, make_item, make_vault, share
from tests.vault.keeping import join, put


def in_force(item: StoredAccount) -> LocalSecret:
    return item.local_secrets.get(name="password", replaced_at=None)


def test_ciphertext_is_kept_handed_out_and_each_look_recorded(
    ada: Identity, here: TrustedSession, item: StoredAccount
) -> None:
    secret = in_force(item)
    found = actions.hand_out(by=ada, from_session=here, item=item, secret=secret, at=timezone.now())

    assert found.envelope == secret.envelope
    event = Event.objects.get(action="stored_account.password_revealed")
    assert event.detail["in_browser"] is True
    assert secret.envelope not in str(Event.objects.values())


def test_the_server_seals_and_opens_nothing_in_it(
    ada: Identity, vault: Vault, item: StoredAccount
) -> None:
    now = timezone.now()
    plain = draft(vault=vault)
    attempts: list[Any] = [
        lambda: items.add(by=ada, draft=plain, password="plain", at=now),
        lambda: items.add(by=ada, draft=plain, password="", at=now),
        lambda: items.set_password(by=ada, item=item, password="plain", at=now),
        lambda: items.set_password(by=SYSTEM, item=item, password="plain", at=now),
        lambda: items.reveal(by=ada, item=item, at=now),
        lambda: codes.save_authenticator(by=ada, item=item, key="A" * 32, at=now),
        lambda: codes.save_backup_codes(by=ada, item=item, text="1", at=now),
        lambda: codes.show_code(by=ada, item=item, at=now),
        lambda: items.edit(by=ada, item=item, draft=draft(notes="plain"), revision=1, at=now),
    ]
    for attempt in attempts:
        with pytest.raises(KeptInBrowser):
            attempt()
    assert not item.passwords.exists()
    assert not item.sealed_fields.exists()


def test_nothing_moves_into_a_local_vault_or_out_of_it(
    ada: Identity, vault: Vault, item: StoredAccount
) -> None:
    other, now = make_vault("Cloud"), timezone.now()
    cloud = make_item(ada, vault=other)

    with pytest.raises(KeptInBrowser):
        items.edit(by=ada, item=cloud, draft=draft(vault=vault), revision=1, at=now)
    with pytest.raises(KeptInBrowser):
        items.edit(by=ada, item=item, draft=draft(vault=other), revision=1, at=now)
    items.edit(by=ada, item=item, draft=draft(label="Renamed"), revision=1, at=now)
    assert StoredAccount.objects.get(pk=item.pk).vault == vault
    with pytest.raises(vaults.VaultInUse):
        vaults.make_default(by=ada, vault=vault, at=now)


@pytest.mark.parametrize(
    "said",
    [
        "plain-password",
        "",
        "stw-lv1.1.AAAAAAAAAAAAAAAA.cGxhaW4",
        "stw-lv1.0.AAAAAAAAAAAAAAAA." + text(b"x" * 80),
        "stw-lv1.1.AAAAAAAAAAAAAAA." + text(b"x" * 80),
        "stw-lv1.1.AAAAAAAAAAAAAAAA." + text(b"x" * 79),
        "stw-lv1.1.AAAAAAAAAAAAAAAA." + text(b"x" * 16),
        "stw-lv1.1.AAAAAAAAAAAAAAAA." + text(b"x" * (64 * 66 + 16)),
        "stw-lv1.1.AAAAAAAAAAAAAAAA." + text(b"x" * 80) + "\n",
        "stw-lv2.1.AAAAAAAAAAAAAAAA." + text(b"x" * 80),
        None,
        7,
    ],
)
def test_what_has_not_the_form_of_ciphertext_is_refused(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount, said: Any
) -> None:
    with pytest.raises(NotCiphertext):
        put(ada, here, item, envelopes=[said])
    with pytest.raises(NotCiphertext):
        actions.add(
            by=ada,
            from_session=here,
            vault=vault,
            item_id=uuid.uuid4(),
            draft=draft(label="Second"),
            sealed={SecretName.PASSWORD: said},
            at=timezone.now(),
        )
    assert StoredAccount.objects.count() == 1
    assert LocalSecret.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    ["{", "[1]", '[{"vault": 1}]', "[[]]", '{"a": 1}', "7", "[" * 100_000, '"' + "x" * 10**6],
)
def test_what_browsers_send_is_read_or_refused(said: str) -> None:
    for read in (wire.wraps, wire.wraps_of_vaults, wire.sealed, wire.new_key):
        with pytest.raises(NotCiphertext):
            read(said)


def test_passwords_have_a_history_a_due_date_and_a_serial(
    ada: Identity, here: TrustedSession, vault: Vault
) -> None:
    item = make_local_item(ada, here, vault, rotate_every_days=10)
    first = in_force(item)
    assert reminding.remind(at=timezone.now() + timedelta(days=11)) == 1

    assert put(ada, here, item) == 1
    with pytest.raises(actions.ChangedMeanwhile):
        put(ada, here, item)
    assert list(queries.earlier_passwords(item)) == [first]
    for serial in range(3, 25):
        put(ada, here, item, serial=serial)
    assert queries.earlier_passwords(item).count() == items.KEPT_PASSWORDS
    listed = of_items.for_list(StoredAccount.objects.all(), timezone.now()).get()
    assert getattr(listed, "has_password") is True  # noqa: B009
    assert [step.step.name for step in checklist.of(item) if step.done] == ["added", "password"]


def test_backup_codes_are_struck_out_and_their_numbers_not_given_twice(
    ada: Identity, here: TrustedSession, item: StoredAccount
) -> None:
    name, now = SecretName.BACKUP_CODE, timezone.now()
    envelopes = [ciphertext() for _code in range(3)]
    assert put(ada, here, item, name=name, serial=1, envelopes=envelopes) == 3
    code = item.local_secrets.get(name=name, serial=2)
    actions.hand_out(by=ada, from_session=here, item=item, secret=code, at=now)
    with pytest.raises(actions.SecretGone):
        actions.hand_out(by=ada, from_session=here, item=item, secret=code, at=now)

    with pytest.raises(NotCiphertext):
        put(ada, here, item, name=name, serial=4, envelopes=[])
    with pytest.raises(NotCiphertext):
        put(ada, here, item, name=name, serial=4, envelopes=envelopes * 17)
    put(ada, here, item, name=name, serial=4)
    assert queries.next_serial(item.pk, name) == 5
    other = LocalSecret(item=item, name=name, serial=3)
    with pytest.raises(actions.SecretGone):
        actions.hand_out(by=ada, from_session=here, item=item, secret=other, at=now)


def test_removed_texts_are_gone_and_deleted_accounts_are_not_handed_out(
    ada: Identity, here: TrustedSession, item: StoredAccount
) -> None:
    name, now = SecretName.AUTHENTICATOR, timezone.now()
    put(ada, here, item, name=name, serial=1)
    actions.remove(by=ada, from_session=here, item=item, name=name, at=now)
    actions.remove(by=ada, from_session=here, item=item, name=name, at=now)
    assert Event.objects.filter(action="stored_account.authenticator_removed").count() == 1
    assert item.local_secrets.get(name=name).envelope == ""
    put(ada, here, item, name=name, serial=2)

    items.delete(by=ada, item=item, at=now)
    with pytest.raises(ItemGone):
        actions.hand_out(by=ada, from_session=here, item=item, secret=in_force(item), at=now)
    items.restore(by=ada, item=item, at=now)
    actions.hand_out(by=ada, from_session=here, item=item, secret=in_force(item), at=now)


def test_who_has_no_trusted_session_with_the_key_gets_and_writes_nothing(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount, otto: Identity
) -> None:
    waiting, now = ask(ada), timezone.now()
    keyless = sessions.approve(by=ada, session=ask(ada), from_session=here, at=now)
    secret = in_force(item)
    for session, refusal in [
        (waiting, NotTrusted),
        (keyless, policies.NoKey),
        (trust(otto), NotAllowed),
    ]:
        with pytest.raises(refusal):
            actions.hand_out(by=ada, from_session=session, item=item, secret=secret, at=now)
        with pytest.raises(refusal):
            put(ada, session, item)
    with pytest.raises(NotAllowed):
        actions.hand_out(by=otto, from_session=here, item=item, secret=secret, at=now)
    assert not Event.objects.filter(action="stored_account.password_revealed").exists()


def test_seeing_all_reaches_no_local_vault(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount, vera: Identity
) -> None:
    otto = make_person("otto", levels=["admin"])
    cloud = make_item(ada, label="In the cloud")

    assert list(StoredAccount.objects.visible_to(vera)) == [cloud]
    assert list(StoredAccount.objects.visible_to(otto)) == [cloud]
    assert set(StoredAccount.objects.visible_to(ada)) == {cloud, item}
    join(ada, here, vault, otto)
    assert list(StoredAccount.objects.visible_to(otto)) == [cloud]
    share(item, otto)
    assert set(StoredAccount.objects.visible_to(otto)) == {cloud, item}


def test_it_is_shared_with_members_alone(
    ada: Identity, here: TrustedSession, vault: Vault, item: StoredAccount, otto: Identity
) -> None:
    for holder in (otto, make_group("team", members=[otto])):
        with pytest.raises(sharing.NotInVault):
            share(item, holder)
    session = join(ada, here, vault, otto)
    share(item, otto)
    now = timezone.now()
    put(ada, here, item, name=SecretName.NOTES, serial=1)
    notes = item.local_secrets.get(name="notes")

    actions.hand_out(by=otto, from_session=session, item=item, secret=notes, at=now)
    with pytest.raises(NotAllowed):
        actions.hand_out(by=otto, from_session=session, item=item, secret=in_force(item), at=now)
    share(item, otto, ShareRole.OWNER)
    actions.hand_out(by=otto, from_session=session, item=item, secret=in_force(item), at=now)
    assert item not in of_items.requestable()
