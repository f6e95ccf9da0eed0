"""What the background worker does once a minute: the functions that `settings.UPKEEP` names."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

EVERY_SECONDS = 60

logger = logging.getLogger(__name__)


class Upkeep(threading.Thread):
    """Runs the functions at once, and then every minute until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="upkeep", daemon=True)
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            run_once()
            self._stopped.wait(EVERY_SECONDS)

    def stop(self, *, patience_seconds: float) -> None:
        """Start nothing more, and wait for what runs."""
        self._stopped.set()
        self.join(patience_seconds)


def run_once() -> None:
    """Call each function; one that fails does not keep the others from running."""
    for name in settings.UPKEEP:
        close_old_connections()
        try:
            import_string(name)()
        except Exception:
            logger.exception("Upkeep failed", extra={"upkeep": name})
    close_old_connections()
