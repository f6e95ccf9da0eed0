"""The service accounts of the demo come to be, change and end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from console.management.demo.clock import Clock
from console.management.demo.fleet import EDITS, FLEET, RSA_2048, Edit, Plan
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types import key_pair
from tokens.models import Credential
from tokens.service_accounts import actions

HELD_ELSEWHERE: Final = (KeyOrigin.BROWSER, KeyOrigin.UPLOADED)
"""Origins of which we get the public half only."""


@dataclass
class Made:
    """An account with the keys that it got, the oldest first."""

    plan: Plan
    account: ServiceAccount
    keys: list[Credential] = field(default_factory=list)

    def key_at(self, at: datetime, *, old: bool) -> Credential:
        """The key that a program used at that time; the first one if it never changed it."""
        known = [key for key in self.keys if key.created_at <= at]
        return known[-1] if known and not old else self.keys[0]


def make(people: dict[str, Identity], clock: Clock) -> list[Made]:
    """Every account, each at its time, by the administrator."""
    return [_make(plan, people, clock) for plan in FLEET]


def _make(plan: Plan, people: dict[str, Identity], clock: Clock) -> Made:
    ada = people["ada"]
    with clock.at_work("ada", plan.age_days, 11) as at:
        issued = actions.create(
            by=ada,
            details=Details(
                name=plan.name,
                description=plan.description,
                owner=people[plan.owner] if plan.owner else None,
                scopes=plan.scopes,
                ends_at=clock.ago(plan.ends_days_ago) if plan.ends_days_ago else None,
            ),
            key=_choice(plan),
            within=None,
            at=at,
        )
        made = Made(plan, issued.account)
        if issued.credential is not None:
            made.keys.append(issued.credential)
            if plan.is_stored:
                credentials.confirm_stored(
                    by=ada, credential=issued.credential, at=at + timedelta(minutes=2)
                )
    return made


def _choice(plan: Plan) -> KeyChoice:
    if plan.origin not in HELD_ELSEWHERE:
        return KeyChoice(plan.origin, plan.algorithm, lifetime=plan.key_lifetime)
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if plan.algorithm == RSA_2048:
        key = rsa.generate_private_key(65537, 2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    public = key_pair.public_half(key.public_key()).jwk
    return KeyChoice(plan.origin, public_key=public, lifetime=plan.key_lifetime)


def change(made: list[Made], people: dict[str, Identity], clock: Clock) -> None:
    """What happened to the accounts since: edits, new keys, ends."""
    by_name = {each.plan.name: each for each in made}
    for edit in EDITS:
        _edit(by_name[edit.name], edit, people, clock)
    for each in made:
        if each.plan.regenerated is not None:
            _regenerate(each, people, clock)
    for each in made:
        _end(each, people, clock)


def _edit(made: Made, edit: Edit, people: dict[str, Identity], clock: Clock) -> None:
    current = made.account
    with clock.at_work(edit.by, edit.days_ago, 15) as at:
        made.account = service_accounts.edit(
            by=people[edit.by],
            account=current,
            details=Details(
                name=current.name,
                description=edit.description or current.description,
                owner=people[edit.owner] if edit.owner else current.owner,
                scopes=edit.scopes or current.scopes,
                ends_at=current.ends_at,
            ),
            revision=current.revision,
            at=at,
        )


def _regenerate(made: Made, people: dict[str, Identity], clock: Clock) -> None:
    days_ago, kept = made.plan.regenerated or (0, timedelta(0))
    with clock.at_work("ingrid", days_ago, 13) as at:
        issued = credentials.regenerate(
            by=people["ingrid"],
            account=made.account,
            choice=_choice(made.plan),
            keep_old_for=kept,
            revoke_tokens=False,
            within=None,
            at=at,
        )
        assert issued.credential is not None
        made.keys.append(issued.credential)
        credentials.confirm_stored(by=people["ingrid"], credential=issued.credential, at=at)


def _end(made: Made, people: dict[str, Identity], clock: Clock) -> None:
    plan = made.plan
    if plan.disabled_days_ago is not None:
        with clock.at_work("ada", plan.disabled_days_ago, 16) as at:
            service_accounts.disable(by=people["ada"], account=made.account, at=at)
    if plan.deleted_days_ago is not None:
        with clock.at_work("ada", plan.deleted_days_ago, 16) as at:
            actions.delete(by=people["ada"], account=made.account, at=at)
