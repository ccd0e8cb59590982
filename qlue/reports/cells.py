"""The follower behind wide maps: public reports of a category, and of all, in each z17 tile, by colour."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from qlue.kit.db import execute
from qlue.reports.states import COLOURS
from qlue.timeline.actions import Happened

ALL = 0  # the category that stands for all of them, so that a map of everything reads as few rows as one of a kind

# Rows in the order of the key, so that two writers never wait for each other in a circle.
ADD = f"""
INSERT INTO reports_mapcell AS t (city_id, category_id, cell, red, yellow, green, grey)
SELECT city, k.category, cell,
    sum(sign * (colour = 'red')::int), sum(sign * (colour = 'yellow')::int),
    sum(sign * (colour = 'green')::int), sum(sign * (colour = 'grey')::int)
FROM jsonb_to_recordset(%(deltas)s::jsonb) AS d(sign int, city bigint, cell bigint, category bigint, colour text)
CROSS JOIN LATERAL (VALUES (d.category), ({ALL})) AS k(category)
GROUP BY city, k.category, cell ORDER BY city, k.category, cell
ON CONFLICT (city_id, category_id, cell) DO UPDATE SET red = t.red + excluded.red,
    yellow = t.yellow + excluded.yellow, green = t.green + excluded.green, grey = t.grey + excluded.grey
"""


def handle(batch: list[Happened]) -> None:
    """Adds a batch of happenings to the cells in one statement, inside the follower's transaction."""
    found = list(deltas(batch))
    if found:
        execute(ADD, {"deltas": msgspec.json.encode(found).decode()})


def deltas(batch: Iterable[Happened]) -> Iterator[dict[str, Any]]:
    """-1 where a public report stood and +1 where it stands now, wherever place, category or colour changed."""
    for happened in batch:
        before, after = (_seen(happened, when) for when in ("was", "now"))
        if before != after:
            yield from ({"sign": sign, **seen} for sign, seen in ((-1, before), (1, after)) if seen)


def _seen(happened: Happened, when: str) -> dict[str, Any] | None:
    facts = happened.data.get(when)
    if not facts or facts["private"]:
        return None
    place = {"city": happened.city_id, "cell": facts["cell"], "category": facts["category"]}
    return place | {"colour": COLOURS[facts["status"]]}
