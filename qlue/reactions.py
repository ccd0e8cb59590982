"""What happened -> which jobs react. The first follower of the timeline defers them with its cursor's own commit.

A job is told a city and the ids of happenings, as many as came in one batch: a job for each would cost a worker more
than the report cost the web.
"""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from qlue.kit.clock import now
from qlue.timeline.actions import Happened

NOTIFY_AGENCY = "qlue.work.jobs.notify_agency"
LOOK_AT_NEW = "qlue.insight.jobs.sorting.look_at_new"
NOTIFY_REPORTER = "qlue.channels.jobs.notify_reporter"
WRITE_TO_AUTHORITY = "qlue.channels.jobs.write_to_authority"

MOST = 100  # happenings for one job: what fails is tried again together
TOO_OLD = timedelta(days=7)  # history that is told now, such as the demo's, needs no notice

REACTIONS: dict[str, list[str]] = {
    "report.submitted": [NOTIFY_AGENCY, NOTIFY_REPORTER, LOOK_AT_NEW],
    "report.accepted": [NOTIFY_REPORTER],
    "report.assigned": [NOTIFY_AGENCY],
    "report.started": [NOTIFY_REPORTER],
    "report.held": [NOTIFY_REPORTER],
    "report.resolved": [NOTIFY_REPORTER],
    "report.rejected": [NOTIFY_REPORTER],
    "report.rerouted": [NOTIFY_AGENCY, NOTIFY_REPORTER],
    "report.recategorised": [NOTIFY_AGENCY, NOTIFY_REPORTER],
    "report.handed_over": [NOTIFY_REPORTER],
    "report.served": [NOTIFY_REPORTER],
    "report.merged": [NOTIFY_REPORTER],
    "report.disputed": [NOTIFY_AGENCY],
    "report.doubted": [NOTIFY_AGENCY],
    "report.erased": ["qlue.channels.jobs.forget_reporters"],
    "outside.asked": [WRITE_TO_AUTHORITY],
    "outside.renewed": [WRITE_TO_AUTHORITY],
    "outside.reminded": [WRITE_TO_AUTHORITY],
    "outside.withdrawn": [WRITE_TO_AUTHORITY],
    "outside.done": [WRITE_TO_AUTHORITY],
    "outside.not_ours": [WRITE_TO_AUTHORITY],
    "report.sent_back": [NOTIFY_AGENCY, NOTIFY_REPORTER],
}


def _reacting(kind: str) -> list[str]:
    """Of a new report only e-mail tells: who wrote from a chat has read the code there, a browser asks afterwards."""
    silent = kind == "report.submitted" and not settings.EMAIL_HOST
    return [name for name in REACTIONS.get(kind, []) if name != NOTIFY_REPORTER or not silent]


def handle(batch: list[Happened]) -> None:
    """Defers the jobs of the batch; inside the follower's transaction, so each happening is told exactly once."""
    oldest = now() - TOO_OLD
    told: dict[tuple[str, int], list[JSONValue]] = defaultdict(list)
    for happened in batch:
        for name in _reacting(happened.kind) if happened.at > oldest else ():
            told[name, happened.city_id].append(happened.id)
    for (name, city), happenings in told.items():
        for first in range(0, len(happenings), MOST):
            some = happenings[first : first + MOST]
            app.configure_task(name, allow_unknown=False).defer(city_id=city, happenings=some)
