"""What happens to the workers of a job with two steps, plan and apply, and must not be noticed."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from accounts.models import Job
from tests.jobs.child import Effort, Worker
from tests.jobs.snapshot import Snapshot, empty

ROUNDS: Final = int(os.environ.get("KILL_ROUNDS", "3"))
"""How many random rounds each such test has; `make test` has three."""
SHARES: Final = (0.2, 0.5, 0.8)
"""Of the time that an attempt takes, after which its worker is stopped past its lease."""

Step = Callable[[str], object]
"""Lets workers do what is to be done; told what that is: `plan` or `apply`."""


@dataclass
class Disturbed:
    """A job that is run through with workers to which things happen, and once without any."""

    run_through: Callable[[Step], Snapshot]
    effort_of: dict[str, Effort] = field(default_factory=dict)
    """What an undisturbed attempt takes, by step."""
    _whole: Snapshot | None = None

    def undisturbed(self, processes: Worker) -> Snapshot:
        """What is there where nothing happened; found out once, and leaves the database empty."""
        if self._whole is None:

            def step(name: str) -> None:
                self.effort_of[name] = processes.finish()

            self._whole = self.run_through(step)
            empty()
        return self._whole

    def survives_kills(self, processes: Worker, seed: int) -> None:
        """Killed at random, the end is row by row that of an undisturbed run."""
        wanted = self.undisturbed(processes)
        dice, killed = random.Random(seed), []

        def step(name: str) -> None:
            killed.append(processes.kill_some(dice, self.effort_of[name]))

        assert self.run_through(step) == wanted
        assert any(killed)

    def is_done_once(self, processes: Worker) -> None:
        """Two workers at once do it once."""
        wanted = self.undisturbed(processes)

        def step(name: str) -> None:
            assert processes.together() == [0, 0]

        assert self.run_through(step) == wanted
        assert set(Job.objects.values_list("attempt", flat=True)) == {1}

    def survives_a_stop(self, processes: Worker, share: float) -> None:
        """A worker that was stopped past its lease writes nothing more."""
        wanted = self.undisturbed(processes)

        def step(name: str) -> None:
            after = share * self.effort_of[name].seconds
            assert processes.stop_for_a_while(after=after) == [0, 0]

        assert self.run_through(step) == wanted
