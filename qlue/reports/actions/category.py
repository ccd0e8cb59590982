"""Another category, and what follows from it: the agency and the deadline that the pack names for it.

The rule stands in words in docs/work.md, its reasons in decision 32.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts, agency_for, deadline
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.actions.refused import Refused
from qlue.reports.states import OPEN

THERE_AND_BACK = 2
TAKEN_ON = ("accepted", "in_progress", "on_hold", "reopened")
Row = dict[str, Any]

TURNS = """
SELECT count(*) FROM timeline_happening WHERE city_id = %s AND report_id = %s AND kind = 'report.recategorised'
    AND data->'was'->>'agency' IS DISTINCT FROM data->'now'->>'agency'
"""
HAD = """
SELECT EXISTS (SELECT FROM timeline_happening
    WHERE city_id = %s AND report_id = %s AND (data->'now'->>'due_at')::timestamptz = %s)
"""
SERVED = "SELECT at FROM timeline_happening WHERE city_id = %s AND report_id = %s AND kind = 'report.served' LIMIT 1"
LATEST = """
SELECT kind = 'report.recategorised' AND data->'was'->>'private' = 'false' FROM timeline_happening
WHERE city_id = %s AND report_id = %s AND jsonb_typeof(data->'now') = 'object' ORDER BY id DESC LIMIT 1
"""


def check_category(city: CityFacts, before: Row, category: int, seen: int | None) -> None:
    """Raises `Refused` where the city has no such category, or somebody has corrected it since it was seen."""
    known = city.categories.get(category)
    if known is None or not known.active:
        raise Refused(_("Choose one of the city's categories."), "category")
    if seen and seen != before["category"]:
        raise Refused(_("Somebody has corrected the category meanwhile. Please look again."), "category")


def with_category(city: CityFacts, report_id: int, before: Row, category: int, *, free: bool) -> Row:
    """What changes in the report with its category; `free`: the mover may give cases to other agencies unasked."""
    private = _private(city, report_id, before, category)
    if before["status"] not in OPEN:  # what was done stays with who did it, and with what was promised
        return {"category": category, "private": private}
    agency = _agency(city, report_id, before, category, free=free)
    after = {"category": category, "private": private, "agency": agency}
    if agency is not None:
        after |= _dues(city, report_id, before, category)
    if agency == before["agency"]:
        return after
    return after | {"status": "routed", "assignee": None, "hold_until": None}


def _agency(city: CityFacts, report_id: int, before: Row, category: int, *, free: bool) -> int | None:
    """The pack's agency, unless people have given the case to another one, or its agency has taken it on."""
    has: int | None = before["agency"]
    if not before["area"]:
        return has
    named, was_named = (agency_for(city, one, before["area"]) for one in (category, before["category"]))
    if named is None or has not in (None, was_named):
        return has
    if free:
        return named
    taken_on = before["status"] in TAKEN_ON
    return has if taken_on or fetch_value(TURNS, [city.id, report_id]) >= THERE_AND_BACK else named


def _dues(city: CityFacts, report_id: int, before: Row, category: int) -> Row:
    """The category's terms, from when the city had the report. What has passed is not moved away by another name."""
    served = fetch_all(SERVED, [city.id, report_id])
    start = served[0][0] if served else before["created"]
    respond, due = (deadline(city, category, start, hours) for hours in ("respond", "resolve"))
    held: datetime | None = before["due"]
    if held and held <= now() and due > held and not fetch_value(HAD, [city.id, report_id, due]):
        due = held
    return {"respond_by": respond, "due": due}


def _private(city: CityFacts, report_id: int, before: Row, category: int) -> bool:
    """A private category hides the report; what only a correction hid is shown again if the next comes at once."""
    if city.categories[category].private:
        return True
    if not before["private"] or not city.categories[before["category"]].private:
        return bool(before["private"])
    found = fetch_all(LATEST, [city.id, report_id])
    return not (found and found[0][0])
