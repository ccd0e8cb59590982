"""Labels, colours and icons for the codes that insight stores."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROBLEMS: dict[str, Promise] = {
    "few_reports": _("There are too few reports so far."),
    "short_history": _("The history is still too short: a forecast needs about nine weeks."),
    "no_need": _("No kecamatan has enough reports of one kind for an action to be seen to help."),
    "few_weeks": _("Recommendations need at least four weeks of reports."),
    "short_before": _("Fewer than six weeks of reports before it began: nothing to compare with."),
    "too_early": _("It is too early to say: the first look is after four weeks."),
    "too_few": _("Too few reports, or too few areas left to compare with."),
}
MISSING: dict[str, Promise] = {
    "not_measured_here": _("the effect was measured elsewhere, not in this city"),
    "pilot": _("nobody has measured the effect: a pilot that promises nothing"),
    "less_than_a_year": _("less than a year of reports: seasons are unknown"),
    "forecast_unproven": _("the forecast is not yet better than repeating last week"),
    "people_unknown": _("the number of people is unknown: no dataset about population"),
    "people_example": _("the number of people is an example"),
    "few_reports": _("fewer than a hundred such reports a year"),
}
CAVEATS: dict[str, Promise] = {
    "rate_low": _("Few people report here. Low reports are not low need: look before you decide."),
    "rate_usual": _("People report about as readily here as elsewhere in the city."),
    "rate_high": _("People report very readily here; the need may look larger than elsewhere."),
    "rate_unknown": _("How readily people report here is unknown. Low reports are not low need."),
    "poor": _("Poorer than half of the kecamatan: those who have least report least."),
}
EVIDENCE: dict[str, Promise] = {
    "recent": _("reports in the last 28 days"),
    "open": _("still open"),
    "overdue": _("overdue"),
}
METHODS: dict[str, Promise] = {
    "last_weeks": _("the last month"),
    "exp_decay": _("exponential decay"),
    "kde": _("kernel density"),
    "decayed_kde": _("kernel density with decay"),
    "boosted_poisson": _("boosted Poisson trees"),
    "blend": _("blend"),
    "weekday_mean": _("mean of weekdays"),
    "mstl": _("trend and season (MSTL)"),
    "ets": _("exponential smoothing (ETS)"),
    "recent_mean": _("mean of eight weeks"),
    "level": _("smoothed level"),
    "croston": _("Croston"),
    "shared_out": _("shared out from the city"),
}
GRADES: dict[str, tuple[str, str]] = {  # colour and icon of each grade
    "A": ("green", "circle-check"),
    "B": ("blue", "circle-check"),
    "C": ("yellow", "alert-triangle"),
    "D": ("grey", "help-circle"),
}
BASES: dict[str, tuple[str, Promise, str]] = {
    "own": ("green", _("measured here"), "ruler-measure"),
    "prior": ("blue", _("from elsewhere"), "book-2"),
    "pilot": ("grey", _("pilot"), "flask"),
}
