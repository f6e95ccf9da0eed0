"""What tests of local vaults do over and over."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import (
    Identity,
    StoredAccount,
    TrustedSession,
    Vault,
)
from accounts.vault.local import actions, keys
from accounts.vault.models import MemberRole, SecretName
from tests.factories.local_vaults import (
    ciphertext,
    trust,
    wrap,
)


def join(ada: Identity, here: TrustedSession, vault: Vault, person: Identity) -> TrustedSession:
    """A member whose browser was handed the key."""
    now = timezone.now()
    keys.add_member(by=ada, vault=vault, person=person, role=MemberRole.MEMBER, at=now)
    session = trust(person)
    given = keys.give(
        by=ada, vault=vault, from_session=here, version=1, wraps=[wrap(session.pk)], at=now
    )
    assert given == 1
    return session


def put(ada: Identity, here: TrustedSession, item: StoredAccount, **values: Any) -> int:
    said: dict[str, Any] = {
        "name": SecretName.PASSWORD,
        "serial": 2,
        "envelopes": [ciphertext()],
        "at": timezone.now(),
    }
    return actions.put(by=ada, from_session=here, item=item, **said | values)
