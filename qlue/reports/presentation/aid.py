"""What the form of social assistance adds to a report, as pages show it."""

from dataclasses import dataclass

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code
from qlue.reports.presentation.labels import MATTERS, PROGRAMS
from qlue.reports.records import AidRecord


@dataclass(frozen=True)
class AidView:
    """`same`: codes of other reports with the same NIK; `last4` its last digits."""

    last4: str
    household: int | None
    program: object
    matter: object
    same: list[str]


def aid_view(city: CityFacts, aid: AidRecord) -> AidView:
    return AidView(
        last4=aid.nik_last4,
        household=aid.household,
        program=PROGRAMS.get(aid.program, ""),
        matter=MATTERS.get(aid.matter, ""),
        same=[report_code(city.code_prefix, number) for number in aid.same_nik or ()],
    )
