"""How good the data behind a recommendation are: a grade from A to D, with the reasons for it."""

from dataclasses import dataclass

YEAR, SEASON = 365, 120
LOW_RATE, HIGH_RATE = 0.7, 1.5


@dataclass(frozen=True)
class Known:
    """What a grade looks at. `basis`: own, prior or pilot; `people`: 'real', 'example' or ''."""

    days: int
    forecast_good: bool
    basis: str
    people: str
    reports: int  # a year's expected reports of the option's kind and place


def grade(known: Known) -> tuple[str, list[str]]:
    """(A to D, codes of what speaks against a better one)."""
    missing = []
    points = {"own": 3, "prior": 1, "pilot": 0}[known.basis]
    points += 2 if known.days >= YEAR else 1 if known.days >= SEASON else 0
    points += known.forecast_good
    points += known.people == "real"
    points += known.reports >= 100
    if known.basis != "own":
        missing.append("not_measured_here" if known.basis == "prior" else "pilot")
    if known.days < YEAR:
        missing.append("less_than_a_year")
    if not known.forecast_good:
        missing.append("forecast_unproven")
    if known.people != "real":
        missing.append("people_example" if known.people else "people_unknown")
    if known.reports < 100:
        missing.append("few_reports")
    return "A" if points >= 7 else "B" if points >= 5 else "C" if points >= 3 else "D", missing


def caveats(rate: float | None, poor: bool) -> list[str]:
    """Codes of what the number of reports may hide: few reports are not little need."""
    found = ["rate_unknown" if rate is None else "rate_low" if rate < LOW_RATE else "rate_usual"]
    if rate is not None and rate > HIGH_RATE:
        found = ["rate_high"]
    return found + (["poor"] if poor else [])
