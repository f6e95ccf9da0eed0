"""The request kind by which an owner gets a credential that they may not make themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.policies import may_reach
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.models import AccessRequest, Identity, ServiceAccount
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Detail, Details, Kind, Shown, Wish
from accounts.requests.states import ApprovalState
from accounts.service_accounts import actions as service_accounts
from tokens.credentials import pickups, policies
from tokens.credentials.models import KeyPickup
from tokens.credentials.types.key_pair import ALGORITHMS, KEY_PAIR, UnknownAlgorithm
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.personal_access_tokens import policies as tokens
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.personal_access_tokens.models import TokenPickup
from tokens.scopes.coverage import check_assignable, covers, given_by_administrators

NAME: Final = "new_credential"
KEEP_OLD_FOR: Final = timedelta(days=7)
"""How long the old keys go on once the new one is made."""
MOST_DAYS: Final = 365


class NoNeedToAsk(DomainError):
    """They may make it themselves."""

    code = "no_need_to_ask"


class BadCredential(DomainError):
    """Something about the credential that cannot be had; `field` names it."""

    code = "bad_credential"


class NewCredential(Kind):
    """Approval makes no secret: whoever asked comes for it afterwards, once."""

    label: str | Promise = gettext_lazy("New key or token")
    description: str | Promise = gettext_lazy(
        "A key pair or a personal access token for one of your service accounts. Once it is "
        "approved you have it made, and see it once."
    )
    who_else = gettext_lazy(
        "For an account that may do more than you, or scopes that administrators alone give, an "
        "administrator is asked as well."
    )
    takes = (
        reading.OWN_ACCOUNT,
        Detail("credential", gettext_lazy("key_pair or personal_access_token."), required=True),
        Detail("days", gettext_lazy("How many days it works from when it is made."), required=True),
        Detail("algorithm", gettext_lazy("Of a key pair, such as RSA-4096 or P-256.")),
        Detail("name", gettext_lazy("Of a token: what it is for.")),
        Detail(
            "scopes",
            gettext_lazy("Of a token: names of its scopes; empty: all that the account has."),
            is_list=True,
        ),
    )

    def understand(self, by: Identity, details: Details) -> Wish:
        account = reading.own_account(by, details)
        now = timezone.now()
        policies.check_account_takes_keys(account, now)
        days = _days(details)
        is_key = _credential(details) == KEY_PAIR
        kept: dict[str, Any] = {
            "account": str(account.pk),
            "credential": _credential(details),
            "days": days,
        }
        kept |= _key(by, details) if is_key else _token(by, account, details)
        administrators = not may_reach(by, account.identity)
        scopes = policies.scopes_of(account) if is_key else kept["scopes"]
        administrators = administrators or _lacks_restricted(by, scopes)
        return Wish(kept, account.identity, asks_administrators=administrators)

    def shown(self, details: Details) -> list[Shown]:
        account = reading.account_now(details)
        is_key = details["credential"] == KEY_PAIR
        lines = [
            reading.line_of(account, _("Service account")),
            Shown(_("What"), _("Key pair") if is_key else _("Personal access token")),
        ]
        if is_key:
            lines.append(Shown(_("Algorithm"), details["algorithm"]))
        else:
            lines.append(Shown(_("What the token is for"), details["name"]))
        scopes = account.scopes if is_key else details["scopes"]
        lifetime = _("%(days)d days from when it is made") % {"days": details["days"]}
        return [
            *lines,
            Shown(_("Scopes"), ", ".join(scopes) or _("None")),
            Shown(_("Works for"), lifetime),
        ]

    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        details, lifetime = request.details, timedelta(days=request.details["days"])
        account = service_accounts.lock(reading.account_now(details))
        reading.check_still_theirs(request.requester, account)
        policies.check_account_takes_keys(account, at)
        _check_decided_high_enough(request, account)
        told = {"account": str(account.pk), "name": account.name}
        if details["credential"] == KEY_PAIR:
            offer = pickups.Offer(details["algorithm"], lifetime, KEEP_OLD_FOR)
            key = pickups.offer(by=by, account=account, offer=offer, at=at)
            return told | {"pickup": str(key.pk)}
        _check_within_account(account, check_assignable(details["scopes"]))
        draft = Draft(details["name"], details["scopes"], Lifetime(at + lifetime))
        token = token_pickups.offer(by=by, account=account, draft=draft, lifetime=lifetime, at=at)
        return told | {"pickup": str(token.pk)}

    def outcome(self, request: AccessRequest) -> list[Shown]:
        is_key = request.details["credential"] == KEY_PAIR
        rows: Any = KeyPickup.objects if is_key else TokenPickup.objects
        pickup = rows.filter(pk=request.result.get("pickup")).first()
        if pickup is None:
            return []
        if pickup.claimed_at:
            return [Shown(_("Claimed"), "", at=pickup.claimed_at)]
        if pickup.cancelled_at:
            return [Shown(_("Claim"), _("It was withdrawn, or another was offered instead."))]
        if pickup.expires_at <= timezone.now():
            return [Shown(_("Claim"), _("It lapsed, as nobody came for it. Ask again."))]
        link = (pickup.audit_type, str(pickup.pk))
        label = _("Have the key made") if is_key else _("Have the token made")
        return [
            Shown(_("Next step"), label, link),
            Shown(_("To be claimed until"), "", at=pickup.expires_at),
        ]

    def next_step(self, request: AccessRequest) -> str:
        if not request.result.get("pickup"):
            return ""
        return _(
            "Come for it within a week: it is made then, shown to you alone, and only once. The "
            "page of the request leads there."
        )


def _check_decided_high_enough(request: AccessRequest, account: ServiceAccount) -> None:
    """What has come to be above who asked since, or to be for administrators to give, is not for
    their manager alone to decide."""
    decided = request.approvals.filter(approver=None, state=ApprovalState.APPROVED)
    above = not may_reach(request.requester, account.identity)
    scopes = request.details.get("scopes") or policies.scopes_of(account)
    restricted = _lacks_restricted(request.requester, scopes)
    if (above or restricted) and not decided.exists():
        raise BadCredential(
            _("The account may do more by now than when this was asked. Ask again.")
        )


def _lacks_restricted(by: Identity, scopes: Collection[str]) -> bool:
    """Whether some of the scopes are for administrators to give, and they are none."""
    return bool(given_by_administrators(scopes)) and not may(by, Permission.SCOPE_GIVE_RESTRICTED)


def _credential(details: Details) -> str:
    found = str(details.get("credential") or "")
    if found not in (KEY_PAIR, PERSONAL_ACCESS_TOKEN):
        raise BadCredential(_("Choose a key pair or a token."), field="credential")
    return found


def _days(details: Details) -> int:
    days = details.get("days")
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        message = _("Choose how long it works, 1 to %(most)d days.") % {"most": MOST_DAYS}
        raise BadCredential(message, field="days")
    return days


def _key(by: Identity, details: Details) -> dict[str, Any]:
    if policies.may_issue(by):
        message = _("You may make a key yourself: choose Regenerate Key on the account's page.")
        raise NoNeedToAsk(message, field="credential")
    algorithm = str(details.get("algorithm") or ALGORITHMS[0])
    if algorithm not in ALGORITHMS:
        raise UnknownAlgorithm
    if not by.email:
        message = _("You have no e-mail address, at which you are told that the key waits.")
        raise BadCredential(message, field="credential")
    return {"algorithm": algorithm}


def _check_within_account(account: ServiceAccount, asked: Collection[str]) -> None:
    lacking = [scope for scope in asked if not covers(account.scopes, scope, imply_esv=False)]
    if lacking or not asked:
        message = _("A token can have scopes of its account alone: %(scopes)s.")
        said = {"scopes": ", ".join(account.scopes) or _("None")}
        raise BadCredential(message % said, field="scopes")


def _token(by: Identity, account: ServiceAccount, details: Details) -> dict[str, Any]:
    asked = check_assignable(reading.words(details, "scopes") or account.scopes)
    if tokens.may_make_for(by, account.identity) and not _lacks_restricted(by, asked):
        message = _("You may make a token yourself: choose New Token on the account's page.")
        raise NoNeedToAsk(message, field="credential")
    _check_within_account(account, asked)
    try:
        name = clean_name(str(details.get("name") or ""))
    except DomainError as error:
        raise BadCredential(error.message, field="name") from error
    return {"name": name, "scopes": asked}
