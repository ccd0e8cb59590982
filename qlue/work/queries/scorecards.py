"""Scorecards: for each agency, crew, person or area of a period what `work_score` says, two statements for a table."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from struct import unpack

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import SqlParams, fetch_all
from qlue.work.models import Crew
from qlue.work.queries.names import user_names
from qlue.work.scores.statistics import (
    Percentile,
    Share,
    percentile,
    shrunk_share,
    target_verdict,
    wilson_share,
)

# Dimension -> column of work_score. Kecamatan are added up from their kelurahan.
DIMENSIONS = {"agency": "agency", "crew": "crew", "person": "person", "area": "area", "kecamatan": "area"}
PERIODS = {"30": 30, "90": 90, "365": 365}

# One pass over the period: a key's buckets come as one string of two-byte numbers, which Python counts ten times faster
# than PostgreSQL groups them and sends a row for each.
COUNT_CARDS = """
SELECT {key}, count(*), count(answer), count(*) FILTER (WHERE in_time),
    count(*) FILTER (WHERE in_time IS NOT NULL OR open AND due_at < now()), count(*) FILTER (WHERE ever),
    count(*) FILTER (WHERE ever AND disputed + returned > 0), count(*) FILTER (WHERE ever AND disputed > 0),
    string_agg(int2send(answer), ''), string_agg(int2send(resolve), '')
FROM work_score WHERE {where} AND created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
"""
# All that is open, also from before the period; in whole days, as two bytes hold them.
COUNT_BACKLOG = """
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
class CardCounts:
    """The raw counts of a card, in the order of `COUNT_CARDS`; they add up.

    `due`: cases that were resolved or are overdue, of which `in_time` were resolved in time. `resolved`: at least once.
    """

    n: int = 0
    answered: int = 0
    in_time: int = 0
    due: int = 0
    resolved: int = 0
    reopened: int = 0
    disputed: int = 0
    buckets: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, counts: "CardCounts") -> None:
        """Adds the counts of another card to these."""
        for name in ("n", "answered", "in_time", "due", "resolved", "reopened", "disputed"):
            setattr(self, name, getattr(self, name) + getattr(counts, name))
        for name, buckets in counts.buckets.items():
            self.buckets[name].update(buckets)


@dataclass(frozen=True)
class Scorecard:
    """One line of the table. `rank` is None below the least number of cases; `fair_share` is the share that ranks."""

    key: int
    name: str
    n: int
    answered: Share
    answer_median: Percentile
    resolve_median: Percentile
    resolve_p90: Percentile
    in_time: Share
    reopened: Share
    disputed: Share
    backlog: int
    age_days: float | None
    fair_share: float | None = None
    rank: int | None = None
    in_time_verdict: str = "open"
    reopened_verdict: str = "open"


def targets_of(city: CityFacts) -> Targets:
    """The pack's [auto] target_in_time and target_reopened (percent), target_answer_hours, score_least."""
    auto = city.auto
    return Targets(auto.target_in_time / 100, auto.target_reopened / 100, auto.target_answer_hours, auto.score_least)


def period_of(days: int) -> tuple[datetime, datetime]:
    """The last `days` days, up to now."""
    return now() - timedelta(days=days), now()


def scorecards(
    city: CityFacts, dimension: str, days: int, agency: int | None = None, key: int | None = None
) -> list[Scorecard]:
    """The cards of a dimension, ranked ones first; of one agency's cases, or of one key, where given."""
    return scorecard_table(city, dimension, days, agency, key)[0]


def scorecard_table(
    city: CityFacts, dimension: str, days: int, agency: int | None = None, key: int | None = None
) -> tuple[list[Scorecard], Scorecard]:
    """The cards of a dimension, and all of it in one: also what belongs to nobody."""
    counts = _count_cards(city, dimension, days, agency, key)
    targets, total = targets_of(city), _sum_cards(city, counts.values())
    names = _card_names(city, dimension, list(counts))
    cards = [
        _scorecard(number, names.get(number, "–"), card_counts, targets)
        for number, card_counts in counts.items()
        if number
    ]
    return _rank_cards(cards, total.in_time, targets), total


def total_card(city: CityFacts, days: int, agency: int | None = None) -> Scorecard:
    """All of it in one card: the city, or an agency."""
    return _sum_cards(city, _count_cards(city, "agency", days, agency, None).values())


