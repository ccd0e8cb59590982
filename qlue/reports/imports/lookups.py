"""Many deadlines quickly: the same answers as `cities.facts.deadline`, from a table of office hours.

`deadline` walks day by day, which a single report hardly feels and a million rows would. Here each office span is
computed once; a deadline is two searches in the running total of office time.
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from qlue.cities.facts import CityFacts, deadline
from qlue.cities.facts.records import NATIONAL_DEADLINE

Hours = Literal["respond", "resolve"]
YEARS_AHEAD = 2  # beyond the report, covered by the table; what lies further is computed by `deadline`


class WorkingTimeTable:
    """The office hours of one city, in UTC, as far as they were asked for."""

    def __init__(self, city: CityFacts) -> None:
        self.city = city
        self.years: set[int] = set()
        self.opens: list[datetime] = []
        self.closes: list[datetime] = []
        self.before: list[timedelta] = []  # office time before each span

    def deadline(self, category_id: int, start: datetime, hours: Hours) -> datetime:
        """See `cities.facts.deadline`."""
        row = self.city.deadlines.get(category_id) or self.city.deadlines.get(None) or NATIONAL_DEADLINE
        amount = timedelta(hours=row.respond_hours if hours == "respond" else row.resolve_hours)
        if row.always:
            return start + amount
        self._cover(start.year)
        target = self._worked(start) + amount
        # The span in which the target falls, its end included: work that is due at closing time is due today.
        at = bisect_left(self.before, target) - 1
        # Whatever the table cannot answer goes to the slow way, so that both never differ.
        if amount <= timedelta(0) or at < 0 or self._total() < target:
            return deadline(self.city, category_id, start, hours)
        return self.opens[at] + (target - self.before[at])

    def _total(self) -> timedelta:
        return self.before[-1] + self.closes[-1] - self.opens[-1]

    def _worked(self, moment: datetime) -> timedelta:
        """Office time from the beginning of the table to a moment."""
        at = bisect_right(self.opens, moment) - 1
        return self.before[at] + min(moment, self.closes[at]) - self.opens[at] if at >= 0 else timedelta(0)

    def _cover(self, year: int) -> None:
        """The table has no holes: a running total over a missing year would be wrong."""
        if year - 1 in self.years and year + YEARS_AHEAD in self.years:
            return
        years = self.years | {year - 1, year + YEARS_AHEAD}
        self.years = set(range(min(years), max(years) + 1))
        spans = [span for span_year in sorted(self.years) for span in self._spans(span_year)]
        self.opens, self.closes = [span[0] for span in spans], [span[1] for span in spans]
        self.before, total = [], timedelta(0)
        for opens, closes in spans:
            self.before.append(total)
            total += closes - opens

    def _spans(self, year: int) -> list[tuple[datetime, datetime]]:
        first = date(year, 1, 1)
        days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
        return [
            (self._utc(day, opens), self._utc(day, closes))
            for day in days
            if not self.city.is_closed(day)
            for opens, closes in self.city.week[day.weekday()]
        ]

    def _utc(self, day: date, at: object) -> datetime:
        return datetime.combine(day, at, self.city.tz).astimezone(UTC)  # type: ignore[arg-type]
