"""The places of this app where sealed values stand, and the job that keeps them."""

from __future__ import annotations

from accounts.audit.proof import sealed as audit
from accounts.inbox import sealed as inbox
from accounts.sealing import jobs
from accounts.second_factors import sealed as second_factors
from accounts.sign_in_providers import sealed as sign_in_providers
from accounts.sources import sealed as sources
from accounts.vault import sealed as vault


def register() -> None:
    jobs.register()
    audit.register()
    inbox.register()
    sources.register()
    second_factors.register()
    sign_in_providers.register()
    vault.register()
