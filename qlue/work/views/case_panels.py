"""The panels beside a case: its work orders, transfers, referrals, and which agency has had it for how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.queries import city_and_member
from qlue.people.rights import may
from qlue.reports.records import ReportRecord
from qlue.reports.states import OPEN_STATUSES
from qlue.timeline.records import ReportEvent
from qlue.work.models import Transfer
from qlue.work.presentation.orders import order_card
from qlue.work.presentation.referrals import referral_cards
from qlue.work.presentation.transfers import transfer_card
from qlue.work.queries.custody import CustodyPeriod, custody_periods
from qlue.work.queries.orders import orders_of_report
from qlue.work.queries.referrals import referrals_of_report
from qlue.work.queries.transfers import transfers_of_report


@dataclass(frozen=True)
class CustodyLine:
    """One agency's time with the case, in office hours; the name is empty while no agency had it."""

    name: str
    since: datetime
    hours: float


def case_panels(request: HttpRequest, report: ReportRecord, events: Iterable[ReportEvent]) -> dict[str, object]:
    """Context of `work/_orders.html` and `work/_passing.html`. Three statements."""
    city, member = city_and_member(request)
    is_open = report.status in OPEN_STATUSES
    transfers = transfers_of_report(city, report.id)
    is_transfer_open = any(transfer.state in Transfer.OPEN for transfer in transfers)
    periods = custody_periods(city, events, now())
    may_transfer = report.agency_id is not None and may(member, "transfer", report.agency_id)
    return {
        "orders": [order_card(city, order) for order in orders_of_report(city, report.id)],
        "transfers": [transfer_card(city, member, transfer) for transfer in transfers],
        "referrals": referral_cards(request, city, member, referrals_of_report(city, report.id)),
        # One agency alone is what everybody expects; two or more tell how the case was passed on.
        "custody": [_custody_line(city, period) for period in periods] if len(periods) > 1 else [],
        "may_order": is_open and may(member, "lead_crews", report.agency_id),
        "may_transfer": is_open and not is_transfer_open and may_transfer,
        # The link needs no account: what is private stays inside.
        "may_refer": is_open and not report.private and may(member, "refer_external", report.agency_id),
    }


def _custody_line(city: CityFacts, period: CustodyPeriod) -> CustodyLine:
    agency = city.agencies.get(period.agency or 0)
    return CustodyLine(agency.short_name if agency else "", period.since, period.hours)
