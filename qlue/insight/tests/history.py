"""A city's past for tests: reports that agencies took on, and repeats that were merged."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from qlue.insight.tests.complaints import made_up
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.reports.tests.making import INSIDE, handed_in

TAKE_ON = """
UPDATE reports_report SET status = 'accepted', agency_id = %s WHERE city_id = %s AND id = %s
"""


def lived(city: Any, n: int, *, seed: int = 7, misrouted: str = "") -> None:
    """So many reports, one an hour until now; all of category `misrouted` ended with Satpol PP, against the pack."""
    dice, start = Random(seed), now() - timedelta(hours=n)
    for hour, (text, category, agency) in enumerate(made_up(n, seed=seed)):
        given = {"words": text, "at": start + timedelta(hours=hour), "uuid": UUID(int=dice.getrandbits(128), version=4)}
        lon, lat = INSIDE[0] + dice.gauss(0, 0.002), INSIDE[1] + dice.gauss(0, 0.002)
        report = handed_in(city, category, lon=lon, lat=lat, **given)
        its = "satpol-pp" if category == misrouted else agency
        found = city.agency(its)
        if found and not city.category(category).private:
            execute(TAKE_ON, [found.id, city.id, report.id])
