"""The report that people at work pass on: locked before whatever hangs on it, as everywhere."""

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.reports.actions import Refused

REPORT = "SELECT agency_id, status, private FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE"


def locked_report(city: CityFacts, report_id: int) -> tuple[int | None, str, bool]:
    """(agency, status, private), locked until the transaction ends; raises `Refused` where there is none."""
    found = fetch_all(REPORT, [city.id, report_id])
    if not found:
        raise Refused(_("There is no such report."))
    agency, status, private = found[0]
    return agency, status, private
