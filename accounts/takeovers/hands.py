"""What else follows where an account changes hands; the apps above enter their parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from accounts.audit.actors import Actor
from accounts.lib.registry import Registry
from accounts.service_accounts.models import ServiceAccount


class Follow(Protocol):
    """Called in the transaction of the change, with the accounts as they were before it."""

    def __call__(
        self, *, by: Actor, before: Sequence[ServiceAccount], keep: bool, at: datetime
    ) -> None:
        """`keep`: what the owner before made goes on working."""


followers: Registry[Follow] = Registry("follower of a change of hands")
