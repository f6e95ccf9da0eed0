"""A new key seals, everything comes under it, and the old one goes once nobody needs it."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs.actions import AlreadyRunning
from accounts.jobs.run import run_job
from accounts.models import Event, Identity, Job, SealingKey, StoredPassword
from accounts.sealing import SealBroken, actions, open_sealed, queries, ring_file, seal
from accounts.sealing.actions import KeyInUse, NoSuchKey
from accounts.sealing.envelope import rewrap
from accounts.sealing.jobs import BATCH, RewrapValues
from accounts.sealing.keyring import key_ring
from accounts.sealing.places import Found, places
from accounts.sealing.sealed import Sealed
from accounts.vault import secrets
from tests.architecture.sources import APPS, PROJECT
from tests.factories.vault import make_item
from tests.sealing.planting import PLANTS, Read
from tests.sealing.ring import newest

SEALING_ITSELF = {"accounts/sealing/__init__.py", "tokens/health/checks.py"}
"""What takes `seal` to hand it on, or forgets what it sealed."""


def rotate() -> Job:
    actions.rotate(by=SYSTEM, at=timezone.now())
    job = Job.objects.get(kind="sealing.rewrap", finished_at=None)
    run_job(job.pk)
    job.refresh_from_db()
    return job


def plant_all(owner: Identity) -> dict[str, Read]:
    return {name: plant(owner) for name, plant in PLANTS.items()}


def test_every_place_is_planted_here() -> None:
    """A place without a line in `PLANTS` is not tested; a value without a place is not sealed."""
    assert PLANTS.keys() == places.keys()


@pytest.mark.sqlite
def test_every_module_that_seals_stands_in_a_slice_with_a_place() -> None:
    found: set[Path] = set()
    for app in APPS:
        for file in (PROJECT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module == "accounts.sealing":
                    found |= {file for name in node.names if name.name == "seal"}
    relative = {file.relative_to(PROJECT) for file in found}
    slices = {file.parent for file in relative if str(file) not in SEALING_ITSELF}
    assert slices
    for each in slices:
        assert (PROJECT / each / "sealed.py").exists(), f"{each} seals, but names no place"


@pytest.mark.usefixtures("ring")
def test_what_no_place_is_known_of_is_not_sealed() -> None:
    with pytest.raises(LookupError, match="new_table:1"):
        seal(b"forgotten", context="new_table:1:blob")


@pytest.mark.usefixtures("ring")
def test_every_value_comes_under_the_new_key_and_opens(otto: Identity) -> None:
    readers, old = plant_all(otto), newest()
    before = {name: place.counts() for name, place in places.items()}
    for name, count in before.items():
        assert count.get(old, 0) > 0, name
        assert set(count) == {old}, name

    job = rotate()

    assert newest() != old
    assert (job.state, job.result["left"]) == ("succeeded", 0)
    assert job.result["rewrapped"] == sum(sum(count.values()) for count in before.values())
    for name, place in places.items():
        assert place.counts() == {newest(): before[name][old]}, name
    for name, read in readers.items():
        assert read(), name


@pytest.mark.usefixtures("ring")
def test_values_open_without_the_old_key_once_it_is_out(otto: Identity) -> None:
    readers, old = plant_all(otto), newest()
    rotate()
    later = timezone.now() + timedelta(hours=1, seconds=1)
    actions.take_out(by=SYSTEM, key=old, at=later)
    assert old not in key_ring().keys
    for name, read in readers.items():
        assert read(), name


@pytest.mark.usefixtures("ring")
def test_rotating_twice_wraps_what_was_wrapped_anew(otto: Identity) -> None:
    readers = plant_all(otto)
    rotate()
    rotate()
    assert set(queries.counts()) == {newest()}
    for name, read in readers.items():
        assert read(), name


@pytest.mark.usefixtures("ring")
def test_the_text_is_not_sealed_again_only_its_data_key(otto: Identity) -> None:
    make_item(otto)
    before = bytes(StoredPassword.objects.get().blob)
    rotate()
    after = bytes(StoredPassword.objects.get().blob)
    assert after.endswith(before[60:])
    assert before[:60] not in after


@pytest.mark.usefixtures("ring")
def test_whoever_changes_a_value_meanwhile_wins(otto: Identity) -> None:
    """Read by the job, changed by its owner, written by the job: the change stays."""
    readers = plant_all(otto)
    for name, place in places.items():
        (found, *_more) = place.find(newest(), after=None, limit=1)
        seen = Found(found.pk, found.context, Sealed(newest(), found.sealed.blob[:-1] + b"x"))
        assert place.swap([(seen, Sealed("00000000", b"late"))]) == 0, name
        assert place.counts() == {newest(): sum(place.counts().values())}, name
    for name, read in readers.items():
        assert read(), name


@pytest.mark.usefixtures("ring")
def test_a_value_that_does_not_open_is_told_and_keeps_its_key(otto: Identity) -> None:
    make_item(otto)
    make_item(otto, label="Damaged")
    damaged, old = StoredPassword.objects.latest("set_at"), newest()
    StoredPassword.objects.filter(pk=damaged.pk).update(blob=b"damaged" * 20)
    job = rotate()
    assert (job.state, job.result) == ("succeeded", {"rewrapped": 1, "left": 1})
    later = timezone.now() + timedelta(days=1)
    with pytest.raises(KeyInUse, match="1 value needs"):
        actions.take_out(by=SYSTEM, key=old, at=later)
    assert old in key_ring().keys


@pytest.mark.usefixtures("ring")
def test_a_key_is_not_taken_out_while_somebody_may_write_with_it(otto: Identity) -> None:
    old = newest()
    with pytest.raises(KeyInUse, match="seals new values"):
        actions.take_out(by=SYSTEM, key=old, at=timezone.now())
    rotate()
    with pytest.raises(KeyInUse, match="a moment ago"):
        actions.take_out(by=SYSTEM, key=old, at=timezone.now())
    with pytest.raises(NoSuchKey):
        actions.take_out(by=SYSTEM, key="00000000", at=timezone.now())
    make_item(otto)
    ring = key_ring()
    with_old = seal(b"late", context="accounts_sealedfield:x", ring=type(ring)(ring.keys, old))
    StoredPassword.objects.update(key_id=old, blob=with_old.blob)
    with pytest.raises(KeyInUse, match="1 value needs"):
        actions.take_out(by=SYSTEM, key=old, at=timezone.now() + timedelta(days=1))


@pytest.mark.usefixtures("ring")
def test_what_was_written_with_an_old_key_meanwhile_is_wrapped_too(
    otto: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow process writes with the old key after its table was gone through."""
    item, old = make_item(otto), newest()
    late: list[object] = []

    place = places.get("tokens_signingkey")  # stands behind the passwords
    counts = type(place).counts

    def slow(self: object) -> dict[str, int]:
        if newest() != old and not late:
            late.append(item)
            ring = key_ring()
            then = type(ring)(ring.keys, old)
            password = StoredPassword.objects.get(item=item)
            sealed = seal(
                b"written late", context=secrets.of_password(item.pk, password.pk), ring=then
            )
            StoredPassword.objects.update(key_id=old, blob=sealed.blob)
        return counts(place)

    monkeypatch.setattr(type(place), "counts", slow)
    job = rotate()
    assert late
    assert job.result["left"] == 0
    password = StoredPassword.objects.get(item=item)
    assert secrets.opened_password(password).take() == "written late"


