"""`bench submit`: reports over HTTP, each acknowledged after its commit reached the disk.

Two runs. The **timed** run has everything up, as in life: web, worker, followers, live stream. `rate_s`, `p50_ms`,
`p99_ms` come from it, `app_cpu_ms` too: CPU of Granian's processes (the supervisor and its worker) per report.
The **counted** run has worker, followers and live stream standing still, so that every statement of the role
`qlue_app` in pg_stat_statements, and every bit of CPU in its connections, is the web's: `sql_per_report` (BEGIN and
COMMIT count) and `db_cpu_ms`. What the others cost, in both runs, is in the table: followers and worker with their
connections (they also finish after the last report), PostgreSQL's own writers (WAL, checkpoints, vacuum).
The client is one process with `c` threads on kept-alive sockets; its CPU is shown too, for on a small machine it
takes part of what is there.
"""

import resource
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.client import Client
from bench.figures import Figures, cpu_ms, percentile, show
from bench.reports import requests
from bench.stage import Stage, paused, stage, wait_until
from bench.words import Number, understood

WARM_UP = 200
COUNTED = 500
MOST = 200_000
CAUGHT_UP = """
SELECT EXISTS (SELECT FROM timeline_follower) AND NOT EXISTS (SELECT FROM timeline_follower f WHERE EXISTS (
    SELECT FROM timeline_happening h WHERE (h.xid, h.id) > (f.xid::text::xid8, f.last_id)))
    AND NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))
"""
HEARD = "EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'succeeded')"
STATEMENTS = """
SELECT s.calls, s.total_exec_time, regexp_replace(s.query, '\\s+', ' ', 'g') FROM pg_stat_statements s
WHERE s.userid = 'qlue_app'::regrole AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY s.calls DESC, s.total_exec_time DESC
"""


@dataclass
class Outcome:
    """What the clients saw."""

    seconds: float
    times: list[float]
    refused: int


def main(words: Sequence[str]) -> int:
    wanted = understood(
        "submit",
        __doc__,
        words,
        n=Number(2000, 1, MOST, "reports in the timed run"),
        c=Number(8, 1, 64, "clients at once"),
    )
    with stage("makassar") as here:
        _warm_up(here, wanted.c)
        timed, figures, costs = _timed(here, wanted.n, wanted.c)
        counted, statements = _counted(here, wanted.c)
    figures |= counted
    tables = {"CPU per report, ms": costs, "Statements per report": statements}
    figures |= {"n": wanted.n, "c": wanted.c, "refused": timed.refused}
    show(figures, wanted.json, tables)
    return 0


def _send(here: Stage, count: int, clients: int, seed: int) -> Outcome:
    """Makes the requests first, then sends them; the clock runs only while sending."""
    prepared = [request for _uuid, request in requests(count, seed)]
    with ThreadPoolExecutor(clients) as threads:
        started = time.perf_counter()
        parts = list(
            threads.map(lambda part: _send_part(here.port, part), (prepared[at::clients] for at in range(clients)))
        )
        seconds = time.perf_counter() - started
    times = [ms for part, _refused in parts for ms in part]
    return Outcome(seconds, times, sum(refused for _part, refused in parts))


def _send_part(port: int, prepared: list[bytes]) -> tuple[list[float], int]:
    client, times, refused = Client(port), [], 0
    for request in prepared:
        answer = client.ask(request)
        times.append(answer.ms)
        refused += answer.status != 201
    client.close()
    return times, refused


def _warm_up(here: Stage, clients: int) -> None:
    """Until worker and followers have loaded their code too: they do so with the first report they hear of.

    Then the tables are counted for the planner, as autovacuum does within a minute of a new city's first reports.
    """
    _send(here, WARM_UP, clients, seed=1)
    with here.superuser() as database:
        wait_until(f"{CAUGHT_UP} AND {HEARD}", database, 60)
        database.execute("ANALYZE")


def _timed(here: Stage, count: int, clients: int) -> tuple[Outcome, Figures, list[Figures]]:
    kinds = {kind: here.pids(kind) for kind in ("web", "followers", "worker", "live")}
    kinds["PostgreSQL, all of it"] = here.pids("postgres")
    before = {kind: cpu_ms(pids) for kind, pids in kinds.items()}
    own = _own_cpu_ms()
    outcome = _send(here, count, clients, seed=2)
    own = _own_cpu_ms() - own
    web = cpu_ms(kinds["web"]) - before["web"]
    with here.superuser() as database:
        wait_until(CAUGHT_UP, database, 60)
    kinds["PostgreSQL, all of it"] = here.pids("postgres")
    costs: list[Figures] = [
        {"process": kind, "ms": (cpu_ms(pids) - before[kind]) / count} for kind, pids in kinds.items()
    ]
    costs.append({"process": "this client", "ms": own / count})
    figures: Figures = {
        "rate_s": count / outcome.seconds,
        "p50_ms": percentile(outcome.times, 50),
        "p99_ms": percentile(outcome.times, 99),
        "app_cpu_ms": web / count,
    }
    return outcome, figures, costs


def _counted(here: Stage, clients: int) -> tuple[Figures, list[Figures]]:
    others = [pid for kind in ("worker", "followers", "live") for pid in here.pids(kind)]
    with paused(others), here.superuser() as database:
        backends = here.backends()
        before = cpu_ms(backends)
        database.execute("SELECT pg_stat_statements_reset()")
        _send(here, COUNTED, clients, seed=3)
        db_cpu = cpu_ms(backends) - before
        found = database.execute(STATEMENTS.encode()).fetchall()
    statements: list[Figures] = [
        {"statement": str(query)[:90], "calls": calls / COUNTED, "ms": spent / COUNTED}
        for calls, spent, query in found
        if calls >= COUNTED / 50
    ]
    return {"sql_per_report": sum(row[0] for row in found) / COUNTED, "db_cpu_ms": db_cpu / COUNTED}, statements


def _own_cpu_ms() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000
