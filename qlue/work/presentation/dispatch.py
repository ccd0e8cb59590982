"""Suggestions of dispatch with their reasons in words."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.records import ReportRecord
from qlue.work.dispatch.assignment import METRES_A_MINUTE, Suggestion, Team
from qlue.work.queries.crews import CrewStatus

OBSTACLE_LABELS = {
    "no_crew": gettext_lazy("No crew is on duty now."),
    "no_skill": gettext_lazy("No crew on duty does this kind of work."),
    "no_time": gettext_lazy("No shift lasts long enough for it."),
    "full": gettext_lazy("All crews that could go have enough to do."),
}


@dataclass(frozen=True)
class SuggestionReason:
    """One reason why a crew should go."""

    icon: str
    words: str


@dataclass(frozen=True)
class SuggestionCard:
    """A case with the crew that should go; without one `obstacle` says why, and there is neither pair nor reason."""

    case: ReportCard
    case_url: str
    crew: str = ""
    pair: str = ""  # `code:crew`, as the form sends it
    reasons: tuple[SuggestionReason, ...] = ()
    obstacle: object = ""


def suggestion_card(
    city: CityFacts, report: ReportRecord, suggestion: Suggestion, crews: dict[int, CrewStatus]
) -> SuggestionCard:
    """The case, and the crew that should go with the reasons, or why none can."""
    case, case_url = report_card(city, report), reverse("case", args=[city.slug, report.code])
    if suggestion.team is None:
        return SuggestionCard(case, case_url, obstacle=OBSTACLE_LABELS[suggestion.obstacle])
    crew = crews[suggestion.team.id]
    return SuggestionCard(
        case=case,
        case_url=case_url,
        crew=crew.crew.name,
        pair=f"{report.code}:{crew.crew.id}",
        reasons=_suggestion_reasons(city, suggestion, suggestion.team, crew),
    )


def _suggestion_reasons(
    city: CityFacts, suggestion: Suggestion, team: Team, crew: CrewStatus
) -> tuple[SuggestionReason, ...]:
    minutes = max(1, round(suggestion.metres / METRES_A_MINUTE))
    # Indonesian writes a decimal comma.
    kilometres = f"{suggestion.metres / 1000:.1f}".replace(".", ",")
    way = _("%(km)s km, about %(n)d minutes") % {"km": kilometres, "n": minutes}
    category = city.category(suggestion.job.category)
    skill = category.label if category and team.skills else _("does everything")
    load = ngettext("%(n)d order in hand", "%(n)d orders in hand", crew.load) % {"n": crew.load}
    shift = _("on duty until %(time)s") % {"time": f"{team.until.astimezone(city.tz):%H:%M}"}
    return (
        SuggestionReason("route", way),
        SuggestionReason("tool", skill),
        SuggestionReason("clipboard-list", load),
        SuggestionReason("clock", shift),
    )
