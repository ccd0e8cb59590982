"""Suggestions of dispatch with their reasons in words."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import card
from qlue.work.dispatch.assignment import METRES_A_MINUTE, Suggestion, Team
from qlue.work.queries.crews import CrewStatus

OBSTACLE_LABELS = {
    "no_crew": gettext_lazy("No crew is on duty now."),
    "no_skill": gettext_lazy("No crew on duty does this kind of work."),
    "no_time": gettext_lazy("No shift lasts long enough for it."),
    "full": gettext_lazy("All crews that could go have enough to do."),
}


def suggestion_card(
    city: CityFacts, row: dict[str, Any], suggestion: Suggestion, crews: dict[int, CrewStatus]
) -> dict[str, Any]:
    """The case, and the crew that should go with the reasons, or why none can."""
    case = card(city, row) | {"case_url": reverse("case", args=[city.slug, row["code"]]), "crew": "", "why": ""}
    if suggestion.team is None:
        return case | {"why": OBSTACLE_LABELS[suggestion.obstacle]}
    crew = crews[suggestion.team.id]
    return case | {
        "crew": crew.crew.name,
        "pair": f"{row['code']}:{crew.crew.id}",
        "reasons": _suggestion_reasons(city, suggestion, suggestion.team, crew),
    }


def _suggestion_reasons(city: CityFacts, suggestion: Suggestion, team: Team, crew: CrewStatus) -> list[dict[str, str]]:
    minutes = max(1, round(suggestion.metres / METRES_A_MINUTE))
    # Indonesian writes a decimal comma.
    kilometres = f"{suggestion.metres / 1000:.1f}".replace(".", ",")
    way = _("%(km)s km, about %(n)d minutes") % {"km": kilometres, "n": minutes}
    category = city.category(suggestion.job.category)
    skill = category.label if category and team.skills else _("does everything")
    load = ngettext("%(n)d order in hand", "%(n)d orders in hand", crew.load) % {"n": crew.load}
    shift = _("on duty until %(time)s") % {"time": f"{team.until.astimezone(city.tz):%H:%M}"}
    reasons = (("route", way), ("tool", skill), ("clipboard-list", load), ("clock", shift))
    return [{"icon": icon, "words": text} for icon, text in reasons]
