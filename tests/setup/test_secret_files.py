"""Secrets are made once, for this user only, and kept."""

from __future__ import annotations

import base64
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console.environment import BadValue, read
from console.environment.secret_files import BadSecretFile, read_or_make
from tests.setup.running import environment

pytestmark = pytest.mark.sqlite

SECRET_FILES = ("secret_key", "sealing_key")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_the_secrets_are_for_this_user_only(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    read(environment(data))
    assert mode_of(data) == mode_of(data.parent) == 0o700
    assert sorted(path.name for path in data.iterdir()) == sorted(SECRET_FILES)
    assert {mode_of(data / name) for name in SECRET_FILES} == {0o600}


def test_a_second_start_finds_the_same_secrets(tmp_path: Path) -> None:
    first = read(environment(tmp_path))
    sealing = first.sealing_key_file.read_text()
    second = read(environment(tmp_path))
    assert second.secret_key == first.secret_key
    assert second.sealing_key_file.read_text() == sealing
    assert len(base64.urlsafe_b64decode(sealing.strip() + "=")) == 32


def test_no_file_is_made_for_a_key_that_is_set(tmp_path: Path) -> None:
    assert read(environment(tmp_path, SECRET_KEY="0123456789" * 6)).secret_key == "0123456789" * 6
    assert not (tmp_path / "secret_key").exists()


def test_starts_at_the_same_moment_agree_on_one_secret(tmp_path: Path) -> None:
    file = tmp_path / "key"
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: read_or_make(file, secrets.token_hex), range(64)))
    assert found == {file.read_text().strip()}
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", SECRET_FILES)
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    read(environment(tmp_path))
    (tmp_path / name).chmod(0o640)
    with pytest.raises(BadValue, match=r"is open to other users; run: chmod 600"):
        read(environment(tmp_path))


def test_an_empty_or_strange_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch(0o600)
    with pytest.raises(BadSecretFile, match="is empty; restore it"):
        read_or_make(file, secrets.token_hex)
    assert file.read_text() == ""
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSecretFile, match="is not text"):
        read_or_make(file, secrets.token_hex)
    with pytest.raises(BadSecretFile, match="is no regular file"):
        read_or_make(tmp_path, secrets.token_hex)
    with pytest.raises(BadSecretFile, match="cannot be read or made"):
        read_or_make(tmp_path / "absent" / "key", secrets.token_hex)


def test_a_sealing_key_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    file = read(environment(tmp_path)).sealing_key_file
    good = file.read_text()
    file.write_text(f"{good}{base64.urlsafe_b64encode(b'short').decode()}\n")
    with pytest.raises(BadValue, match="a line is not 32 bytes") as refused:
        read(environment(tmp_path))
    assert good.strip() not in str(refused.value)


def test_several_sealing_keys_may_stand_in_the_file(tmp_path: Path) -> None:
    file = read(environment(tmp_path)).sealing_key_file
    newer = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    file.write_text(f"{newer}\n{file.read_text()}")
    assert read(environment(tmp_path)).sealing_key_file == file


def test_a_folder_that_others_can_enter_is_refused_not_changed(tmp_path: Path) -> None:
    data = tmp_path / "shared"
    data.mkdir(0o755)
    (data / "something").touch()
    with pytest.raises(BadValue, match=r"which other users can enter; run: chmod 700"):
        read(environment(data))
    assert mode_of(data) == 0o755


def test_an_empty_folder_is_taken_over(tmp_path: Path) -> None:
    data = tmp_path / "fresh"
    data.mkdir(0o755)
    read(environment(data))
    assert mode_of(data) == 0o700


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadValue, match="which is no folder"):
        read(environment(tmp_path / "file"))
    with pytest.raises(BadValue, match="STEWARD_DATA_DIR is"):
        read(environment(tmp_path / "file" / "data"))
