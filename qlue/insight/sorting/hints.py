"""What the models say of reports that have just come; where a city wants it, a sure report goes its way by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from qlue.cities.facts import AgencyFacts, CityFacts
from qlue.insight.duplicates.near import Asked, Twin, twins_of_each
from qlue.insight.duplicates.score import WORTH_A_LOOK
from qlue.insight.serving import serving
from qlue.insight.sorting.cold import beside_of
from qlue.insight.sorting.sorter import Guess
from qlue.kit.db import execute, fetch_all
from qlue.reports.actions import Mover, Refused, move

SYSTEM = Mover(granted=frozenset({"reroute"}))
WAITING = ("received", "routed")
MOST_TWINS = 3
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
WRITTEN = (
    "report_id", "agency_id", "agency_sure", "category_id", "category_sure", "twin_id", "twin_sure", "moved",
)  # fmt: skip
WRITE = """
INSERT INTO insight_hint (city_id, report_id, agency_id, agency_sure, category_id, category_sure, twin_id, twin_sure,
    moved, at)
SELECT %(city)s, h.*, now() FROM unnest(%(report_id)s::bigint[], %(agency_id)s::bigint[], %(agency_sure)s::float8[],
    %(category_id)s::bigint[], %(category_sure)s::float8[], %(twin_id)s::bigint[], %(twin_sure)s::float8[],
    %(moved)s::bool[]) AS h
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
    found = fetch_all(COME.format(which=BY_HAPPENING), {"city": city.id, "some": list(happenings)})
    reports = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    if not reports:
        return 0
    hints = [
        _hint(city, report, opinion, moved=_passed_on(city, report, opinion))
        for report, opinion in zip(reports, opinions_of(city, reports), strict=True)
    ]
    columns = zip(*hints, strict=True)
    return execute(WRITE, {"city": city.id, **{name: list(told) for name, told in zip(WRITTEN, columns, strict=True)}})


def report_at_hand(city: CityFacts, number: int) -> dict[str, Any] | None:
    """A public report as `opinion_of` wants it."""
    found = fetch_all(COME.format(which="r.id = %(number)s"), {"city": city.id, "number": number})
    return dict(zip(COLUMNS, found[0], strict=True)) if found else None


def opinion_of(city: CityFacts, report: dict[str, Any]) -> Opinion:
    """Asks all models about a row of COME."""
    return opinions_of(city, [report])[0]


def opinions_of(city: CityFacts, reports: Sequence[dict[str, Any]]) -> list[Opinion]:
    """The same for some rows, with as many statements as for one."""
    agency, category = serving(city, "agency").sorter, serving(city, "category").sorter
    repeated = twins_of_each(city, [_asked(report) for report in reports], WORTH_A_LOOK)
    return [
        Opinion(
            agencies=_known(city, agency.guess(report["words"], _beside(city, report))) if agency else [],
            categories=category.guess(report["words"]) if category else [],
            twins=twins[:MOST_TWINS],
        )
        for report, twins in zip(reports, repeated, strict=True)
    ]


def _beside(city: CityFacts, report: dict[str, Any]) -> tuple[str, ...]:
    return beside_of(city, report["category"], report["area"])


def _asked(report: dict[str, Any]) -> Asked:
    return Asked(
        lon=report["lon"],
        lat=report["lat"],
        category=report["category"],
        agency=report["agency"] or 0,
        words=f"{report['words'][:600]} {report['landmark']}",
        looks=report["looks"] or (),
        number=report["id"],
        at=report["created_at"],
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


def _hint(city: CityFacts, report: dict[str, Any], opinion: Opinion, *, moved: bool) -> tuple[Any, ...]:
    """A row of WRITTEN."""
    agency = next(iter(opinion.agencies), None)
    category = next(iter(opinion.categories), None)
    twin = next(iter(opinion.twins), None)
    meant = city.category(category.label) if category else None
    return (
        report["id"],
        *((agency[0].id, agency[1]) if agency else (None, 0.0)),
        *((meant.id, category.confidence) if category and meant else (None, 0.0)),
        *((twin.id, twin.sure) if twin else (None, 0.0)),
        moved,
    )
