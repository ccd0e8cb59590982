"""The panels beside a case: its work orders, transfers, referrals, and which agency has had it for how long."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.queries import city_and_member
from qlue.people.rights import may
from qlue.reports.states import OPEN_STATUSES
from qlue.work.models import Transfer
from qlue.work.presentation.orders import order_card
from qlue.work.presentation.referrals import referral_card
from qlue.work.presentation.transfers import transfer_card
from qlue.work.queries.custody import CustodyPeriod, custody_periods
from qlue.work.queries.orders import orders_of_report
from qlue.work.queries.referrals import referrals_of_report
from qlue.work.queries.transfers import transfers_of_report

Row = dict[str, Any]


def case_panels(request: HttpRequest, row: Row, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Context of `work/_orders.html` and `work/_passing.html`. Three statements."""
    city, member = city_and_member(request)
    is_open = row["status"] in OPEN_STATUSES
    transfers = transfers_of_report(city, row["id"])
    is_transfer_open = any(transfer["state"] in Transfer.OPEN for transfer in transfers)
    periods = custody_periods(city, events, now())
    may_transfer = row["agency"] is not None and may(member, "transfer", row["agency"])
    return {
        "orders": [order_card(city, order) for order in orders_of_report(city, row["id"])],
        "transfers": [transfer_card(city, member, transfer) for transfer in transfers],
        "referrals": [
            referral_card(request, city, member, referral) for referral in referrals_of_report(city, row["id"])
        ],
        # One agency alone is what everybody expects; two or more tell how the case was passed on.
        "custody": [_custody_line(city, period) for period in periods] if len(periods) > 1 else [],
        "may_order": is_open and may(member, "lead_crews", row["agency"]),
        "may_transfer": is_open and not is_transfer_open and may_transfer,
        # The link needs no account: what is private stays inside.
        "may_refer": is_open and not row["private"] and may(member, "refer_external", row["agency"]),
    }


def _custody_line(city: CityFacts, period: CustodyPeriod) -> dict[str, Any]:
    agency = city.agencies.get(period.agency or 0)
    name = agency.short_name if agency else ""
    return {"name": name, "since": period.since, "until": period.until, "hours": period.hours}
