"""Another category, and what follows from it: the agency and the deadline that the pack names for it.

The rule stands in words in docs/work.md, its reasons in decision 32.
"""

from datetime import datetime
from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts, agency_for, deadline
from qlue.kit.clock import now
from qlue.kit.db import fetch_value
from qlue.reports.actions.refusal import ActionRefused
from qlue.reports.records import ReportState
from qlue.reports.states import OPEN_STATUSES, WORKING_STATUSES, ReportStatus
from qlue.timeline.records import EVENTS, fact_text

MOST_AGENCY_CHANGES = 2  # there and back again by corrections; after that only those who may route move it
ACCEPTED_STATUSES = (*WORKING_STATUSES, ReportStatus.REOPENED)

# Only corrections count: a transfer has been agreed to, and says nothing about a quarrel over the category.
COUNT_AGENCY_CHANGES = f"""
SELECT count(*) FROM {EVENTS} AS e WHERE city_id = %s AND report_id = %s AND kind = 'report.recategorised'
    AND {fact_text("was", "agency")} IS DISTINCT FROM {fact_text("now", "agency")}
"""  # noqa: S608
# Whether this report once had the deadline: then a correction takes a mistake back, and does not rename lateness.
HAD_DEADLINE = f"""
SELECT EXISTS (SELECT FROM {EVENTS} AS e
    WHERE city_id = %s AND report_id = %s AND ({fact_text("now", "due_at")})::timestamptz = %s)
"""  # noqa: S608
# Deadlines of reports from before the city joined run from the day on which it did.
SERVED_AT = f"""
SELECT at FROM {EVENTS} AS e WHERE city_id = %s AND report_id = %s AND kind = 'report.served' LIMIT 1
"""  # noqa: S608
# Of events that carry facts only: a neighbour's "me too" in between is nothing that somebody did with the case.
LATEST_HID_REPORT = f"""
SELECT kind = 'report.recategorised' AND {fact_text("was", "private")} = 'false' FROM {EVENTS} AS e
WHERE city_id = %s AND report_id = %s AND jsonb_typeof(data->'now') = 'object' ORDER BY id DESC LIMIT 1
"""  # noqa: S608


class CategoryChanges(TypedDict, total=False):
    """The fields of `ReportState` that a corrected category changes."""

    category_id: int
    private: bool
    agency_id: int | None
    respond_by: datetime | None
    due_at: datetime | None
    status: str
    assignee_id: int | None
    hold_until: datetime | None


def check_category(city: CityFacts, before: ReportState, category: int, seen_category: int | None) -> None:
    """Raises `ActionRefused` where the city has no such category, or somebody has corrected it since it was seen."""
    category_facts = city.categories.get(category)
    if category_facts is None or not category_facts.active:
        raise ActionRefused(_("Choose one of the city's categories."), "category")
    if seen_category and seen_category != before.category_id:
        raise ActionRefused(_("Somebody has corrected the category meanwhile. Please look again."), "category")


def category_changes(
    city: CityFacts, report_id: int, before: ReportState, category: int, *, may_route: bool
) -> CategoryChanges:
    """What changes in the report with its category; `may_route`: the actor gives cases to other agencies unasked."""
    private = is_private_after_correction(city, report_id, before, category)
    # Done work stays with the agency that did it, and with the deadline it was promised by.
    if before.status not in OPEN_STATUSES:
        return {"category_id": category, "private": private}
    agency_id = agency_after_correction(city, report_id, before, category, may_route=may_route)
    changes: CategoryChanges = {"category_id": category, "private": private, "agency_id": agency_id}
    if agency_id is not None:
        changes |= deadlines_after_correction(city, report_id, before, category)
    if agency_id == before.agency_id:
        return changes
    # The new agency begins anew: what the former one assigned or put off is not its own.
    return changes | {"status": ReportStatus.ROUTED, "assignee_id": None, "hold_until": None}


def agency_after_correction(
    city: CityFacts, report_id: int, before: ReportState, category: int, *, may_route: bool
) -> int | None:
    """The pack's agency, unless people have given the case to another one, or its agency has taken it on."""
    if not before.area_id:
        return before.agency_id
    pack_agency, old_pack_agency = (
        agency_for(city, category_id, before.area_id) for category_id in (category, before.category_id)
    )
    if pack_agency is None or before.agency_id not in (None, old_pack_agency):
        return before.agency_id
    # An operator could hand the case on anyway, so the correction does it in one step.
    if may_route:
        return pack_agency
    # Who has accepted a case must not lose it, nor get rid of it, by somebody's correction: a transfer decides.
    if before.status in ACCEPTED_STATUSES:
        return before.agency_id
    changes: int = fetch_value(COUNT_AGENCY_CHANGES, [city.id, report_id])
    return before.agency_id if changes >= MOST_AGENCY_CHANGES else pack_agency


def deadlines_after_correction(city: CityFacts, report_id: int, before: ReportState, category: int) -> CategoryChanges:
    """The category's terms, from when the city had the report; a deadline that has passed is not put off."""
    start = fetch_value(SERVED_AT, [city.id, report_id]) or before.created_at
    respond_by, due_at = (deadline(city, category, start, hours) for hours in ("respond", "resolve"))
    # Otherwise an agency could win time for a late case by naming it differently.
    old_due = before.due_at
    if old_due and old_due <= now() and due_at > old_due:
        due_at = due_at if fetch_value(HAD_DEADLINE, [city.id, report_id, due_at]) else old_due
    return {"respond_by": respond_by, "due_at": due_at}


def is_private_after_correction(city: CityFacts, report_id: int, before: ReportState, category: int) -> bool:
    """A private category hides the report; if only a correction had hidden it, the very next one shows it again."""
    if city.categories[category].private:
        return True
    # The reporter's own wish for privacy is not the category's: no correction makes such a report public.
    if not before.private or not city.categories[before.category_id].private:
        return before.private
    return not fetch_value(LATEST_HID_REPORT, [city.id, report_id])
