"""Verbs on cases: accept several at once, any verb of the case page, reveal what is private, confirm by silence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_id as id_of_code
from qlue.kit.ids import uuid7
from qlue.people.actions import record_access
from qlue.people.models import Membership
from qlue.reports.actions import SYSTEM, ActionRefused, Actor, lock_reports_in_order, transition
from qlue.reports.actions.transition import lock_report
from qlue.reports.queries.reports import find_aid, find_contact
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus
from qlue.work.actions.language import in_city_language
from qlue.work.actions.orders import cancel_orders
from qlue.work.records import RevealedReporter


@dataclass
class BulkAcceptance:
    """What became of the chosen cases: the codes that were accepted, and (code, reason) of each other one."""

    codes: list[str] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)


def accept_cases(city: CityFacts, member: Membership, codes: Iterable[str], uuid: UUID | None = None) -> BulkAcceptance:
    """Accepts report after report, each in its own transaction: one that cannot be accepted holds up no other."""
    outcome, actor, submission_id = BulkAcceptance(), Actor(member), uuid or uuid7()
    # Each once, in the order of the page.
    for code in dict.fromkeys(codes):
        try:
            transition(city=city, report_id=id_of_code(code) or 0, verb="accept", actor=actor, uuid=submission_id)
            outcome.codes.append(code)
        except ActionRefused as refusal:
            outcome.refusals.append((code, str(refusal.message)))
    return outcome


def transition_case(city: CityFacts, report_id: int, verb: str, actor: Membership, **fields: Any) -> str:
    """`reports.actions.transition` for the case page; returns the new status, raises `ActionRefused`.

    Where the report goes to another agency, the open orders of the former one end.
    """
    with transaction.atomic():
        # A merge locks two reports; taking the first lock here alone could deadlock with the merge the other way round.
        lock_reports_in_order(city, report_id, fields.get("into"))
        former_agency = lock_report(city, report_id).agency_id
        status = transition(city=city, report_id=report_id, verb=verb, actor=Actor(actor), **fields)
        if former_agency is not None and lock_report(city, report_id).agency_id != former_agency:
            reason = in_city_language(lambda: _("The report was handed to another agency."))
            cancel_orders(city, report_id, reason, agency=former_agency)
    return status


def reveal_part(city: CityFacts, member: Membership, report_id: int, part: str) -> RevealedReporter | None:
    """Writes to the access log that `member` sees a private `part`: reporter or photo; returns the reporter."""
    # The log comes first: nothing is shown that was not written down.
    record_access(member, report_id, part)
    if part != "reporter":
        return None
    return RevealedReporter(find_contact(city, report_id), find_aid(city, report_id))


# A proof that waits for its review is not confirmed by silence: the supervisor may still send it back.
UNDISPUTED_CASES = f"""
SELECT r.id FROM {REPORTS} AS r
WHERE r.city_id = %s AND r.status = '{ReportStatus.RESOLVED}' AND r.resolved_at < now() - make_interval(days => %s)
    AND NOT EXISTS (SELECT FROM work_proof p WHERE p.city_id = r.city_id AND p.report_id = r.id AND p.state = 'open')
ORDER BY r.resolved_at LIMIT %s
"""


def confirm_undisputed_cases(city: CityFacts, days: int, limit: int = 1000) -> int:
    """Confirms what was resolved more than `days` ago and nobody disputed; returns how many. May run twice at once."""
    count = 0
    for (report_id,) in fetch_all(UNDISPUTED_CASES, [city.id, days, limit]):
        try:
            transition(city=city, report_id=report_id, verb="confirm", actor=SYSTEM)
            count += 1
        except ActionRefused:
            continue  # disputed since the list was read
    return count
