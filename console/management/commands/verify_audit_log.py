"""Hold the audit log against its checkpoints: the proof that it is as it was written."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts.audit.proof import exported, queries, verifying
from accounts.lib.errors import DomainError


class Command(BaseCommand):
    help = "Verify the audit log; status 3 where it is not as it was written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument(
            "--checkpoint",
            metavar="FILE",
            type=Path,
            help="a checkpoint that was kept outside: the log must still lead to it",
        )
        chosen.add_argument(
            "--export", action="store_true", help="print the last checkpoint, to be kept outside"
        )

    def handle(self, *_args: Any, checkpoint: Path | None, export: bool, **_options: Any) -> None:
        try:
            known = exported.read(checkpoint.read_text("utf-8")) if checkpoint else None
        except (OSError, UnicodeDecodeError, DomainError) as error:
            self.stderr.write(f"steward: {checkpoint}: {error}")
            sys.exit(1)
        if export:
            self._export()
            return
        verdict = verifying.verify(known=known)
        self.stdout.write(json.dumps(verdict.as_result(), ensure_ascii=False))
        if verdict.faults:
            sys.exit(3)

    def _export(self) -> None:
        last = queries.last()
        if last is None:
            self.stderr.write("steward: there is no checkpoint yet; the worker makes one a minute")
            sys.exit(1)
        self.stdout.write(exported.export(last).as_text(), ending="")
