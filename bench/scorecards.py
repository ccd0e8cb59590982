"""`qlue bench scorecards`: what the page of scorecards asks the database, for each dimension.

A database of its own with one city and `work_score` filled with made-up cases of the last 90 days, a fifth of them
without a resolution; agencies and kelurahan are the pack's, a few with most of the cases. A round is everything behind
the table: statements, percentiles, intervals, ranks and the line of all together, not the HTML. The app's role asks,
so row-level security is in it. People are counted over the whole city, more than any head ever sees.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from bench.figures import Figures, percentile, show
from bench.outbox import installation
from bench.words import Number, understood

DIMS = ("agency", "crew", "person", "kecamatan", "area")
PEOPLE, CREWS = 600, 80
FILL = """
INSERT INTO work_score (city_id, report_id, agency, crew, person, area, created_at, due_at, answer, resolve, in_time,
    open, ever, disputed, returned)
SELECT %(city)s, n, a, CASE WHEN random() < 0.6 THEN a * 1000 + (random() * random() * %(crews)s)::int END,
    CASE WHEN done OR random() < 0.7 THEN a * 1000 + (random() * random() * %(people)s)::int END,
    (%(areas)s::bigint[])[1 + floor(random() * random() * cardinality(%(areas)s::bigint[]))::int], at,
    at + interval '3 days', CASE WHEN done OR random() < 0.7 THEN 12 * ln(1 + 60 * exp(random() * 4)) END,
    CASE WHEN done THEN 12 * ln(1 + 60 * exp(1 + random() * 5)) END, CASE WHEN done THEN random() < 0.8 END, NOT done,
    done OR random() < 0.05, (random() < 0.04)::int, (random() < 0.02)::int
FROM (SELECT n, now() - random() * interval '90 days' AS at, random() < 0.8 AS done,
    (%(agencies)s::bigint[])[1 + floor(random() * random() * cardinality(%(agencies)s::bigint[]))::int] AS a
    FROM generate_series(1, %(rows)s) n) made
"""


def main(words: Sequence[str]) -> int:
    wanted = understood(
        "scorecards",
        __doc__,
        words,
        rows=Number(100_000, 1000, 2_000_000, "cases within 90 days"),
        times=Number(30, 2, 1000, "rounds of each dimension"),
    )
    with installation():
        table = measure(wanted.rows, wanted.times)
    slowest: Figures = {"rows": wanted.rows, "slowest_p95_ms": max(float(row["p95_ms"]) for row in table)}
    show(slowest, wanted.json, {"dimensions": table})
    return 0


def measure(count: int, times: int) -> list[Figures]:
    """A row of figures per dimension."""
    from qlue.cities.facts import city_facts
    from qlue.kit.db import enter_city

    city = city_facts("makassar")
    assert city
    enter_city(city.id)
    fill(city, count)
    return [_row(city, dim, times) for dim in DIMS]


def fill(city: Any, count: int) -> None:
    """Made-up cases."""
    from qlue.kit.db import execute

    areas = [key for key, area in city.areas.items() if area.level == "kelurahan"]
    agencies = list(city.agencies)
    size = {"people": PEOPLE // len(agencies), "crews": CREWS // len(agencies)}
    execute(FILL, {"city": city.id, "rows": count, "areas": areas, "agencies": agencies} | size)
    with psycopg.connect(os.environ["QLUE_DATABASE_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE work_score")


def _row(city: Any, dim: str, times: int) -> Figures:
    from qlue.work.queries.scorecards import scorecard_table

    taken = []
    for _ in range(times + 2):
        begun = time.perf_counter()
        found, whole = scorecard_table(city, dim, 90)
        taken.append(1000 * (time.perf_counter() - begun))
    taken = taken[2:]  # the first ones find pages and statements new
    return {
        "dimension": dim,
        "cards": len(found),
        "cases": whole.n,
        "p50_ms": percentile(taken, 50),
        "p95_ms": percentile(taken, 95),
    }