def _sum_cards(city: CityFacts, counts: Iterable[CardCounts]) -> Scorecard:
    total = CardCounts()
    for card_counts in counts:
        total.add(card_counts)
    return _scorecard(0, city.name, total, targets_of(city))


def _count_cards(
    city: CityFacts, dimension: str, days: int, agency: int | None, key: int | None
) -> dict[int, CardCounts]:
    """Counts by key of the dimension; what belongs to nobody stands under 0."""
    column = DIMENSIONS[dimension]
    since, until = period_of(days)
    params: SqlParams = {"city": city.id, "since": since, "until": until, "agency": agency, "key": key}
    where = "city_id = %(city)s" + (" AND agency = %(agency)s" if agency else "")
    where += f" AND {column} = %(key)s" if key else ""
    counts: dict[int, CardCounts] = defaultdict(CardCounts)
    for number, *numbers, answers, resolutions in fetch_all(COUNT_CARDS.format(key=column, where=where), params):
        row_counts = CardCounts(*numbers)
        row_counts.buckets |= {"answer": _unpack_numbers(answers), "resolve": _unpack_numbers(resolutions)}
        counts[_card_key(city, dimension, number)].add(row_counts)
    for number, ages in fetch_all(COUNT_BACKLOG.format(key=column, where=where), params):
        counts[_card_key(city, dimension, number)].buckets["backlog"].update(_unpack_numbers(ages))
    return counts


def _unpack_numbers(packed_numbers: bytes | None) -> Counter[int]:
    """How often each of the two-byte numbers occurs."""
    # int2send writes big-endian, whatever the machine.
    return Counter(unpack(f">{len(packed_numbers) // 2}h", packed_numbers) if packed_numbers else ())


def _card_key(city: CityFacts, dimension: str, number: int | None) -> int:
    """Kelurahan are counted together under their kecamatan where that is the dimension; 0 is nobody."""
    area = city.areas.get(number or 0) if dimension == "kecamatan" else None
    return (area.parent_id or area.id) if area else (number or 0)


def _card_names(city: CityFacts, dimension: str, keys: list[int]) -> dict[int, str]:
    if dimension == "agency":
        return {key: agency.name for key, agency in city.agencies.items()}
    if dimension == "person":
        return user_names(keys)
    if dimension == "crew":
        return dict(Crew.objects.filter(city_id=city.id, id__in=keys).values_list("id", "name"))
    return {key: area.name for key, area in city.areas.items()}


def _scorecard(key: int, name: str, counts: CardCounts, targets: Targets) -> Scorecard:
    in_time_share, reopened_share = (
        wilson_share(counts.in_time, counts.due),
        wilson_share(counts.reopened, counts.resolved),
    )
    ages = counts.buckets["backlog"]
    return Scorecard(
        key=key,
        name=name,
        n=counts.n,
        answered=wilson_share(counts.answered, counts.n),
        answer_median=percentile(counts.buckets["answer"], 0.5),
        resolve_median=percentile(counts.buckets["resolve"], 0.5),
        resolve_p90=percentile(counts.buckets["resolve"], 0.9),
        in_time=in_time_share,
        reopened=reopened_share,
        disputed=wilson_share(counts.disputed, counts.resolved),
        backlog=sum(ages.values()),
        age_days=_median_days(ages),
        in_time_verdict=target_verdict(in_time_share, targets.in_time, more=True),
        reopened_verdict=target_verdict(reopened_share, targets.reopened, more=False),
    )


def _median_days(days: Counter[int]) -> float | None:
    half, total = sum(days.values()) / 2, 0
    for day, n in sorted(days.items()):
        total += n
        if total >= half:
            return float(day)
    return None


def _rank_cards(cards: list[Scorecard], total: Share, targets: Targets) -> list[Scorecard]:
    """By the shrunk share of what was in time; cards with too few cases stand behind, by name, without a rank."""
    # A crew with two cases in time out of two must not stand above one with 95 of 100.
    with_shares = [replace(card, fair_share=shrunk_share(card.in_time, total, targets.least)) for card in cards]
    enough: list[Scorecard] = []
    too_few: list[Scorecard] = []
    for card in with_shares:
        (enough if card.in_time.n >= targets.least and card.fair_share is not None else too_few).append(card)
    enough.sort(key=lambda card: (-(card.fair_share or 0), card.name, card.key))
    too_few.sort(key=lambda card: (card.name, card.key))
    return [*(replace(card, rank=place) for place, card in enumerate(enough, 1)), *too_few]
