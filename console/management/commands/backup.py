"""Write the database and its keys into one file, while everything goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from console.backups import actions
from console.management import backups


class Command(BaseCommand):
    help = (
        "Write database and keys into FILE, which must not be there yet, and check what it holds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        backups.add_arguments(parser)
        parser.add_argument(
            "--without-keys",
            action="store_true",
            help="leave the keys out: keep them by other means, nothing sealed opens without them",
        )

    def handle(
        self,
        *_args: Any,
        file: Path,
        passphrase_file: Path | None,
        without_keys: bool,
        **_options: Any,
    ) -> None:
        with backups.in_one_line():
            phrase = "" if without_keys else backups.passphrase(passphrase_file, is_new=True)
            manifest = actions.back_up(by=SYSTEM, file=file, passphrase=phrase, at=timezone.now())
        kept = "without keys" if without_keys else "with the keys under the passphrase"
        rows, size = sum(manifest.rows.values()), file.stat().st_size
        self.stdout.write(
            f"{file}: {len(manifest.rows)} tables with {rows:,} rows, {kept}; "
            f"{size:,} bytes, checked."
        )
