"""Durations as people say them."""

from typing import NamedTuple

from django.utils.translation import ngettext

from qlue.web import formats

# From here on a duration is said in days: "47 hours" still means something, "98 hours" makes people divide.
HOURS_UNTIL_DAYS = 48


class DurationText(NamedTuple):
    """A number and its unit: `36`, `jam`; a dash without a unit where nothing is known."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}".strip()


def duration_text(hours: float | None) -> DurationText:
    """Minutes under an hour, hours under two days, then days with one decimal."""
    if hours is None:
        return DurationText("–", "")
    if hours < 1:
        minutes = max(1, round(hours * 60))
        return DurationText(formats.number_text(minutes), ngettext("minute", "minutes", minutes))
    if hours < HOURS_UNTIL_DAYS:
        return DurationText(formats.number_text(round(hours)), ngettext("hour", "hours", round(hours)))
    # A number with a decimal takes the plural, `1.0 days` too.
    return DurationText(formats.number_text(hours / 24, 1), ngettext("day", "days", 2))
