"""What an account may do, in plain words: by a key, and by its personal access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ServiceAccount
from console.ui.levels import labels_of
from tokens.models import Credential
from tokens.scopes.effective import EffectiveRights, Held, Refusal, effective, issuable, of_identity
from tokens.scopes.picker import in_plain_words


@dataclass(frozen=True)
class Abilities:
    by_key: list[str]
    by_token: list[str]
    """What only its personal access tokens open."""
    nothing: str
    """Why a key opens nothing; empty where it opens something."""
    by_levels: bool
    """Another user level would open more by a key."""


def held_by_tokens(account: ServiceAccount, tokens: Sequence[Credential]) -> Held:
    """What its working personal access tokens have, as if they were one."""
    scopes = list(dict.fromkeys(scope for token in tokens for scope in token.scopes))
    return of_identity(account.identity, token=scopes)


def of_account(
    account: ServiceAccount, tokens: Sequence[Credential], *, imply_esv: bool = False
) -> Abilities:
    """`tokens` are its personal access tokens that work now."""
    rights = effective(of_identity(account.identity))
    by_key = in_plain_words(rights.reach, imply_esv=imply_esv)
    by_token: list[str] = []
    if tokens:
        reach = effective(held_by_tokens(account, tokens)).reach
        by_token = [line for line in in_plain_words(reach) if line not in by_key]
    return Abilities(
        by_key,
        by_token,
        nothing="" if by_key else _nothing(account, rights, by_key_alone=bool(by_token)),
        by_levels=any(each.refusal is Refusal.LEVEL for each in rights.verdicts),
    )


def why_no_token(account: ServiceAccount) -> str:
    """Why a key of it gets no access token whatever it asks for; empty where it gets one."""
    held = of_identity(account.identity)
    return "" if issuable(held) else _because(account, effective(held))


def _nothing(account: ServiceAccount, rights: EffectiveRights, *, by_key_alone: bool) -> str:
    """Why a key opens nothing."""
    start = _("By a key nothing:") if by_key_alone else _("Nothing:")
    return f"{start} {_because(account, rights)}"


def _because(account: ServiceAccount, rights: EffectiveRights) -> str:
    count = len(rights.verdicts)
    if not count:
        return _("it has no scopes.")
    if any(each.refusal is not Refusal.LEVEL for each in rights.verdicts):
        said = ngettext(
            "its one scope is refused.", "each of its %(count)d scopes is refused.", count
        )
        return said % {"count": count}
    said = ngettext(
        "its user level %(levels)s does not carry its one scope.",
        "its user level %(levels)s carries none of its %(count)d scopes.",
        count,
    )
    return said % {"count": count, "levels": ", ".join(labels_of(account.identity.levels))}
