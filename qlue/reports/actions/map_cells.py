"""The follower behind wide maps: public reports of a category, and of all, in each z17 tile, by colour."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from qlue.kit.db import execute
from qlue.reports.records import ALL_CATEGORIES
from qlue.reports.states import COLOURS
from qlue.timeline.records import EventRecord

# Rows in the order of the key, so that two writers never wait for each other in a circle.
ADD_TO_CELLS = f"""
INSERT INTO reports_mapcell AS t (city_id, category_id, cell, red, yellow, green, grey)
SELECT city, k.category, cell,
    sum(sign * (colour = 'red')::int), sum(sign * (colour = 'yellow')::int),
    sum(sign * (colour = 'green')::int), sum(sign * (colour = 'grey')::int)
FROM jsonb_to_recordset(%(deltas)s::jsonb) AS d(sign int, city bigint, cell bigint, category bigint, colour text)
CROSS JOIN LATERAL (VALUES (d.category), ({ALL_CATEGORIES})) AS k(category)
GROUP BY city, k.category, cell ORDER BY city, k.category, cell
ON CONFLICT (city_id, category_id, cell) DO UPDATE SET red = t.red + excluded.red,
    yellow = t.yellow + excluded.yellow, green = t.green + excluded.green, grey = t.grey + excluded.grey
"""


class CellChange(Struct, frozen=True):
    """What one report adds to (+1) or takes from (-1) the count of its cell."""

    sign: int
    city: int
    cell: int
    category: int
    colour: str


def update_map_cells(batch: list[EventRecord]) -> None:
    """Adds a batch of events to the cells in one statement, inside the follower's transaction."""
    changes = list(cell_changes(batch))
    if changes:
        execute(ADD_TO_CELLS, {"deltas": msgspec.json.encode(changes).decode()})


def cell_changes(batch: Iterable[EventRecord]) -> Iterator[CellChange]:
    """-1 where a public report stood and +1 where it stands now, wherever place, category or colour changed."""
    for event in batch:
        before, after = (_cell_of_event(event, when) for when in ("was", "now"))
        # Most events change neither place nor colour: an assignment writes nothing here.
        if before != after:
            yield from (replace(cell, sign=sign) for sign, cell in ((-1, before), (1, after)) if cell)


def _cell_of_event(event: EventRecord, when: str) -> CellChange | None:
    facts = event.data.get(when)
    # Private reports are on no map, not even as a number in a cell: where there is one, it would be found.
    if not facts or facts["private"]:
        return None
    return CellChange(0, event.city_id, facts["cell"], facts["category"], COLOURS[facts["status"]].value)
