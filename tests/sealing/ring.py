"""A ring of its own for a test: one key, in a file of its own."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.sealing import keyring, ring_file
from accounts.sealing.keyring import key_ring


def line(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=") + "\n"


@pytest.fixture
def ring(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, in a folder of its own; it holds one key."""
    file = tmp_path / "keys" / "sealing_key"
    file.parent.mkdir(mode=0o700)
    file.write_text(line(ring_file.new_key()))
    settings.STEWARD_SEALING_KEY_FILE = file
    monkeypatch.setattr(keyring, "_read", None)
    return file


def newest() -> str:
    return key_ring().newest
