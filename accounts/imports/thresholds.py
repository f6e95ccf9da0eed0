"""The Account Delete Threshold: how many accounts one import may remove."""

from __future__ import annotations

from accounts.imports.states import Decision, Mode


def removable(accounts: int, percent: int) -> int:
    """How many of `accounts` may go: `percent` of them rounded down, but always one.

    Ten per cent of nine is less than one; without that one, small sources could never shrink.
    """
    return max(1, accounts * percent // 100)


def decide(
    *,
    missing: int,
    accounts: int,
    percent: int,
    mode: str,
    deletion_disabled: bool,
    unreadable: int,
    overridden: bool,
) -> Decision:
    """What becomes of the missing accounts.

    `unreadable` rejected rows name no account: each may be that of an account that is "missing".
    """
    if not missing:
        return Decision.NONE_MISSING
    if mode == Mode.MERGE_ONLY:
        return Decision.MERGE_ONLY
    if deletion_disabled:
        return Decision.DISABLED
    if overridden:
        return Decision.OVERRIDDEN
    if unreadable:
        return Decision.UNREADABLE
    return Decision.REMOVE if missing <= removable(accounts, percent) else Decision.EXCEEDED
