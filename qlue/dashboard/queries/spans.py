"""The days that a dashboard looks at, in the city's own calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now

DAYS = 30
SqlParams = dict[str, int | date | datetime]


@dataclass(frozen=True)
class Span:
    """From `first` until `today`, both included; `midnight` is when today began, an aware moment."""

    today: date
    first: date
    midnight: datetime

    @property
    def days(self) -> list[date]:
        """Every day, the oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.today - self.first).days + 1)]

    @property
    def start(self) -> datetime:
        """The midnight with which the first day began."""
        # Wall-clock arithmetic: this is a midnight too, even where the zone's offset has changed in between.
        return self.midnight - (self.today - self.first)


def span_of(city: CityFacts) -> Span:
    """The last 30 days until now."""
    today = now().astimezone(city.tz).date()
    return Span(today, today - timedelta(days=DAYS - 1), datetime.combine(today, time(), city.tz))


def span_params(city: CityFacts) -> SqlParams:
    """What the statements over roll-ups ask for: the city, its last 30 days, and the month's first."""
    span = span_of(city)
    return {
        "city": city.id,
        "today": span.today,
        "first": span.first,
        "month": span.today.replace(day=1),
        "midnight": span.midnight,
    }
