"""Emergencies: the ladder of the pack, which of them wait, and how a member is reached."""

from typing import Any

from qlue.channels.models import Reach
from qlue.channels.reading.lines import account_of
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_code

Row = dict[str, Any]
LADDER = (
    {"minutes": 0, "tell": "duty"},
    {"minutes": 3, "tell": "head"},
    {"minutes": 6, "tell": "operator"},
    {"minutes": 12, "tell": "mayor"},
)
WRITTEN = ("whatsapp", "kannel", "twilio")  # lines to a telephone number
SHOWN = 20

LIST = """
SELECT a.id, a.report_id, a.raised_at, a.rung, a.climbs_at, a.taken_by_id, a.taken_at, a.raised_by_id, r.category_id,
    r.area_id, r.agency_id, r.landmark, r.status
FROM channels_alert a JOIN reports_report r ON r.city_id = a.city_id AND r.id = a.report_id
WHERE a.city_id = %(city)s AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s) AND {which}
"""
WAITING = LIST.format(which="a.taken_at IS NULL ORDER BY a.id LIMIT 50")
TAKEN = LIST.format(which="a.taken_at IS NOT NULL ORDER BY a.id DESC LIMIT 20")
COLUMNS = (
    "id", "report", "raised_at", "rung", "climbs_at", "taken_by", "taken_at", "raised_by", "category", "area", "agency",
    "landmark", "status",
)  # fmt: skip


def ladder_of(city: CityFacts) -> list[dict[str, Any]]:
    """The pack's `[auto] emergency`: minutes from the mark, and who is told then unless somebody has taken it."""
    return sorted(city.auto.get("emergency", LADDER), key=lambda step: step["minutes"])


def waiting_alerts(city: CityFacts, agency: int | None = None) -> list[Row]:
    """Emergencies that nobody has taken, the oldest first; of one agency where one is given."""
    return _alerts(city, WAITING, agency)


def taken_alerts(city: CityFacts, agency: int | None = None) -> list[Row]:
    """The last ones that somebody took, with who."""
    return _alerts(city, TAKEN, agency)


def _alerts(city: CityFacts, sql: str, agency: int | None) -> list[Row]:
    steps = ladder_of(city)
    found = [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(sql, {"city": city.id, "agency": agency})]
    for one in found:
        one["code"] = report_code(city.code_prefix, one["report"])
        one["title"] = city.categories[one["category"]].label
        one["area_name"] = city.areas[one["area"]].name if one["area"] in city.areas else ""
        one["told"] = [step["tell"] for step in steps[: one["rung"]]]
    return found


def reach_of(city: CityFacts, user: int) -> list[Reach]:
    """Where this member is reached, in the order in which it was entered."""
    return list(Reach.objects.filter(city_id=city.id, user_id=user).order_by("id"))


def lines_to_members(city: CityFacts) -> list[str]:
    """Lines by which a member may be told besides the browser, as far as they are connected."""
    return [kind for kind in (*WRITTEN, "mail") if account_of(city, kind) is not None]
