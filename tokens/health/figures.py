"""What is asked of the database when somebody collects the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.jobs import workers
from accounts.jobs.states import UNFINISHED
from accounts.models import Job
from tokens.models import Credential

ENDING_WITHIN_DAYS: Final = (7, 30)


class FromDatabase(Collector):
    """Gauges; each is one statement over an index."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        jobs = GaugeMetricFamily(
            "steward_jobs", "Background jobs that are not done, by state.", labels=["state"]
        )
        found = {
            row["state"]: row
            for row in Job.objects.unfinished()
            .order_by()
            .values("state")
            .annotate(many=Count("pk"), oldest=Min("created_at"))
        }
        for state in UNFINISHED:
            jobs.add_metric([str(state.value)], found[state]["many"] if state in found else 0)
        yield jobs
        waits = [(now - row["oldest"]).total_seconds() for row in found.values()]
        yield GaugeMetricFamily(
            "steward_oldest_job_seconds",
            "Age of the oldest background job that is not done.",
            value=max(waits, default=0.0),
        )
        yield GaugeMetricFamily(
            "steward_workers", "Workers that gave a sign of life.", value=workers.alive_at(now)
        )
        ending = GaugeMetricFamily(
            "steward_credentials_ending",
            "Keys and tokens in use that end within so many days.",
            labels=["kind", "days"],
        )
        for days in ENDING_WITHIN_DAYS:
            rows = (
                Credential.objects.usable_at(now)
                .filter(expires_at__lte=now + timedelta(days=days))
                .order_by()
                .values_list("kind")
                .annotate(many=Count("pk"))
            )
            for kind, many in rows:
                ending.add_metric([kind, str(days)], many)
        yield ending
