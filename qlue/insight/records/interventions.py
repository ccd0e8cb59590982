"""What a city can do against a problem, from its pack or as its people wrote it."""

from dataclasses import dataclass, fields

from django.utils.translation import get_language

from qlue.cities.facts import InterventionFacts


@dataclass(frozen=True)
class CityIntervention(InterventionFacts):
    """One intervention of the library. `own`: written or changed in the app, so no longer as the pack has it."""

    active: bool = True
    own: bool = False

    @property
    def label(self) -> str:
        """The name in the language of the request."""
        return self.name_en if self.name_en and (get_language() or "id").startswith("en") else self.name

    @property
    def fall(self) -> tuple[float, float, float] | None:
        """(expected, least, most) share of reports fewer; without a published interval from nothing to the double."""
        if self.effect is None:
            return None
        # A source without an interval is trusted little: from no effect at all to twice the published one.
        low = 0.0 if self.effect_low is None else self.effect_low
        high = min(0.99, 2 * self.effect) if self.effect_high is None else self.effect_high
        return self.effect, min(low, self.effect), max(high, self.effect)


PACK_FIELDS = tuple(field.name for field in fields(InterventionFacts))
