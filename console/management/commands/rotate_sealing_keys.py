"""Rotating the keys by which secrets are sealed, from the command line."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs.run import run_job
from accounts.lib.errors import DomainError
from accounts.sealing import actions, queries, ring_file


class Command(BaseCommand):
    help = "Add a sealing key that seals from now on, and have all sealed values wrapped by it."

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--status", action="store_true", help="say which key seals how much")
        choice.add_argument(
            "--rewrap", action="store_true", help="add no key, only wrap all by the newest one"
        )
        choice.add_argument("--take-out", metavar="KEY", help="take a key out that nothing uses")
        parser.add_argument(
            "--here", action="store_true", help="wrap in this process, not in the worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["take_out"]:
                self._take_out(options["take_out"])
            elif not options["status"]:
                self._rotate(add=not options["rewrap"], here=options["here"])
        except DomainError as error:
            self._refuse(error.message)
        self._tell()

    def _rotate(self, *, add: bool, here: bool) -> None:
        if add:
            made = actions.rotate(by=SYSTEM, at=timezone.now())
            self.stdout.write(f"Key {made.key_id} seals from now on.")
        else:
            actions.rewrap(by=SYSTEM, at=timezone.now())
        job = queries.current_job()
        if here and job is not None:
            run_job(job.pk)

    def _take_out(self, key: str) -> None:
        beside = actions.take_out(by=SYSTEM, key=key, at=timezone.now())
        self.stdout.write(
            f"Key {key} is off the ring. A copy is in {beside}: keep it, apart from them, as long "
            "as backups of the database from before the rotation."
        )

    def _tell(self) -> None:
        for key in queries.all_keys(timezone.now()):
            does = "seals" if key.seals else "opens" if key.on_ring else "MISSING"
            hint = ", may be taken out" if key.may_go else ""
            self.stdout.write(f"{key.key_id}  {does:7}  {key.values} values{hint}")
        job = queries.current_job()
        if job is not None:
            total = "?" if job.total is None else job.total
            self.stdout.write(f"Wrapping: {job.state}, {job.done} of {total}")
        self.stdout.write(f"The keys are in {ring_file.path()}")

    @staticmethod
    def _refuse(why: str) -> NoReturn:
        sys.stderr.write(f"steward: {why}\n")
        raise SystemExit(1)
