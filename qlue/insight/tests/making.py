"""Histories for tests: written straight into the table, for hundreds of reports."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np

from qlue.kit.clock import now
from qlue.kit.geo import cell
from qlue.reports.models import Report


def midnight(city: Any) -> datetime:
    return now().astimezone(city.tz).replace(hour=0, minute=0, second=0, microsecond=0)


def lived(city: Any, days: int, a_day: float = 8.0, category: str = "sampah", **more: Any) -> int:
    """Reports of the last days in all kelurahan alike, a third of them around one market; returns how many."""
    dice = np.random.default_rng(3)
    kelurahan = city.kelurahan
    made = []
    for ago in range(days, 0, -1):
        for _n in range(dice.poisson(a_day)):
            at = midnight(city) - timedelta(days=ago) + timedelta(hours=float(dice.uniform(7, 20)))
            area = kelurahan[int(dice.integers(len(kelurahan)))]
            spread = 0.003
            if dice.random() < 0.33:
                area, spread = kelurahan[0], 0.0005
            place = area.lon + dice.normal(0, spread), area.lat + dice.normal(0, spread)
            made.append(report(city, at, area.id, float(place[0]), float(place[1]), category, **more))
    Report.objects.bulk_create(made, batch_size=500)
    return len(made)


def report(city: Any, at: datetime, area: int, lon: float, lat: float, category: str = "sampah", **more: Any) -> Report:
    usual = {"status": "confirmed", "words": "Sampah", "created_at": at, "updated_at": at, "uuid": uuid4()}
    key = city.category(category).id
    return Report(
        city_id=city.id, category_id=key, area_id=area, lon=lon, lat=lat, cell=cell(lon, lat), **(usual | more)
    )


def steady(city: Any, weeks: int, a_week: int, fall_in: int, fall: float, since_weeks: int) -> None:
    """So many reports a week in each kelurahan, and fewer in one kecamatan since some weeks ago."""
    dice = np.random.default_rng(9)
    made = []
    for week in range(weeks, 0, -1):
        for one in city.kelurahan:
            level = a_week * (1 - fall if one.parent_id == fall_in and week <= since_weeks else 1)
            for _n in range(dice.poisson(level)):
                at = midnight(city) - timedelta(days=7 * week) + timedelta(hours=float(dice.uniform(0, 167)))
                made.append(report(city, at, one.id, one.lon, one.lat))
    Report.objects.bulk_create(made, batch_size=1000)
