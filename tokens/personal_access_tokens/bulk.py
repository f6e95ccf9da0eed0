"""Writing many tokens at once; the callers check what may be done, and record it."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from tokens.credentials.models import Credential

AT_ONCE = 500


def take_scopes(
    chosen: QuerySet[Credential], names: Collection[str]
) -> list[tuple[Credential, list[str]]]:
    """Take scopes from tokens; each that had one, with the scopes that it had before."""
    changed = []
    for token in chosen.select_for_update(of=("self",)).order_by("pk"):
        before = list(token.scopes)
        token.scopes = [name for name in before if name not in names]
        if token.scopes != before:
            changed.append((token, before))
    Credential.objects.bulk_update([token for token, _before in changed], ["scopes"], AT_ONCE)
    return changed
