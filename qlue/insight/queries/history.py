"""Reading a city's reports as columns for computing."""

from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection

from qlue.cities.facts import CityFacts
from qlue.insight.records.history import EPOCH, History
from qlue.kit.clock import now
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus

YEARS = 4
CHUNK = 20_000  # rows: Python objects of a whole history would take far more memory than its arrays

# What officials reported themselves says nothing of need, a merged case is counted with the one it was merged into.
REPORTS = f"""
SELECT (created_at AT TIME ZONE %s)::date - DATE '1970-01-01', coalesce(category_id, 0), coalesce(area_id, 0), lon, lat,
       place = 'pin'
FROM {REPORTS} AS report
WHERE city_id = %s AND NOT private AND NOT staff_made
  AND status NOT IN ('{ReportStatus.MERGED}', '{ReportStatus.REJECTED}', '{ReportStatus.UNSERVED}')
  AND created_at >= %s AND created_at < %s
ORDER BY created_at
"""


def load_report_history(city: CityFacts) -> History:
    """The whole days of the last four years; today is not over yet. The connection is in the city's scope."""
    local = now().astimezone(city.tz)
    until = local.replace(hour=0, minute=0, second=0, microsecond=0)
    parts: list[Any] = []
    with connection.cursor() as cursor:
        cursor.execute(REPORTS, [city.timezone, city.id, until - timedelta(days=366 * YEARS), until])
        while rows := cursor.fetchmany(CHUNK):
            parts.append(np.array(rows, dtype=np.float64))
    # Six columns of floats: whole numbers of this size are exact in them.
    table = np.concatenate(parts) if parts else np.zeros((0, 6))
    whole = table[:, :3].astype(np.int64)
    end = (until.date() - EPOCH).days
    return History(whole[:, 0], whole[:, 1], whole[:, 2], table[:, 3], table[:, 4], table[:, 5] > 0, end)
