"""The follower behind wide maps: how many public reports of a category stand in each z17 tile, by colour."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from qlue.kit.db import run
from qlue.reports.states import COLOURS
from qlue.timeline.actions import Happened

# Rows in the order of the key, so that two writers never wait for each other in a circle.
ADD = """
INSERT INTO reports_mapcell AS t (city_id, cell, category_id, red, yellow, green, grey)
SELECT city, cell, category,
    sum(sign * (colour = 'red')::int), sum(sign * (colour = 'yellow')::int),
    sum(sign * (colour = 'green')::int), sum(sign * (colour = 'grey')::int)
FROM jsonb_to_recordset(%(deltas)s::jsonb) AS d(sign int, city bigint, cell bigint, category bigint, colour text)
GROUP BY city, cell, category ORDER BY city, cell, category
ON CONFLICT (city_id, cell, category_id) DO UPDATE SET red = t.red + excluded.red,
    yellow = t.yellow + excluded.yellow, green = t.green + excluded.green, grey = t.grey + excluded.grey
"""


def handle(batch: list[Happened]) -> None:
    """Adds a batch of happenings to the cells in one statement, inside the follower's transaction."""
    found = list(deltas(batch))
    if found:
        run(ADD, {"deltas": msgspec.json.encode(found).decode()})


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
