"""What is new for a member, and the bell that counts it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.reports.cards import card
from qlue.work import actions
from qlue.work.reading import Row, notices
from qlue.work.views.common import bell as bell_context

TITLES = {
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
ANYTHING = (_("News: %(what)s"), "bell")


@never_cache
@require_safe
@member_required("see_queue")
def inbox(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The newest notices; looking at them is what makes them seen."""
    here, member = city_and_member(request)
    found = notices(here, member)
    page = render(request, "work/notices.html", {"notices": [_notice(here, row) for row in found]})
    if found and found[0]["new"]:
        actions.saw(member, found[0]["id"])
    return page


def _notice(city: CityFacts, row: Row) -> dict[str, Any]:
    shown = card(city, row)
    title, icon = TITLES.get(row["kind"], ANYTHING)
    url = reverse("case", kwargs={"city_slug": city.slug, "code": row["code"]})
    return shown | {"line": title % {"what": shown["title"]}, "icon": icon, "case_url": url}


@never_cache
@require_safe
@member_required("see_queue")
def bell(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The bell alone, for pages that are open."""
    _here, member = city_and_member(request)
    return render(request, "work/_bell.html", bell_context(member))
