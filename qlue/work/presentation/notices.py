"""Notices with a title that says what happened, by the kind of the event."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.work.records import NoticeRecord

# Kind of the event -> title and icon. Alerts are raised by channels, the room above; their notices stand here too.
NOTICE_TITLES = {
    "report.submitted": (_("New report: %(what)s"), "send"),
    "report.rerouted": (_("Handed to you: %(what)s"), "arrows-exchange"),
    "report.recategorised": (_("Yours by its right category: %(what)s"), "tag"),
    "report.doubted": (_("Not done, says a neighbour: %(what)s"), "user-question"),
    "report.disputed": (_("Not done, says the reporter: %(what)s"), "refresh-alert"),
    "report.sent_back": (_("Proof sent back: %(what)s"), "arrow-back-up"),
    "report.assigned": (_("Assigned to you: %(what)s"), "user-check"),
    "report.resumed": (_("The hold is over: %(what)s"), "player-play"),
    "order.offered": (_("A work order for you: %(what)s"), "clipboard-list"),
    "order.declined": (_("Work order declined: %(what)s"), "circle-x"),
    "order.working": (_("The hold is over: %(what)s"), "player-play"),
    "order.on_hold": (_("Work order on hold: %(what)s"), "player-pause"),
    "order.submitted": (_("To be reviewed: %(what)s"), "photo-check"),
    "order.returned": (_("Sent back to you: %(what)s"), "arrow-back-up"),
    "order.approved": (_("Work order approved: %(what)s"), "circle-check"),
    "order.cancelled": (_("Work order cancelled: %(what)s"), "circle-minus"),
    "handover.asked": (_("You are asked to take over: %(what)s"), "arrows-exchange"),
    "handover.accepted": (_("Taken over by the other agency: %(what)s"), "check"),
    "handover.refused": (_("Hand-over refused: %(what)s"), "circle-x"),
    "handover.arbitration": (_("An arbiter decides: %(what)s"), "scale"),
    "handover.decided": (_("The arbiter has decided: %(what)s"), "gavel"),
    "handover.withdrawn": (_("Hand-over taken back: %(what)s"), "arrow-back-up"),
    "outside.accepted": (_("The authority has taken it on: %(what)s"), "clipboard-check"),
    "outside.done": (_("Done, says the authority; please check: %(what)s"), "circle-check"),
    "outside.not_ours": (_("Not theirs, says the authority: %(what)s"), "circle-x"),
    "outside.reminded": (_("No answer from the authority yet: %(what)s"), "bell"),
    "outside.expired": (_("The authority did not answer: %(what)s"), "alarm"),
    "alert.raised": (_("EMERGENCY, who takes it? %(what)s"), "alert-triangle"),
    "alert.climbed": (_("EMERGENCY, nobody has taken it: %(what)s"), "alert-triangle"),
    "work.escalated": (_("Deadline: %(what)s"), "alarm"),
}
# A kind that a newer release wrote, or that has no title of its own.
OTHER_NOTICE = (_("News: %(what)s"), "bell")


@dataclass(frozen=True)
class NoticeCard:
    """A notice as the list shows it: `line` says what happened, `case` about which report."""

    case: ReportCard
    case_url: str
    line: str
    icon: str
    is_new: bool
    at: datetime


def notice_card(city: CityFacts, notice: NoticeRecord) -> NoticeCard:
    """The report's card with the notice's title, icon and link."""
    case = report_card(city, notice)
    title, icon = NOTICE_TITLES.get(notice.kind, OTHER_NOTICE)
    return NoticeCard(
        case=case,
        case_url=reverse("case", kwargs={"city_slug": city.slug, "code": notice.code}),
        line=title % {"what": case.title},
        icon=icon,
        is_new=notice.is_new,
        at=notice.notified_at,
    )
