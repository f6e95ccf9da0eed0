"""Make an empty installation the one that a backup was made of, or say what that would revive."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from console.backups import actions, archive, credentials
from console.management import backups


class Command(BaseCommand):
    help = "Restore FILE into an empty database; with --compare, change nothing."
    # there is no database to check yet
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        backups.add_arguments(parser)
        parser.add_argument(
            "--compare",
            action="store_true",
            help="list the keys and tokens that worked then and were ended here since, a line of "
            "JSON each: a restore would revive them",
        )

    def handle(
        self, *_args: Any, file: Path, passphrase_file: Path | None, compare: bool, **_options: Any
    ) -> None:
        with backups.in_one_line():
            if compare:
                self._compare(file)
            else:
                self._restore(file, passphrase_file)

    def _compare(self, file: Path) -> None:
        with archive.reading(file) as reader:
            reader.check()
            for working in credentials.revived(reader):
                self.stdout.write(json.dumps(asdict(working), ensure_ascii=False))

    def _restore(self, file: Path, passphrase_file: Path | None) -> None:
        with archive.reading(file) as reader:
            has_keys = bool(reader.keys)
        if passphrase_file is not None and not has_keys:
            raise CommandError(
                "the backup holds no keys, though a passphrase was named: somebody may have "
                "changed it; without keys nothing proves what it holds"
            )
        phrase = backups.passphrase(passphrase_file, is_new=False) if has_keys else ""
        done = actions.restore(by=SYSTEM, file=file, passphrase=phrase, at=timezone.now())
        rows = sum(done.manifest.rows.values())
        self.stdout.write(
            f"Restored what was there at {done.manifest.made_at}: {rows:,} rows, checked. "
            f"{done.working:,} keys and tokens work, also those that were ended since."
        )
        if not has_keys:
            self.stdout.write(
                "The backup holds no keys: put the sealing key file in place before you start."
            )
        for sentence in done.by_hand:
            self.stdout.write(sentence)
