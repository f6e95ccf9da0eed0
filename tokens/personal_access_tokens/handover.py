"""Old secrets do not outlive a change of hands.

Whoever made a token has seen its secret, and nobody can tell whether they kept it. So with a new
owner of a service account, and with the reset of a person, the tokens go whose secrets the one
before knows: at once and by themselves, because a list of things still to be revoked is what
nobody gets round to. What they are used by stops with them, which is why the page that asks
names each one, with its last use, and lets a new owner keep them by a tick.

Keys are left alone: an account has few, and to regenerate one says who signs with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.actions import lock
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.policies import may_manage
from tokens.credentials.models import Credential
from tokens.personal_access_tokens import policies, queries

RESET_COUNT: Final = "personal_access_tokens_revoked"
"""What the event of a reset calls their number."""


def known_to_owner(account: ServiceAccount) -> QuerySet[Credential]:
    """The tokens of an account whose secrets its owner may have.

    Those that they made, and those that the account made itself: somebody had signed in as it,
    and the owner is who could. Those of owners before them count as well, which somebody had kept
    by a tick. Those that an administrator made are theirs to look after.
    """
    held = queries.held_by(account.identity)
    makers = Identity.objects.get_queryset().in_bulk(set(held.values_list("made_by_id", flat=True)))
    managing = {pk for pk, maker in makers.items() if may_manage(maker) and pk != account.owner_id}
    if account.owner_id is None:
        managing.add(account.pk)
    return held.exclude(made_by_id=None).exclude(made_by_id__in=managing)


def made_for_accounts(person: Identity) -> QuerySet[Credential]:
    """The tokens that somebody made for service accounts; those that are not revoked."""
    made = queries.tokens().filter(made_by_id=person.pk, revoked_at=None)
    return made.exclude(identity=person).order_by("identity__display_name", "name_key", "id")


@transaction.atomic
def hand_over(*, by: Actor, before: ServiceAccount, keep: bool, at: datetime) -> None:
    """Revoke what the owner `before` knows, or record that it is kept; the caller has checked
    that `by` may give the account another owner, and has done it.

    The account is locked, as who makes a token does: one that the old owner is making now is
    either seen here or refused there. To keep them needs no lock.
    """
    if not keep:
        lock(before.identity)
    for token in known_to_owner(before):
        if keep:
            record("personal_access_token.kept", by=by, at=at, **_about(token))
        else:
            _revoke(by, token, at, reason=_("The service account has another owner now."))


def forget(*, by: Actor, identity: Identity, at: datetime) -> int:
    """Revoke all tokens that act as a person who is reset; answers how many there were.

    What they made for service accounts goes on working: a reset is often no more than a lost
    phone, and who may do it may not always stop a service account. Its page names those tokens.
    The tokens of a service account are the account's, not of whoever signs in as it.
    """
    held: Iterable[Credential] = queries.held_by(identity) if identity.is_person else ()
    revoked = [_revoke(by, token, at, reason=_("The identity was reset.")) for token in held]
    return sum(revoked)


def _revoke(by: Actor, token: Credential, at: datetime, *, reason: str) -> bool:
    changed = Credential.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=at, revoked_by=by.label[:200]
    )
    if changed:
        record("personal_access_token.revoked", by=by, reason=reason, at=at, **_about(token))
    return bool(changed)


def _about(token: Credential) -> dict[str, Any]:
    """What an event of a token is about, and which one it is."""
    detail = {"name": token.name, "credential": str(token.pk)}
    return {"subject": policies.subject_of(token.identity), "detail": detail}
