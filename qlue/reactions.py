"""Which background jobs follow which events. The first follower of the timeline defers them with its own cursor.

Reports' events say in their rule (`reports.states`) which reactions follow; this page names the job behind each. A job
gets a city and the ids of events, as many as came in one batch: a job for each would cost a worker more than the
report cost the web.
"""

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from qlue.kit.clock import now
from qlue.reports.states import EVENT_RULES, Reaction
from qlue.timeline.records import EventRecord

JOBS = {
    Reaction.NOTIFY_AGENCY: "qlue.work.jobs.notify_agency",
    Reaction.NOTIFY_REPORTER: "qlue.channels.jobs.notify_reporter",
    Reaction.CHECK_NEW_REPORT: "qlue.insight.jobs.sorting.look_at_new",
    Reaction.FORGET_REPORTER: "qlue.channels.jobs.forget_reporters",
}
WRITE_TO_AUTHORITY = "qlue.channels.jobs.write_to_authority"

MOST_EVENTS_PER_JOB = 100  # what fails is tried again together
TOO_OLD = timedelta(days=7)  # history that is written now, such as the demo's, needs no notice

REACTIONS: dict[str, list[str]] = {
    event: [JOBS[reaction] for reaction in rule.reactions] for event, rule in EVENT_RULES.items() if rule.reactions
} | {
    "outside.asked": [WRITE_TO_AUTHORITY],
    "outside.renewed": [WRITE_TO_AUTHORITY],
    "outside.reminded": [WRITE_TO_AUTHORITY],
    "outside.withdrawn": [WRITE_TO_AUTHORITY],
    "outside.done": [WRITE_TO_AUTHORITY],
    "outside.not_ours": [WRITE_TO_AUTHORITY],
}


def _jobs_for(kind: str) -> list[str]:
    """Of a new report only e-mail notifies: a chat has shown the code already, and a browser asks afterwards."""
    is_silent = kind == "report.submitted" and not settings.EMAIL_HOST
    notify_reporter = JOBS[Reaction.NOTIFY_REPORTER]
    return [job for job in REACTIONS.get(kind, []) if job != notify_reporter or not is_silent]


def handle(batch: list[EventRecord]) -> None:
    """Defers the jobs of the batch; inside the follower's transaction, so each event causes its jobs exactly once."""
    oldest = now() - TOO_OLD
    event_ids: dict[tuple[str, int], list[JSONValue]] = defaultdict(list)
    for event in batch:
        for job in _jobs_for(event.kind) if event.at > oldest else ():
            event_ids[job, event.city_id].append(event.id)
    for (job, city), ids in event_ids.items():
        for first in range(0, len(ids), MOST_EVENTS_PER_JOB):
            # The argument's name stands in the queue: jobs that an older version has deferred carry it too.
            chunk = ids[first : first + MOST_EVENTS_PER_JOB]
            app.configure_task(job, allow_unknown=False).defer(city_id=city, happenings=chunk)
