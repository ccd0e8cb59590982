"""Queueing the computation of a city."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

# By name: importing the job would load the worker's modules into every web process.
COMPUTE = "qlue.insight.jobs.policy.compute"


def enqueue_compute(slug: str) -> None:
    """Defers one job for the worker; while one waits, further calls change nothing."""
    with suppress(AlreadyEnqueued):
        app.configure_task(COMPUTE, queueing_lock=f"compute_insight {slug}").defer(slug=slug)
