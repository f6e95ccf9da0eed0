"""The one task of the queue: it holds the id of a job, and the job holds everything else."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task

from accounts.jobs.run import run_job


@task()
def run(job_id: str) -> None:
    """Do a job; harmless if it is done already, runs elsewhere or is gone."""
    run_job(UUID(job_id))


def carry(job_id: UUID) -> None:
    """Put a job on the queue that `settings.TASKS` names."""
    run.enqueue(str(job_id))
