"""Telling people: what happened becomes a notice for each of them, in the transaction that makes it happen."""

import json
from collections.abc import Iterable
from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.people.models import Role
from qlue.work.actions.notices import BELL, TELL, WAKE
from qlue.work.crew_rows import crews_now

Receiver = tuple[int | None, int | None]  # (agency, person); (None, None) are the operators


def ring(city: CityFacts, happening: int, kind: str, report: int, receivers: Iterable[Receiver]) -> int:
    """Notices of one happening; returns how many are new. The same receiver is told once."""
    new = [(*who, report, happening, kind) for who in dict.fromkeys(receivers)]
    if not new or not (written := execute(TELL, [city.id, *map(list, zip(*new, strict=True))])):
        return 0
    fetch_all(WAKE, [json.dumps({city.slug: [BELL]})])
    return written


HOLDERS = """
SELECT user_id FROM people_membership
WHERE city_id = %s AND role = %s AND active AND (%s::bigint IS NULL OR agency_id = %s::bigint) ORDER BY id
"""


def those_who_are(city: CityFacts, role: str, agency: int | None = None) -> list[Receiver]:
    """Everybody with this role, of this agency where one is given."""
    return [(None, user) for (user,) in fetch_all(HOLDERS, [city.id, role, agency, agency])]


def those_on_duty(city: CityFacts, agency: int, moment: datetime) -> list[Receiver]:
    """Everybody in a crew of this agency whose shift runs, and who is not on leave."""
    crews = [crew for crew in crews_now(city, moment, agency) if crew.on_duty]
    return [(None, person.id) for crew in crews for person in crew.people if not person.leave]


def heads_of(city: CityFacts, agency: int | None) -> list[Receiver]:
    """The heads of an agency; the operators where there is no agency or nobody heads it."""
    return (those_who_are(city, Role.HEAD, agency) if agency else []) or [(None, None)]
