"""Whose dashboard it is, and what its areas are coloured by."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts, CityRequest
from qlue.dashboard.presentation.links import received_in, resolved_in
from qlue.dashboard.queries.overview import DONE, OVERDUE_NOW, RECEIVED
from qlue.dashboard.queries.spans import Span
from qlue.people.rights import may
from qlue.reports.queries.reports import ReportFilter
from qlue.reports.states import COLOUR_LABELS, GREEN

USUAL_MEASURE = "terbuka"


@dataclass(frozen=True)
class Viewer:
    """Who looks at which city: `staff` also hear how many private reports there are."""

    city: CityFacts
    staff: bool = False
    measure: str = USUAL_MEASURE


@dataclass(frozen=True)
class AreaMeasure:
    """What areas can be coloured by: a key of `AREA_COUNTS`, its labels, and the list behind an area's number."""

    name: str
    label: object
    unit: Promise
    filter: Callable[[Span], ReportFilter]


# By the word of `?ukuran=` in addresses.
MEASURES = {
    "terbuka": AreaMeasure("open", _("Open now"), _("open reports"), lambda span: ReportFilter(status="open")),
    "terlambat": AreaMeasure(OVERDUE_NOW, _("Overdue"), _("overdue reports"), lambda span: ReportFilter(overdue=True)),
    "masuk": AreaMeasure(RECEIVED, _("Came in"), _("reports in 30 days"), received_in),
    "selesai": AreaMeasure(DONE, COLOUR_LABELS[GREEN], _("done in 30 days"), resolved_in),
}


def viewer_of(request: CityRequest) -> Viewer:
    """What this request asks for; an unknown measure is the usual one."""
    measure = request.GET.get("ukuran", "")
    # `request.member` is a lazy object, which is never None itself: `or None` asks for what it stands for.
    staff = may(getattr(request, "member", None) or None, "see_dashboard_staff")
    city = request.city
    return Viewer(city, staff, measure if measure in MEASURES else USUAL_MEASURE)
