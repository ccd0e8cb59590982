"""Each night: hot spots, forecasts, recommendations, and the results of earlier decisions.

The computation runs in a process of its own: its libraries take some 300 MB that the worker would never give back, and
one that hangs can be ended without the worker.
"""

import logging
import subprocess
import sys

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import all_cities
from qlue.insight.actions.enqueue import enqueue_compute
from qlue.kit.parts import install_command, installed

MOST_SECONDS = 1_800
RETRY = RetryStrategy(max_attempts=3, wait=600)

log = logging.getLogger(__name__)


@app.periodic(cron="20 18 * * *")
@app.task(queueing_lock="compute_insight")
def compute_all(timestamp: int) -> None:
    """At night in all of Indonesia (18:20 UTC): one job for each joined city."""
    for city in all_cities():
        if city.joined:
            enqueue_compute(city.slug)


@app.task(retry=RETRY)
def compute(slug: str) -> None:
    """One city, in its own process; raises when that fails, so that it is tried again and the doctor sees it."""
    if not installed("insight"):
        log.info("insight of %s: not computed, the part is not installed: %s", slug, install_command("insight"))
        return
    command = [sys.executable, "-m", "django", "insight", "compute", "--city", slug, "--json"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    if process.returncode:
        raise RuntimeError(f"insight of {slug}: {process.stderr.strip()[-500:]}")
    log.info("insight of %s: %s", slug, process.stdout.strip())
