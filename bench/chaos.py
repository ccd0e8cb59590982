"""`bench chaos`: `kill -9` of everything in turn while reports come in; nothing acknowledged may be lost or doubled.

Clients send each report with a uuid of its own and, where no answer or a 5xx comes, send the same one again, as a
phone would. Between them, at random moments, processes are killed: Granian's supervisor or worker, the job worker, the
followers, the PostgreSQL server or one of its children; `qlue up` has to bring each back by itself. Afterwards:

* `acknowledged`: reports with an answer 200 or 201; `stored`: rows in the database;
* `lost`: acknowledged ones whose code and uuid are not stored together;
* `duplicated`: rows too many for one uuid, answers with different codes for one uuid, happenings `report.submitted`
  beyond one for each report, and happenings told to more than one job of a reaction.
* `unheard`: reports without a happening, and happenings that no job of a reaction was told.
"""

import argparse
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from bench.client import Client
from bench.figures import Figures, say, show
from bench.reports import CITY, requests
from bench.stage import Stage, stage, wait_until
from bench.submit import CAUGHT_UP
from bench.words import Number, understood

TARGETS = ("web", "worker", "followers", "postgres")
MOST = 100_000
LONGEST_S = 480
ROWS = "SELECT uuid, report_code('MKS', id), id FROM reports_report"
TOLD = "SELECT report_id, id FROM timeline_happening WHERE kind = 'report.submitted'"
JOBS = """
SELECT task_name, told::bigint FROM procrastinate_jobs, jsonb_array_elements_text(args -> 'happenings') AS told
WHERE args ? 'happenings'
"""


@dataclass
class Sent:
    """What the clients know: codes by uuid, how often they had to ask again, and what they gave up."""

    codes: dict[UUID, set[str]] = field(default_factory=dict)
    repeats: int = 0
    given_up: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, uuid: UUID, code: str) -> None:
        with self.lock:
            self.codes.setdefault(uuid, set()).add(code)


def main(words: Sequence[str]) -> int:
    wanted = understood(
        "chaos",
        __doc__,
        words,
        n=Number(2000, 10, MOST, "reports to send"),
        c=Number(4, 1, 64, "clients at once"),
        kills=Number(16, 0, 200, "how many processes to kill"),
        seed=Number(1, 0, 2**31, "of the dice that choose whom and when"),
    )
    dice = random.Random(wanted.seed)
    with stage(CITY) as here:
        sent = Sent()
        started = time.monotonic()
        kills = _storm(here, wanted, dice, sent)
        seconds = time.monotonic() - started
        say("all is quiet again; waiting until every follower has caught up")
        figures, told = _compare(here, sent)
    by_target: list[Figures] = [{"killed": name, "times": kills[name]} for name in TARGETS]
    figures |= {"kills": kills.total(), "repeats": sent.repeats, "given_up": sent.given_up, "seconds": seconds} | told
    show(figures, wanted.json, {"kills": by_target})
    return 0


def _storm(here: Stage, wanted: argparse.Namespace, dice: random.Random, sent: Sent) -> Counter[str]:
    """Clients and killer at the same time; kills are spread over the reports, not over the clock."""
    prepared = list(requests(wanted.n, wanted.seed, per_address=5))
    deadline = time.monotonic() + LONGEST_S
    moments = sorted(dice.sample(range(wanted.n), min(wanted.kills, wanted.n)))
    targets = [TARGETS[number % len(TARGETS)] for number in range(len(moments))]
    dice.shuffle(targets)
    kills: Counter[str] = Counter()
    with ThreadPoolExecutor(wanted.c) as threads:
        parts = [threads.submit(_send, here.port, prepared[at :: wanted.c], sent, deadline) for at in range(wanted.c)]
        for moment, target in zip(moments, targets, strict=True):
            while len(sent.codes) < moment and not all(part.done() for part in parts):
                time.sleep(0.005)
            if here.kill(target, dice, 15):
                kills[target] += 1
                say(f"{len(sent.codes):,} acknowledged, killed {target}")
        for part in parts:
            part.result()
    return kills


def _send(port: int, prepared: list[tuple[UUID, bytes]], sent: Sent, deadline: float) -> None:
    client = Client(port)
    for uuid, request in prepared:
        while not (code := _try(client, request)):
            sent.repeats += 1
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        if code:
            sent.answered(uuid, code)
        else:
            sent.given_up += 1
    client.close()


def _try(client: Client, request: bytes) -> str:
    """The report's code, or nothing when the client cannot know whether it was stored."""
    try:
        answer = client.ask(request)
    except OSError:
        return ""
    if answer.status in (200, 201):
        return str(json.loads(answer.body)["code"])
    if answer.status < 500:
        raise SystemExit(f"the report was refused: {answer.status} {answer.body.decode(errors='replace')}")
    client.close()
    return ""


def _compare(here: Stage, sent: Sent) -> tuple[Figures, Figures]:
    with _connect(here) as database:
        caught_up = wait_until(CAUGHT_UP, database, 120)
        found = database.execute(ROWS).fetchall()
        told = Counter(row[0] for row in database.execute(TOLD).fetchall())
        happenings = [row[1] for row in database.execute(TOLD).fetchall()]
        jobs = Counter(database.execute(JOBS).fetchall())
    stored = {(uuid, code) for uuid, code, _id in found}
    lost = sum((uuid, code) not in stored for uuid, codes in sent.codes.items() for code in codes)
    reactions = {task for task, _happening in jobs} or {"a job"}
    doubled = len(found) - len({uuid for uuid, _code, _id in found})
    doubled += sum(len(codes) - 1 for codes in sent.codes.values())
    doubled += sum(count - 1 for count in (*told.values(), *jobs.values()))
    unheard = sum(report not in told for _uuid, _code, report in found)
    unheard += sum((task, happening) not in jobs for task in reactions for happening in happenings)
    figures: Figures = {"acknowledged": len(sent.codes), "stored": len(found), "lost": lost, "duplicated": doubled}
    return figures, {"unheard": unheard, "jobs": jobs.total(), "caught_up": int(caught_up)}


def _connect(here: Stage) -> psycopg.Connection:
    """The server may be coming back just now."""
    for _ in range(300):
        with suppress(psycopg.OperationalError):
            return here.superuser()
        time.sleep(0.2)
    return here.superuser()
