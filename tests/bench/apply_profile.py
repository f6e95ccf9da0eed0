"""How long Apply Changes takes, and how much memory: five mappings, three through transforms.

First all accounts become identities, then nothing has changed, then 1 % of the accounts have.
Each is the whole job, as a worker does it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.bench.accounts_file import write
from tests.bench.fresh import peak_rss_mb, prepare, tell, timed, total
from tests.bench.import_accounts import bring, make_source


def make_profile(kind: str) -> tuple[Any, Any]:
    """A source and its profile."""
    from accounts.profiles.mappings import MappingDraft
    from tests.factories import profiles

    source = make_source("Service Accounts")
    of_account = {"sourceName": source.name, "attributeName": "name"}
    values = [{"type": "accountAttribute", "attributes": of_account}, " of ", {"type": "lower"}]
    whole = {"type": "concat", "attributes": {"values": values}}
    drafts = [
        MappingDraft("uid", "name", definition={"type": "lower"}),
        MappingDraft("email", "e-mail"),
        MappingDraft("lastname", "name", definition={"type": "upper"}),
        MappingDraft("firstname", "name"),
        MappingDraft("displayName", "id", definition=whole),
    ]
    return source, profiles.map_all(profiles.make_profile(source, kind=kind), drafts)


def process(name: str, profile: Any, rows: int, **wanted: int) -> None:
    from tests.factories import profiles

    done: Any = None

    def plan() -> None:
        nonlocal done
        done = profiles.plan(profile)

    planned = timed(plan)
    assert done.effects == wanted, done.effects
    applied = timed(lambda: done.is_finished or profiles.apply(done))
    whole = total(planned, applied)
    tell(
        f"apply changes, {name}",
        **whole,
        accounts_per_second=int(rows / max(whole["seconds"], 0.01)),
        plan=planned["seconds"],
        apply=applied["seconds"],
        **wanted,
        peak_rss_mb=peak_rss_mb(),
    )


def main(rows: int, kind: str = "person") -> None:
    folder = prepare()
    source, profile = make_profile(kind)

    def import_file(path: Path) -> None:
        bring("for apply changes", source, path, rows)

    import_file(write(folder / "first.csv", rows))
    process("first", profile, rows, created=rows)
    process("unchanged", profile, rows)
    import_file(write(folder / "delta.csv", rows, moved=1))
    process("1 % changed", profile, rows, changed=len(range(1, rows, 100)))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
