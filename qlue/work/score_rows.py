"""Scorecards: for each agency, crew, person or area of a period what `work_score` says, two statements for a table."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from struct import unpack
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.work.models import Crew
from qlue.work.reading import names_of
from qlue.work.scoring import ANSWER_HOURS, IN_TIME, LEAST, REOPENED, Share, Span, share, shrunk, span, verdict

DIMS = {"agency": "agency", "crew": "crew", "person": "person", "area": "area", "kecamatan": "area"}
PERIODS = {"30": 30, "90": 90, "365": 365}

# One pass over the period: a key's buckets come as one string of two-byte numbers, which Python counts ten times faster
# than PostgreSQL groups them and sends a row for each.
COUNTS = """
SELECT {key}, count(*), count(answer), count(*) FILTER (WHERE in_time),
    count(*) FILTER (WHERE in_time IS NOT NULL OR open AND due_at < now()), count(*) FILTER (WHERE ever),
    count(*) FILTER (WHERE ever AND disputed + returned > 0), count(*) FILTER (WHERE ever AND disputed > 0),
    string_agg(int2send(answer), ''), string_agg(int2send(resolve), '')
FROM work_score WHERE {where} AND created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
"""
BACKLOG = """
SELECT {key}, string_agg(int2send(least(date_part('epoch', now() - created_at) / 86400, 9999)::smallint), '')
FROM work_score WHERE {where} AND open GROUP BY 1
"""


@dataclass(frozen=True)
class Targets:
    """What the city asks of itself; shares from 0 to 1. Below `least` cases nothing is ranked."""

    in_time: float
    reopened: float
    answer_hours: float
    least: int


@dataclass
class Counted:
    """The raw counts of a card; they add up."""

    n: int = 0
    answered: int = 0
    kept: int = 0
    due: int = 0
    ever: int = 0
    reopened: int = 0
    disputed: int = 0
    buckets: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, other: "Counted") -> None:
        """Puts another one's counts to these."""
        for name in ("n", "answered", "kept", "due", "ever", "reopened", "disputed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, buckets in other.buckets.items():
            self.buckets[name].update(buckets)


@dataclass(frozen=True)
class Card:
    """One line of the table. `rank` is None below the least number of cases; `fair` is the share that ranks."""

    key: int
    name: str
    n: int
    answered: Share
    answer: Span
    middle: Span
    slow: Span
    in_time: Share
    reopened: Share
    disputed: Share
    backlog: int
    age_days: float | None
    fair: float | None = None
    rank: int | None = None
    kept: str = "open"
    again: str = "open"


def targets_of(city: CityFacts) -> Targets:
    """The pack's [auto] target_in_time and target_reopened (percent), target_answer_hours, score_least."""
    said = city.auto.get
    return Targets(
        float(said("target_in_time", IN_TIME)) / 100,
        float(said("target_reopened", REOPENED)) / 100,
        float(said("target_answer_hours", ANSWER_HOURS)),
        int(said("score_least", LEAST)),
    )


def period_of(days: int) -> tuple[datetime, datetime]:
    """The last `days` days, up to now."""
    return now() - timedelta(days=days), now()


def cards(city: CityFacts, dim: str, days: int, agency: int | None = None, key: int | None = None) -> list[Card]:
    """The cards of a dimension, ranked ones first; of one agency's cases, or of one key, where given."""
    return table(city, dim, days, agency, key)[0]


def table(
    city: CityFacts, dim: str, days: int, agency: int | None = None, key: int | None = None
) -> tuple[list[Card], Card]:
    """The cards of a dimension, and all of it in one: also what belongs to nobody."""
    counted = _counted(city, dim, days, agency, key)
    goal, whole = targets_of(city), _whole(city, counted)
    names = _names(city, dim, list(counted))
    found = [_card(number, names.get(number, "–"), one, goal) for number, one in counted.items() if number]
    return _ranked(found, whole.in_time, goal), whole


def whole_card(city: CityFacts, days: int, agency: int | None = None) -> Card:
    """All of it in one card: the city, or an agency."""
    return _whole(city, _counted(city, "agency", days, agency, None))


def _whole(city: CityFacts, counted: dict[int, Counted]) -> Card:
    whole = Counted()
    for one in counted.values():
        whole.add(one)
    return _card(0, city.name, whole, targets_of(city))


def _counted(city: CityFacts, dim: str, days: int, agency: int | None, key: int | None) -> dict[int, Counted]:
    column = DIMS[dim]
    since, until = period_of(days)
    values: dict[str, Any] = {"city": city.id, "since": since, "until": until, "agency": agency, "key": key}
    where = "city_id = %(city)s" + (" AND agency = %(agency)s" if agency else "")
    where += f" AND {column} = %(key)s" if key else ""
    found: dict[int, Counted] = defaultdict(Counted)
    for number, *counts, answers, resolved in fetch_all(COUNTS.format(key=column, where=where), values):
        card = Counted(*counts)
        card.buckets |= {"answer": _numbers(answers), "resolve": _numbers(resolved)}
        found[_group(city, dim, number)].add(card)
    for number, ages in fetch_all(BACKLOG.format(key=column, where=where), values):
        found[_group(city, dim, number)].buckets["backlog"].update(_numbers(ages))
    return found


def _numbers(packed: bytes | None) -> Counter[int]:
    """How often each of the two-byte numbers is there."""
    return Counter(unpack(f">{len(packed) // 2}h", packed) if packed else ())


def _group(city: CityFacts, dim: str, number: int | None) -> int:
    """Kelurahan are counted together under their kecamatan where that is asked for; 0 is nobody."""
    area = city.areas.get(number or 0) if dim == "kecamatan" else None
    return (area.parent_id or area.id) if area else (number or 0)


def _names(city: CityFacts, dim: str, keys: list[int]) -> dict[int, str]:
    if dim == "agency":
        return {key: one.name for key, one in city.agencies.items()}
    if dim == "person":
        return names_of(keys)
    if dim == "crew":
        return dict(Crew.objects.filter(city_id=city.id, id__in=keys).values_list("id", "name"))
    return {key: one.name for key, one in city.areas.items()}


def _card(key: int, name: str, one: Counted, goal: Targets) -> Card:
    in_time, reopened = share(one.kept, one.due), share(one.reopened, one.ever)
    ages = one.buckets["backlog"]
    return Card(
        key=key,
        name=name,
        n=one.n,
        answered=share(one.answered, one.n),
        answer=span(one.buckets["answer"], 0.5),
        middle=span(one.buckets["resolve"], 0.5),
        slow=span(one.buckets["resolve"], 0.9),
        in_time=in_time,
        reopened=reopened,
        disputed=share(one.disputed, one.ever),
        backlog=sum(ages.values()),
        age_days=_median(ages),
        kept=verdict(in_time, goal.in_time, more=True),
        again=verdict(reopened, goal.reopened, more=False),
    )


def _median(days: Counter[int]) -> float | None:
    half, counted = sum(days.values()) / 2, 0
    for day, n in sorted(days.items()):
        counted += n
        if counted >= half:
            return float(day)
    return None


def _ranked(found: list[Card], whole: Share, goal: Targets) -> list[Card]:
    """By the shrunk share of what was in time; cards with too few cases stand behind, by name, without a rank."""
    fair = [replace(one, fair=shrunk(one.in_time, whole, goal.least)) for one in found]
    strong: list[Card] = []
    weak: list[Card] = []
    for one in fair:
        (strong if one.in_time.n >= goal.least and one.fair is not None else weak).append(one)
    strong.sort(key=lambda one: (-(one.fair or 0), one.name, one.key))
    weak.sort(key=lambda one: (one.name, one.key))
    return [*(replace(one, rank=place) for place, one in enumerate(strong, 1)), *weak]
