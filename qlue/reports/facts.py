"""What a happening says of a report before and after: enough for every roll-up, so that none needs to look it up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qlue.cities.facts import CityFacts


def report_facts(city: CityFacts, row: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that are counted; days are the city's own, `hours` run from creation to resolution, day and night."""
    resolved = row.get("resolved")
    return {
        "status": row["status"],
        "category": row["category"],
        "area": row["area"],
        "agency": row["agency"],
        "cell": row["cell"] >> 18,
        "private": row["private"],
        "created": _day(city, row["created"]),
        "due": _day(city, row["due"]),
        "due_at": row["due"] and row["due"].isoformat(),
        "resolved": _day(city, resolved),
        "hours": resolved and round((resolved - row["created"]).total_seconds() / 3600, 3),
    }


def _day(city: CityFacts, at: datetime | None) -> str | None:
    return at.astimezone(city.tz).date().isoformat() if at else None
