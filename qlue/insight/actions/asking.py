"""Asking for a city to be computed soon."""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

COMPUTE = "qlue.insight.jobs.policy.compute"


def compute_soon(slug: str) -> None:
    """A job for the worker; one, however often it is asked for before it begins."""
    with suppress(AlreadyEnqueued):
        app.configure_task(COMPUTE, queueing_lock=f"compute_insight {slug}").defer(slug=slug)
