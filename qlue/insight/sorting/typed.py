"""What somebody who is reporting may mean by the words so far, and which agency would take it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts, agency_for
from qlue.insight.serving import serving

WORTH_SAYING = 0.3  # the best guess must be as sure as that, or nothing is suggested at all
BESIDE = 0.15  # what stands beside it
MOST = 3
SURE: tuple[tuple[float, str | Promise], ...] = (
    (0.8, _("very likely")), (0.5, _("likely")), (0.0, _("perhaps")),
)  # fmt: skip


@dataclass(frozen=True)
class Meant:
    """A category with how sure that is, in words, and the name of the agency that takes it; empty where none does."""

    category: CategoryFacts
    sure: str | Promise
    agency: str


def meant(city: CityFacts, words: str, area: AreaFacts | None = None) -> list[Meant]:
    """At most MOST, the best first; none where the words say too little. The connection is in the city's scope."""
    sorter = serving(city, "category").sorter
    guesses = sorter.guess(words, most=MOST) if sorter and words.strip() else []
    if not guesses or guesses[0].confidence < WORTH_SAYING:
        return []
    found = [(city.category(one.label), one.confidence) for one in guesses if one.confidence >= BESIDE]
    return [
        Meant(category, next(word for least, word in SURE if sure >= least), taker(city, category, area))
        for category, sure in found
        if category and category.active
    ]


def taker(city: CityFacts, category: CategoryFacts, area: AreaFacts | None) -> str:
    """The agency that a report of this category goes to from there."""
    agency = city.agencies.get(agency_for(city, category.id, area.id if area else None) or 0)
    return agency.name if agency else ""
