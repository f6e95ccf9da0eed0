"""Run background jobs and upkeep; `serve` starts this by itself."""

from __future__ import annotations

import logging
import os
import uuid
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django_tasks_db.management.commands.db_worker import Worker

from accounts.jobs import workers
from console import lifeline
from console.jobs import patience
from console.jobs.sweep import Sweep
from console.upkeep import Upkeep

FINISH_UPKEEP_SECONDS = 10

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run background jobs and upkeep until told to stop."

    def handle(self, *_args: Any, **_options: Any) -> None:
        os.umask(0o077)
        worker = Worker(
            queue_names=["*"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid.uuid4().hex,
            excluded_queue_names=[],
        )
        worker.configure_signals()
        lifeline.follow()
        upkeep, sweep = Upkeep(), Sweep()
        upkeep.start()
        sweep.start()
        try:
            patience.run(worker)
        finally:
            sweep.stop(patience_seconds=FINISH_UPKEEP_SECONDS)
            upkeep.stop(patience_seconds=FINISH_UPKEEP_SECONDS)
            try:
                workers.left()
            except DatabaseError:
                logger.warning("A worker that ends could not say so")
