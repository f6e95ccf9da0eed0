"""Who holds what is to be removed, as the page names them before anybody confirms."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.apis.forms import RemoveForm
from tokens.apis.queries import Holders
from tokens.models import Api, ApiScope

NAMED: Final = 50
"""Accounts and tokens that the page names; of the others it says how many there are."""


def shown(form: RemoveForm, found: Holders, consequences: list[str]) -> dict[str, Any]:
    """What the page says; the form comes back with what stands now to be confirmed."""
    accounts, tokens = list(found.accounts[: NAMED + 1]), list(found.tokens[: NAMED + 1])
    counts = len(accounts), len(tokens)
    if len(accounts) > NAMED:
        counts = found.accounts.count(), counts[1]
    if len(tokens) > NAMED:
        counts = counts[0], found.tokens.count()
    return {
        "form": form,
        "digest": found.digest,
        "accounts": accounts[:NAMED],
        "account_count": counts[0],
        "more_accounts": counts[0] - len(accounts[:NAMED]),
        "tokens": tokens[:NAMED],
        "token_count": counts[1],
        "more_tokens": counts[1] - len(tokens[:NAMED]),
        "roles": list(found.roles[:NAMED]),
        "consequences": [*_taken(*counts, found.roles.count()), *consequences],
    }


def _taken(accounts: int, tokens: int, roles: int) -> list[str]:
    if not accounts and not tokens and not roles:
        return [_("No service account, token or role has it: nobody loses anything.")]
    from_accounts = ngettext(
        "It is taken from %(count)d service account.",
        "It is taken from %(count)d service accounts.",
        accounts,
    )
    from_tokens = ngettext(
        "It is taken from %(count)d personal access token.",
        "It is taken from %(count)d personal access tokens.",
        tokens,
    )
    from_roles = ngettext(
        "It is taken from %(count)d role, and so from whoever has that.",
        "It is taken from %(count)d roles, and so from whoever has those.",
        roles,
    )
    said = [from_accounts % {"count": accounts}] if accounts else []
    said += [from_roles % {"count": roles}] if roles else []
    said += [from_tokens % {"count": tokens}] if tokens else []
    return [
        *said,
        _("The next request for a token with it is refused."),
        _("Tokens issued before work until they expire, at most 12 hours."),
    ]


def of_scope(scope: ApiScope) -> list[str]:
    below = scope.children.count()
    if not below:
        return []
    said = ngettext(
        "%(count)d scope below it moves up; whoever held it only through this one loses it.",
        "%(count)d scopes below it move up; whoever held them only through this one loses them.",
        below,
    )
    return [said % {"count": below}]


def of_api(api: Api, scopes: int) -> list[str]:
    said = ngettext(
        "Its %(count)d scope is removed with it.",
        "Its %(count)d scopes are removed with it.",
        scopes,
    )
    audience = _("No token is issued for %(audience)s any more.") % {"audience": api.audience}
    return [said % {"count": scopes}, audience] if scopes else [audience]
