"""How far the computed figures can be trusted, judged on the city's own past."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.insight.models import Run
from qlue.insight.presentation.labels import METHODS
from qlue.web import formats

# By the key of the run's figures (forecasts/compute.py).
FORECASTS = {
    "city": gettext_lazy("Forecast of the city by day"),
    "kecamatan": gettext_lazy("Forecast by kecamatan and week"),
    "categories": gettext_lazy("Forecast by category and week"),
    "areas": gettext_lazy("Forecast by kelurahan and week"),
}


@dataclass(frozen=True)
class TrustLine:
    """How far one part can be trusted: a figure, what it means, and the method that was chosen."""

    name: str | Promise
    value: str
    text: str
    method: str | Promise = ""


def trust_lines(runs: dict[str, Run | None]) -> list[TrustLine]:
    """A figure for each part, with its meaning and the method that was chosen."""
    hotspots, forecast = runs["hotspots"], runs["forecast"]
    lines = []
    if hotspots and hotspots.figures.get("judged"):
        figures = hotspots.figures
        value = figures["pai"][figures["chosen"]]
        text = _(
            "times as many reports in the top 5 %% of squares as by chance, in %(n)d past windows of %(days)d days"
        )
        text = text % {"n": figures["windows"], "days": figures["ahead"]}
        lines.append(_trust_line(_("Hot spots"), value, text, figures))
    elif hotspots and not hotspots.problem:
        lines.append(TrustLine(_("Hot spots"), "–", _("not judged yet: the history is short")))
    for key, name in FORECASTS.items():
        figures = (forecast.figures.get(key) if forecast else None) or {}
        if figures:
            text = _("of the error of repeating the past; %(share)s of the truth lay in the 80 %% interval")
            share = formats.percent_text(figures["covered"], 1)
            lines.append(_trust_line(name, figures["mase"], text % {"share": share}, figures))
    return lines


def _trust_line(name: str | Promise, value: float, text: str, figures: dict[str, Any]) -> TrustLine:
    return TrustLine(name, formats.number_text(value, 2), text, METHODS[figures["chosen"]])
