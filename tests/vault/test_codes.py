"""One-time codes of a stored account: each shown once, to owners alone, and written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.models import Authenticator, BackupCode, Event, Identity
from accounts.sealing import SealBroken
from accounts.vault import codes, one_time_codes
from tests.factories.vault import KEY, make_item, save_codes, share

RFC = [
    ("SHA1", 20, 59, "94287082"),
    ("SHA256", 32, 1111111109, "68084774"),
    ("SHA512", 64, 20000000000, "47863826"),
]
"""RFC 6238, appendix B."""


@pytest.mark.parametrize(("algorithm", "length", "seconds", "expected"), RFC)
def test_codes_are_those_of_the_rfc(
    algorithm: str, length: int, seconds: int, expected: str
) -> None:
    secret = (b"1234567890" * 7)[:length]
    made = one_time_codes.OneTimeCodes(secret, digits=8, algorithm=algorithm)

    assert made.code_of(seconds // 30) == expected
    assert one_time_codes.unpacked(made.packed()) == made


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        f"otpauth://totp/Slack:ads?secret={KEY}&issuer=Slack&digits=6&period=30",
    ],
)
def test_a_key_is_read_however_it_is_written(key: str) -> None:
    moment = datetime.fromtimestamp(59, tz=UTC)
    made = one_time_codes.read(key)
    assert made.code_of(made.step_at(moment)) == "287082"
    assert made.seconds_left(moment) == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "0189",
        "AAAA",
        "x" * 3000,
        f"otpauth://hotp/x?secret={KEY}&counter=1",
        f"otpauth://totp/x?secret={KEY}&digits=99",
        f"otpauth://totp/x?secret={KEY}&period=0",
        f"otpauth://totp/x?secret={KEY}&period=x",
        f"otpauth://totp/x?secret={KEY}&algorithm=MD5",
        "otpauth://totp/x",
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(one_time_codes.BadKey) as refused:
        one_time_codes.read(key)
    assert KEY not in str(refused.value)


def test_a_code_is_shown_once_a_step_and_recorded(otto: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    save_codes(item)
    first = codes.show_code(by=otto, item=item, at=now)
    assert len(first.secret.take()) == 6
    assert 1 <= first.seconds_left <= 30

    with pytest.raises(codes.ShownAlready) as refused:
        codes.show_code(by=otto, item=item, at=now)
    assert 1 <= refused.value.seconds <= 30
    with pytest.raises(codes.ShownAlready):
        codes.show_code(by=otto, item=item, at=now - timedelta(seconds=60))
    codes.show_code(by=otto, item=item, at=now + timedelta(seconds=30))
    assert Event.objects.filter(action="stored_account.code_shown").count() == 2


def test_collaborators_and_reviewers_get_no_code(
    otto: Identity, mallory: Identity, ada: Identity
) -> None:
    item, now = make_item(otto), timezone.now()
    save_codes(item)
    share(item, mallory)
    code = item.backup_codes.get(position=1)

    for person in (mallory, ada):
        with pytest.raises(NotAllowed):
            codes.show_code(by=person, item=item, at=now)
        with pytest.raises(NotAllowed):
            codes.use_backup_code(by=person, item=item, code=code, at=now)
        with pytest.raises(NotAllowed):
            codes.save_authenticator(by=person, item=item, key=KEY, at=now)


def test_a_backup_code_is_struck_out_when_used(otto: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    save_codes(item, backup="1111\n\n2222\n1111\n")
    first, second = item.backup_codes.order_by("position")

    assert codes.use_backup_code(by=otto, item=item, code=second, at=now).take() == "2222"
    with pytest.raises(codes.CodeUsed):
        codes.use_backup_code(by=otto, item=item, code=second, at=now)
    second.refresh_from_db()
    assert (second.used_at, second.used_by) == (now, otto.user_name)
    assert codes.use_backup_code(by=otto, item=item, code=first, at=now).take() == "1111"


def test_seals_hold_in_their_own_place_alone(otto: Identity, mallory: Identity) -> None:
    mine, theirs, now = make_item(mallory), make_item(otto), timezone.now()
    save_codes(mine)
    save_codes(theirs)
    stolen = Authenticator.objects.get(item=theirs)
    Authenticator.objects.filter(item=mine).update(key_id=stolen.key_id, blob=bytes(stolen.blob))
    code = theirs.backup_codes.get(position=1)

    with pytest.raises(SealBroken):
        codes.show_code(by=mallory, item=mine, at=now)
    with pytest.raises(codes.CodeUsed):
        codes.use_backup_code(by=mallory, item=mine, code=code, at=now)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 101, "\n".join(map(str, range(51)))])
def test_what_are_no_backup_codes_is_refused(otto: Identity, text: str) -> None:
    item = make_item(otto)

    with pytest.raises(codes.BadCodes):
        codes.save_backup_codes(by=otto, item=item, text=text, at=timezone.now())
    assert not BackupCode.objects.exists()


def test_the_pages(owner: Client, otto: Identity) -> None:
    item = make_item(otto)
    base = f"/vault/accounts/{item.pk}/"
    refused = owner.post(f"{base}authenticator/", {"key": "nothing"}).content.decode()
    assert "Paste the secret key that the application shows" in refused
    owner.post(f"{base}authenticator/", {"key": KEY})
    owner.post(f"{base}backup-codes/", {"codes": "MARK-1\nMARK-2"})

    shown = owner.post(f"{base}authenticator/code/")
    assert "Works for" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store, private"
    code = item.backup_codes.get(position=1)
    assert "MARK-1" in owner.post(f"{base}backup-codes/{code.pk}/use/").content.decode()
    page = owner.get(base).content.decode()
    assert "<s>Code 1</s>" in page
    assert "MARK-" not in page
    assert KEY not in page
    assert owner.get(f"{base}authenticator/code/").status_code == 405
    owner.post(f"{base}authenticator/remove/")
    assert not Authenticator.objects.exists()
