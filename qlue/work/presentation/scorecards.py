"""The table of scorecards as a CSV file: shares from 0 to 1, durations in hours."""

from collections.abc import Iterator

from qlue.kit import tables
from qlue.work.queries.scorecards import Scorecard

# Names of columns are read by other people's spreadsheets: they stay, whatever the fields are called.
SHARES = ("in_time", "reopened", "disputed")
PERCENTILES = {
    "answer_p50": "answer_median",
    "resolve_p50": "resolve_median",
    "resolve_p90": "resolve_p90",
}
CSV_COLUMNS: list[tables.Column] = [
    ("rank", "number"),
    ("name", "text"),
    ("cases", "number"),
    *((f"{name}_hours{end}", "number") for name in PERCENTILES for end in ("", "_low", "_high")),
    *((f"{name}{end}", "number") for name in SHARES for end in ("", "_low", "_high", "_n")),
    ("in_time_shrunk", "number"),
    ("backlog", "number"),
    ("backlog_median_days", "number"),
]


def csv_rows(cards: list[Scorecard]) -> Iterator[tables.TableRow]:
    """One row a card, in the order of `CSV_COLUMNS`."""
    for card in cards:
        percentiles = [
            getattr(getattr(card, field), part) for field in PERCENTILES.values() for part in ("value", "low", "high")
        ]
        shares = [getattr(getattr(card, name), part) for name in SHARES for part in ("value", "low", "high", "n")]
        # Four decimals: more would pretend a precision that the intervals deny.
        numbers = [None if value is None else round(value, 4) for value in (*percentiles, *shares, card.fair_share)]
        yield (card.rank, card.name, card.n, *numbers, card.backlog, card.age_days)
