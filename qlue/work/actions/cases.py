"""Verbs on cases: accept a whole pile, look at what is hidden, confirm what nobody disputed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_id, uuid7
from qlue.people.actions import record_look
from qlue.people.models import Membership
from qlue.reports.actions import Mover, Refused, lock_in_order, move
from qlue.reports.reading import aid_row, contact_row
from qlue.work.actions.locking import locked_report
from qlue.work.actions.orders import cancel_orders
from qlue.work.actions.waking import in_city_language


@dataclass
class Accepted:
    """What became of a pile: the codes that were accepted, and for each other one why not."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def accept_all(city: CityFacts, member: Membership, codes: Iterable[str], uuid: UUID | None = None) -> Accepted:
    """Accepts report after report, each in its own transaction: one that cannot be accepted holds up no other."""
    told = Accepted()
    for code in dict.fromkeys(codes):
        try:
            move(city=city, report_id=report_id(code) or 0, verb="accept", by=Mover(member), uuid=uuid or uuid7())
            told.done.append(code)
        except Refused as refused:
            told.refused.append((code, str(refused.message)))
    return told


def move_case(city: CityFacts, number: int, verb: str, by: Membership, **given: Any) -> str:
    """A move of the case page; where another agency has the case then, orders of the former one end. As `move`."""
    with transaction.atomic():
        lock_in_order(city, number, given.get("into"))
        held = locked_report(city, number)[0]
        status = move(city=city, report_id=number, verb=verb, by=Mover(by), **given)
        if held is not None and locked_report(city, number)[0] != held:
            reason = in_city_language(lambda: _("The report was handed to another agency."))
            cancel_orders(city, number, reason, agency=held)
    return status


def look(city: CityFacts, member: Membership, number: int, what: str) -> dict[str, Any] | None:
    """Notes that `member` looks at the reporter or the photos of a report, then gives the former.

    That is the contact, and under `aid` what a report about social assistance says of its household.
    """
    record_look(member, number, what)
    if what != "reporter":
        return None
    return dict(contact_row(city, number) or {}) | {"aid": aid_row(city, number)}


ANSWER_OVER = """
SELECT r.id FROM reports_report r
WHERE r.city_id = %s AND r.status = 'resolved' AND r.resolved_at < now() - make_interval(days => %s)
    AND NOT EXISTS (SELECT FROM work_proof p WHERE p.city_id = r.city_id AND p.report_id = r.id AND p.state = 'open')
ORDER BY r.resolved_at LIMIT %s
"""


def confirm_unanswered(city: CityFacts, days: int, most: int = 1000) -> int:
    """Confirms what was resolved more than `days` ago and nobody disputed; returns how many. May run twice at once."""
    done = 0
    for (number,) in fetch_all(ANSWER_OVER, [city.id, days, most]):
        try:
            move(city=city, report_id=number, verb="confirm", by=Mover())
            done += 1
        except Refused:
            continue  # disputed in this moment
    return done
