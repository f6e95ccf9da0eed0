"""Service accounts from the command line, through the actions that the pages call."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from accounts.audit.actors import SYSTEM, Actor
from accounts.identities.models import Origin
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from console.management import key_file
from console.management.acts import ActsCommand, Refused, add_scopes, person
from tokens.credentials import actions as credentials
from tokens.credentials import queries
from tokens.credentials.actions import Issued, KeyChoice, Prepared
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types.key_pair import ALGORITHMS
from tokens.models import Credential
from tokens.service_accounts import actions

KEEP_OLD = {
    "now": timedelta(0),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
EXPIRY = {f"{days}d": timedelta(days=days) for days in (30, 60, 90, 180, 365)} | {"never": None}


class Command(ActsCommand):
    help = "Make, change and list service accounts; each answer is a line of JSON."

    def add_acts(self, acts: Any) -> None:
        create = self.act(acts, "create", "make an account and its key")
        create.add_argument("name")
        create.add_argument("--description", default="")
        create.add_argument("--owner", metavar="USERNAME")
        create.add_argument("--successor", metavar="USERNAME", help="owns it after the owner")
        create.add_argument("--ends-on", metavar="DATE", help="its last day, such as 2027-12-31")
        add_scopes(create)
        _add_key(create)
        new_key = self.act(acts, "regenerate-key", "replace the key of an account")
        new_key.add_argument("id")
        _add_key(new_key)
        new_key.add_argument(
            "--keep-old",
            choices=KEEP_OLD,
            default="now",
            help="how long the old key goes on (default: it stops now)",
        )
        for act, words in (
            ("disable", "stop the keys and tokens of an account, for now"),
            ("enable", "let them work again"),
            ("delete", "delete an account for good"),
            ("show", "tell of one account and its keys"),
        ):
            self.act(acts, act, words).add_argument("id")
        change = self.act(acts, "set-scopes", "replace the scopes of an account")
        change.add_argument("id")
        add_scopes(change)
        self.act(acts, "list", "tell of every account, a line each")

    def _create(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        owner = person(options["owner"]) if options["owner"] else None
        details = Details(
            options["name"],
            options["description"],
            owner,
            options["scope"],
            ends_at=_end_of(options["ends_on"]),
            successor=person(options["successor"]) if options["successor"] else None,
        )
        prepared, text = _new_key(options)
        with key_file.holding(options["key_file"], text):
            issued = actions.create(
                by=by, details=details, key=prepared, within=None, at=now, origin=Origin.COMMAND
            )
        return _told(issued)

    def _regenerate_key(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        account = _account(options["id"])
        prepared, text = _new_key(options)
        with key_file.holding(options["key_file"], text):
            issued = credentials.regenerate(
                by=by,
                account=account,
                choice=prepared,
                keep_old_for=KEEP_OLD[options["keep_old"]],
                revoke_tokens=False,
                within=None,
                at=now,
            )
        return _told(issued)

    def _disable(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        service_accounts.disable(by=by, account=_account(options["id"]), at=now)
        return _facts(_account(options["id"]), now)

    def _enable(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        service_accounts.enable(by=by, account=_account(options["id"]), at=now)
        return _facts(_account(options["id"]), now)

    def _delete(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        account = _account(options["id"])
        actions.delete(by=by, account=account, at=now)
        return {"id": str(account.pk), "name": account.name, "status": "deleted"}

    def _set_scopes(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        account = _account(options["id"])
        service_accounts.set_scopes(by=by, account=account, scopes=options["scope"], at=now)
        return _facts(_account(options["id"]), now)

    def _show(self, by: Actor, now: datetime, options: dict[str, Any]) -> dict[str, Any]:
        account = _account(options["id"], by)
        keys = queries.usable_keys(account, now)
        return _facts(account, now) | {
            "description": account.description,
            "created_at": account.created_at.isoformat(),
            "ends_at": account.ends_at.isoformat() if account.ends_at else None,
            "keys": [_key_facts(key, now) for key in keys],
        }

    def _list(self, by: Actor, now: datetime, options: dict[str, Any]) -> list[dict[str, Any]]:
        rows = _visible(by).select_related("identity", "owner", "successor").order_by("name", "pk")
        return [_facts(account, now) for account in rows.iterator()]


def _end_of(day: str | None) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), tzinfo=UTC)
    except ValueError:
        raise Refused(f"{day!r} is no date, such as 2027-12-31") from None


def _add_key(parser: ArgumentParser) -> None:
    parser.add_argument("--algorithm", choices=ALGORITHMS, default=ALGORITHMS[0])
    parser.add_argument(
        "--expires-in", choices=EXPIRY, default="365d", help="life of the key (default: 365d)"
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        required=True,
        metavar="PATH",
        help="where the private JWK goes; never overwritten",
    )


def _new_key(options: dict[str, Any]) -> tuple[Prepared, str]:
    """A key made here, and the text for its file."""
    key_file.check_free(options["key_file"])
    lifetime = EXPIRY[options["expires_in"]]
    prepared = credentials.prepare(
        KeyChoice(KeyOrigin.COMMAND, options["algorithm"], lifetime=lifetime)
    )
    if prepared.private is None:
        raise Refused("no key was made")
    return prepared, prepared.private.take()


def _visible(by: Actor) -> Any:
    if isinstance(by, Identity):
        return ServiceAccount.objects.visible_to(by)
    return ServiceAccount.objects.existing()


def _account(text: str, by: Actor = SYSTEM) -> ServiceAccount:
    """The account of that id; an actor who only looks finds what they may see."""
    try:
        found = (
            _visible(by)
            .select_related("identity", "owner", "successor")
            .filter(pk=UUID(text))
            .first()
        )
    except ValueError:
        raise Refused(f"{text!r} is no ID of a service account") from None
    if found is None:
        raise Refused(f"there is no service account with the ID {text}")
    return found  # type: ignore[no-any-return]


def _told(issued: Issued) -> dict[str, Any]:
    account, credential = issued.account, issued.credential
    return {
        "id": str(account.pk),
        "name": account.name,
        "kid": credential.key_id if credential else "",
        "scopes": account.scopes,
    }


def _facts(account: ServiceAccount, now: datetime) -> dict[str, Any]:
    return {
        "id": str(account.pk),
        "name": account.name,
        "status": str(account.status_at(now)),
        "owner": account.owner.user_name if account.owner else None,
        "successor": account.successor.user_name if account.successor else None,
        "contact_email": account.identity.email or None,
        "scopes": account.scopes,
    }


def _key_facts(key: Credential, now: datetime) -> dict[str, Any]:
    return {
        "kid": key.key_id,
        "algorithm": key.algorithm,
        "status": str(key.status_at(now)),
        "ends_at": key.ends_at.isoformat() if key.ends_at else None,
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
    }
