"""How good the data behind a recommendation are: a grade from A to D, with the reasons against a better one."""

from dataclasses import dataclass

YEAR, SEASON = 365, 120  # days; without a whole year one season may be mistaken for a trend
LOW_RATE, HIGH_RATE = 0.7, 1.5  # of the median
MANY_REPORTS = 100  # a year


@dataclass(frozen=True)
class GradeInputs:
    """What a grade looks at. `basis`: own, prior or pilot; `people`: 'real', 'example' or ''."""

    days: int
    forecast_good: bool
    basis: str
    people: str
    reports: int  # a year's expected reports of the option's kind and place


def evidence_grade(inputs: GradeInputs) -> tuple[str, list[str]]:
    """(A to D, codes of the reasons against a better one); docs/insight.md says the same in words."""
    reasons = []
    points = {"own": 3, "prior": 1, "pilot": 0}[inputs.basis]
    points += 2 if inputs.days >= YEAR else 1 if inputs.days >= SEASON else 0
    points += inputs.forecast_good
    points += inputs.people == "real"
    points += inputs.reports >= MANY_REPORTS
    if inputs.basis != "own":
        reasons.append("not_measured_here" if inputs.basis == "prior" else "pilot")
    if inputs.days < YEAR:
        reasons.append("less_than_a_year")
    if not inputs.forecast_good:
        reasons.append("forecast_unproven")
    if inputs.people != "real":
        reasons.append("people_example" if inputs.people else "people_unknown")
    if inputs.reports < MANY_REPORTS:
        reasons.append("few_reports")
    return "A" if points >= 7 else "B" if points >= 5 else "C" if points >= 3 else "D", reasons


def caveats(rate: float | None, poor: bool) -> list[str]:
    """Codes of what the number of reports may hide: few reports are not little need."""
    codes = ["rate_unknown" if rate is None else "rate_low" if rate < LOW_RATE else "rate_usual"]
    if rate is not None and rate > HIGH_RATE:
        codes = ["rate_high"]
    return codes + (["poor"] if poor else [])
