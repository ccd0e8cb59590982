"""What the models say of reports that have just come; where a city wants it, a sure report goes its way by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from qlue.cities.facts import AgencyFacts, CityFacts
from qlue.insight.duplicates.near import Asked, Twin, twins
from qlue.insight.duplicates.score import WORTH_A_LOOK
from qlue.insight.serving import serving
from qlue.insight.sorting.cold import beside_of
from qlue.insight.sorting.sorter import Guess
from qlue.kit.db import rows, run
from qlue.reports.actions import Mover, Refused, move

SYSTEM = Mover(granted=frozenset({"reroute"}))
WAITING = ("received", "routed")
LEAST_SURE = 0.6  # below that no officer is bothered

COME = """
SELECT r.id, r.words, r.landmark, r.category_id, r.area_id, r.agency_id, r.status, r.lon, r.lat, r.created_at,
    (SELECT array_agg(p.dhash) FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL)
FROM reports_report r WHERE r.city_id = %(city)s AND NOT r.private AND {which} ORDER BY r.id
"""
BY_HAPPENING = "r.id IN (SELECT report_id FROM timeline_happening WHERE city_id = %(city)s AND id = ANY(%(some)s))"
COLUMNS = (
    "id", "words", "landmark", "category", "area", "agency", "status", "lon", "lat", "created_at", "looks",
)  # fmt: skip
WRITE = """
INSERT INTO insight_hint (city_id, report_id, agency_id, agency_sure, category_id, category_sure, twin_id, twin_sure,
    moved, at)
VALUES (%(city)s, %(report)s, %(agency)s, %(agency_sure)s, %(category)s, %(category_sure)s, %(twin)s, %(twin_sure)s,
    %(moved)s, now())
ON CONFLICT (report_id) DO UPDATE SET agency_id = excluded.agency_id, agency_sure = excluded.agency_sure,
    category_id = excluded.category_id, category_sure = excluded.category_sure, twin_id = excluded.twin_id,
    twin_sure = excluded.twin_sure, moved = insight_hint.moved OR excluded.moved, at = excluded.at
"""


@dataclass(frozen=True)
class Opinion:
    """What the models say of one report; the best guess stands first."""

    agencies: list[tuple[AgencyFacts, float]]
    categories: list[Guess]
    twins: list[Twin]


def look_at(city: CityFacts, happenings: Sequence[int]) -> int:
    """Writes a hint for each public report that these happenings are about; may run again. Returns how many.

    The connection is in the city's scope.
    """
    found = rows(COME.format(which=BY_HAPPENING), {"city": city.id, "some": list(happenings)})
    for row in found:
        report = dict(zip(COLUMNS, row, strict=True))
        opinion = opinion_of(city, report)
        _write(city, report, opinion, moved=_passed_on(city, report, opinion))
    return len(found)


def report_at_hand(city: CityFacts, number: int) -> dict[str, Any] | None:
    """A public report as `opinion_of` wants it."""
    found = rows(COME.format(which="r.id = %(number)s"), {"city": city.id, "number": number})
    return dict(zip(COLUMNS, found[0], strict=True)) if found else None


def opinion_of(city: CityFacts, report: dict[str, Any]) -> Opinion:
    """Asks all models about a row of COME."""
    beside = beside_of(city, report["category"], report["area"])
    agency, category = serving(city, "agency").sorter, serving(city, "category").sorter
    asked = Asked(
        lon=report["lon"],
        lat=report["lat"],
        category=report["category"],
        agency=report["agency"] or 0,
        words=f"{report['words'][:600]} {report['landmark']}",
        looks=report["looks"] or (),
        number=report["id"],
        at=report["created_at"],
    )
    return Opinion(
        agencies=_known(city, agency.guess(report["words"], beside)) if agency else [],
        categories=category.guess(report["words"]) if category else [],
        twins=twins(city, asked, WORTH_A_LOOK),
    )


def _known(city: CityFacts, guesses: list[Guess]) -> list[tuple[AgencyFacts, float]]:
    found = ((city.agency(guess.label), guess.confidence) for guess in guesses)
    return [(agency, sure) for agency, sure in found if agency and agency.active]


def _passed_on(city: CityFacts, report: dict[str, Any], opinion: Opinion) -> bool:
    """Passes the report on to the agency that the model is sure of, where the pack lets it; never a private one."""
    best = next(iter(opinion.agencies), None)
    if best is None or not goes_by_itself(city, report, *best):
        return False
    reason = _("Sorted by its words: %(percent)d %% sure.") % {"percent": round(100 * best[1])}
    try:
        move(city=city, report_id=report["id"], verb="reroute", by=SYSTEM, agency=best[0].id, reason=reason)
    except Refused:  # somebody was faster
        return False
    return True


def goes_by_itself(city: CityFacts, report: dict[str, Any], agency: AgencyFacts, sure: float) -> bool:
    """Off unless the pack names the agency in `[auto] route`, and only above the threshold that history gave it."""
    if agency.slug not in city.auto.get("route", ()) or agency.id == report["agency"]:
        return False
    if report["status"] not in WAITING or city.categories[report["category"]].private:
        return False
    return sure >= serving(city, "agency").thresholds.get(agency.slug, 2.0)


def _write(city: CityFacts, report: dict[str, Any], opinion: Opinion, *, moved: bool) -> None:
    agency = next(iter(opinion.agencies), None)
    category = next(iter(opinion.categories), None)
    twin = next(iter(opinion.twins), None)
    meant = city.category(category.label) if category else None
    run(
        WRITE,
        {
            "city": city.id,
            "report": report["id"],
            "agency": agency[0].id if agency else None,
            "agency_sure": agency[1] if agency else 0.0,
            "category": meant.id if meant else None,
            "category_sure": category.confidence if category and meant else 0.0,
            "twin": twin.id if twin else None,
            "twin_sure": twin.sure if twin else 0.0,
            "moved": moved,
        },
    )
