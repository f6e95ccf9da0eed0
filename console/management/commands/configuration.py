"""Configuration from one environment to another, through the actions that the pages call."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from accounts.audit.actors import Actor
from accounts.bundles import actions
from accounts.bundles.format import MAX_BYTES, Bundle, parse
from accounts.bundles.plan import BundlePlan, Fate, Line
from console.management.acts import ActsCommand, Refused

DIFFERENCES_WAIT: Final = 3
"""The status of a plan that would change something."""


class Command(ActsCommand):
    help = "Export, plan and import the configuration of the tenant as one bundle."

    def add_acts(self, acts: Any) -> None:
        export = self.act(acts, "export", "write the configuration; without FILE it is printed")
        export.add_argument("file", metavar="FILE", nargs="?", type=Path)
        plan = self.act(
            acts, "plan", "say what importing FILE would do; status 3 when it would do anything"
        )
        plan.add_argument("file", metavar="FILE", type=Path)
        import_ = self.act(acts, "import", "take over all of FILE, or nothing")
        import_.add_argument("file", metavar="FILE", type=Path)
        import_.add_argument(
            "--plan", metavar="ID", help="only if the plan is still the one of this ID"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.status = 0
        super().handle(*args, **options)
        if self.status:
            sys.exit(self.status)

    def _export(self, by: Actor, now: datetime, options: dict[str, Any]) -> Any:
        text = actions.export(by=by, at=now)
        file: Path | None = options["file"]
        if file is None:
            self.stdout.write(text, ending="")
            return []
        try:
            file.write_text(text, "utf-8")
        except OSError as error:
            raise Refused(f"{file} cannot be written: {error.strerror}") from None
        return {"file": str(file)}

    def _plan(self, by: Actor, now: datetime, options: dict[str, Any]) -> list[dict[str, Any]]:
        plan = actions.plan(by=by, bundle=_read(options["file"]), at=now)
        if plan.has_problems:
            self.status = 1
        elif plan.differences:
            self.status = DIFFERENCES_WAIT
        return _told(plan)

    def _import(self, by: Actor, now: datetime, options: dict[str, Any]) -> list[dict[str, Any]]:
        bundle = _read(options["file"])
        return _told(actions.import_(by=by, bundle=bundle, digest=options["plan"], at=now))


def _read(file: Path) -> Bundle:
    try:
        with file.open("rb") as opened:
            return parse(opened.read(MAX_BYTES + 1))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None


def _told(plan: BundlePlan) -> list[dict[str, Any]]:
    """The counts first, then a line for everything that is not simply unchanged."""
    counts = {fate.value: plan.count(fate) for fate in Fate}
    lines = [_line(line) for line in plan.lines if line.fate != Fate.UNCHANGED or line.notes]
    lines.sort(key=lambda line: line["fate"] != Fate.PROBLEM)
    return [{"plan": plan.digest} | counts, *lines]


def _line(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {"fate": line.fate.value, "part": line.part, "name": line.name}
    if line.problem:
        told["problem"] = line.problem
    if line.changes:
        told["changes"] = [
            {"field": c.field, "before": c.before, "after": c.after} for c in line.changes
        ]
    if line.notes:
        told["notes"] = list(line.notes)
    return told
