"""The queue's own housekeeping: what a killed worker left behind runs again, what is long over goes away."""

import logging

from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status

MOST_ATTEMPTS = 20  # a job that takes its worker down again and again ends as failed
SILENT_S = 30  # a worker that lives says so every ten seconds
KEPT_HOURS = 7 * 24  # long enough to see after a weekend what ran

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Each minute: jobs whose worker was killed while it did them go back into the queue."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_S):
        if job.attempts < MOST_ATTEMPTS:
            await manager.retry_job(job)
        else:
            log.error("job %s of %s took its worker down %s times; given up", job.id, job.task_name, job.attempts)
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="forget_old_jobs", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Each hour: jobs that succeeded a week ago are forgotten; failed ones stay for people to look at."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)