@pytest.mark.usefixtures("ring")
def test_one_rotation_at_a_time(otto: Identity) -> None:
    actions.rotate(by=SYSTEM, at=timezone.now())
    keys = key_ring().keys
    with pytest.raises(AlreadyRunning):
        actions.rotate(by=SYSTEM, at=timezone.now())
    assert key_ring().keys == keys, "no key was added"
    assert SealingKey.objects.count() == 1


def test_what_happened_is_in_the_log_and_no_key(ring: Path, ada: Identity) -> None:
    old = newest()
    actions.rotate(by=ada, at=timezone.now())
    run_job(Job.objects.get(finished_at=None).pk)
    actions.take_out(by=ada, key=old, at=timezone.now() + timedelta(hours=2))
    events = Event.objects.filter(action__startswith="sealing_key.").order_by("at")
    assert [(event.action, event.subject_label) for event in events] == [
        ("sealing_key.added", newest()),
        ("sealing_key.taken_out", old),
    ]
    told = str(list(Event.objects.values())) + str(list(Job.objects.values()))
    for file in ring.parent.iterdir():
        for key in file.read_text().split():
            assert key not in told


@pytest.mark.usefixtures("ring")
def test_twenty_thousand_values_are_wrapped_in_batches(otto: Identity) -> None:
    """More than any batch, and all of them; how long a million takes is for the bench."""
    item = make_item(otto)
    made = (
        secrets.sealed_password(item, f"planted-{n}", at=timezone.now(), set_by="otto")
        for n in range(20_000)
    )
    for password in (rows := list(made)):
        password.replaced_at = timezone.now()
    StoredPassword.objects.bulk_create(rows, batch_size=2_000)
    job = rotate()
    assert job.result == {"rewrapped": 20_001, "left": 0}
    assert BATCH < 20_000
    some = StoredPassword.objects.get(pk=rows[777].pk)
    assert secrets.opened_password(some).take() == "planted-777"


@pytest.mark.usefixtures("ring")
def test_a_value_wrapped_anew_opens_in_its_place_alone_and_not_changed() -> None:
    place = "second_factor:whoever"
    old = key_ring()
    sealed = seal(b"planted", context=place)

    with ring_file.locked():
        ring_file.add(ring_file.new_key())
    moved = rewrap(sealed, context=place)
    assert moved.key_id == newest() != old.newest
    assert open_sealed(moved, context=place) == b"planted"
    with pytest.raises(SealBroken):
        open_sealed(moved, context="second_factor:another")
    with pytest.raises(SealBroken):
        rewrap(moved, context="second_factor:another")
    with pytest.raises(SealBroken):
        open_sealed(moved, context=place, ring=old)
    for position in range(len(moved.blob)):
        changed = bytearray(moved.blob)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            open_sealed(Sealed(moved.key_id, bytes(changed)), context=place)
        assert bytes(changed) != moved.blob


def test_the_job_asks_for_the_permission_of_the_tenant() -> None:
    assert RewrapValues.permission == "tenant.manage"
