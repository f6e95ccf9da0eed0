"""A whole worker whose clock begins at another time: `python -m tests.jobs.worker_at ISO-TIME`."""

from __future__ import annotations

import sys
from datetime import datetime

import time_machine


def main() -> None:
    import django
    from django.core.management import call_command

    with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True):
        django.setup()
        call_command("worker")


if __name__ == "__main__":
    main()
