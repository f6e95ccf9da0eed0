"""The file of a private key is whole or not there, and never takes another's place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from console.management import key_file

pytestmark = pytest.mark.sqlite


def test_it_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with key_file.holding(tmp_path / "key", "secret"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert (tmp_path / "key").read_text() == "secret"


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_takes_it_away(failure: type[BaseException], tmp_path: Path) -> None:
    def fail() -> None:
        assert (tmp_path / "key").exists()
        raise failure

    with pytest.raises(failure), key_file.holding(tmp_path / "key", "secret"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_somebody_who_is_quicker_keeps_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    monkeypatch.setattr(key_file, "check_free", lambda found: found.write_text("theirs"))
    with pytest.raises(key_file.CannotWrite, match="exists"), key_file.holding(path, "secret"):
        pytest.fail("nothing may happen without the file")
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]
