from __future__ import annotations

from accounts.lib.errors import DomainError


class BadBackup(DomainError):
    """The file is no backup, is damaged, or does not open with this passphrase."""


class CannotRestore(DomainError):
    """This installation cannot take the backup."""
