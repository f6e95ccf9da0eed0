"""What programs and people did with the demo lately: tokens, calls, refusals, signing in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.models import Outcome
from accounts.models import Identity
from console.management.demo.accounts import Made
from console.management.demo.clock import Clock, machine
from console.management.demo.fleet import Client
from tokens.access_tokens import issue
from tokens.access_tokens.claims import new_claims
from tokens.oauth import refusals
from tokens.oauth.errors import InvalidGrant
from tokens.oauth.grants.jwt_bearer import CLIENT_ID
from tokens.usage import buffer
from tokens.usage.buffer import Tally, UseKey
from tokens.usage.models import Use

DAYS: Final = 30
"""How far back programs are seen at work every day."""
EVENTS: Final = 12
"""Issued tokens a client that stand in the log one by one, from now backwards."""
WEEKEND: Final = 0.35
"""Part of a working day's traffic on a day of the weekend."""


def use(made: list[Made], clock: Clock) -> None:
    """The counts of use by day, written as the token endpoint's are."""
    tallies: dict[UseKey, Tally] = {}
    for each in made:
        for client in each.plan.clients:
            for day in _days(each, clock):
                tallies |= _tallies(each, client, day, clock.now)
    buffer.write(tallies)


def _days(made: Made, clock: Clock) -> Iterator[date]:
    """The days of the last month on which the account was used; or the one when it last was."""
    last = made.plan.used_until_days_ago
    first = max(last, min(DAYS, made.plan.age_days))
    for days_ago in range(last, first + 1):
        yield clock.ago(days_ago).astimezone(UTC).date()


def _tallies(made: Made, client: Client, day: date, now: datetime) -> dict[UseKey, Tally]:
    begins = max(datetime.combine(day, time(0, 20), tzinfo=UTC), made.account.created_at)
    ends = min(datetime.combine(day, time(23, 40), tzinfo=UTC), now - timedelta(minutes=4))
    if ends < begins:
        return {}
    key = made.key_at(ends, old=client.keeps_old_key)
    found: dict[UseKey, Tally] = {}
    for kind, usual in ((Use.TOKEN, client.tokens_a_day), (Use.CALL, client.calls_a_day)):
        count = _on(day, usual)
        if count:
            use_key = UseKey(
                identity_id=made.account.pk,
                day=day,
                use=kind.value,
                credential_id=key.pk,
                scopes=" ".join(sorted(_scopes(made, client))),
                address=client.address,
                client=client.name,
            )
            found[use_key] = Tally(count, begins, ends)
    return found


def _on(day: date, usual: int) -> int:
    """Not every day is like the other; the same day is, however often one looks."""
    weather = 0.8 + (day.toordinal() * 7 % 5) / 10
    return round(usual * weather * (WEEKEND if day.weekday() > 4 else 1)) or min(usual, 1)


def _scopes(made: Made, client: Client) -> list[str]:
    return list(client.scopes or made.account.scopes)


def log(made: list[Made], clock: Clock) -> None:
    """The latest tokens and refusals as events."""
    for each in made:
        is_at_work = each.plan.used_until_days_ago == 0
        for client in each.plan.clients if is_at_work else ():
            pause = timedelta(days=1) / max(client.tokens_a_day, 1)
            for number in range(min(EVENTS, client.tokens_a_day)):
                _token(each, client, clock.now - timedelta(minutes=4) - number * pause)
        for number, reason in enumerate(each.plan.refusals):
            _refusal(each, reason, clock.ago(0.04 + 0.15 * number))


def _token(made: Made, client: Client, at: datetime) -> None:
    key = made.key_at(at, old=client.keeps_old_key)
    claims = new_claims(
        subject=made.account.pk,
        client_id=CLIENT_ID,
        scopes=_scopes(made, client),
        credential_id=key.pk,
        generation=0,
        now=at,
    )
    with machine(client.address, client.name) as facts:
        holder = issue.Holder(made.account.name)
        replay = issue.Replay(hashlib.sha256(claims.token_id.encode()).digest(), at)
        issue.write(issue.Entry(claims, holder, key.key_id, replay, facts, at))


def _refusal(made: Made, reason: str, at: datetime) -> None:
    client = made.plan.clients[-1]
    error = InvalidGrant(reason, account_id=made.account.pk, claimed=str(made.account.pk))
    with machine(client.address, client.name):
        refusals.note(error, at)


def sign_in(people: dict[str, Identity], clock: Clock) -> None:
    """People come and go; one mistypes, one tries what she may not."""
    for user_name, days_ago in (
        *(("ada", days_ago) for days_ago in (1, 2, 5, 9)),
        *(("ingrid", days_ago) for days_ago in (2, 36)),
        *(("vera", days_ago) for days_ago in (4, 18)),
        *(("otto", days_ago) for days_ago in (1, 7)),
        *(("mira", days_ago) for days_ago in (3,)),
        *(("mallory", days_ago) for days_ago in (6,)),
    ):
        person = people[user_name]
        with clock.at_work(user_name, days_ago, 8) as at:
            record("sign_in.succeeded", by=person, subject=person, at=at)
    with clock.at_work("otto", 1, 7) as at:
        record(
            "sign_in.failed",
            by=UnknownActor(label="otto"),
            subject=people["otto"],
            outcome=Outcome.REFUSED,
            reason="wrong user name or password",
            at=at,
        )
    with clock.at_work("mallory", 6, 9) as at:
        record(
            "console.refused",
            by=people["mallory"],
            outcome=Outcome.REFUSED,
            reason="GET /audit/ needs audit.view",
            at=at,
        )
    with clock.at_work("vera", 4, 9) as at:
        record("audit.exported", by=people["vera"], detail={"filters": {"period": "30d"}}, at=at)
