"""A call is tried."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import HttpRequest

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.models import Identity
from tokens.explorer.dispatch import Answer, Sent, dispatch, served
from tokens.explorer.minting import NAME, mint
from tokens.explorer.operations import Operation

HEADERS_OF_OURS: Final = frozenset({"authorization", "cookie", "content-length", "host"})
"""What nobody sets: the call is made as whoever was chosen, and as nobody else."""


def send(
    *,
    by: Identity,
    acting: Identity,
    operation: Operation,
    sent: Sent,
    asking: HttpRequest,
    at: datetime,
) -> Answer:
    """Make one call as `acting`, with a token of those scopes that the operation needs.

    The token lives for this call and nobody sees it. What the call does is recorded by what it
    calls, as of a program; that somebody tried it is recorded here.

    Raises:
        NotAllowed
        HolderNotActive
        NotServed
    """
    check_may(by, Permission.API_EXPLORER_USE)
    served(sent.path)  # before a token is made for nothing
    token = mint(by=by, holder=acting, scopes=operation.scopes, at=at)
    kept = {name: v for name, v in sent.headers.items() if name.lower() not in HEADERS_OF_OURS}
    headers = {"User-Agent": NAME} | kept | {"Authorization": f"Bearer {token}"}
    answer = dispatch(asking, Sent(sent.method, sent.path, sent.query, headers, sent.body))
    record(
        "api_explorer.sent",
        by=by,
        subject=acting,
        detail={
            "operation": operation.name,
            "method": sent.method,
            "path": sent.path,
            "status": answer.status,
        },
        at=at,
    )
    return answer
