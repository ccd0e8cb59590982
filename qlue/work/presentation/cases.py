"""What the page of a case says: its history with names, and what is private of it."""

from collections.abc import Collection
from dataclasses import replace

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.queries import access_log
from qlue.people.rights import may
from qlue.reports.presentation.aid import aid_view
from qlue.reports.presentation.history import HistoryLine, history_line
from qlue.reports.records import ReportRecord
from qlue.timeline.records import ReportEvent
from qlue.work.presentation.photos import photo_sizes
from qlue.work.records import CaseDetails, RevealedReporter


def staff_history_line(city: CityFacts, event: ReportEvent, names: dict[int, str], report: ReportRecord) -> HistoryLine:
    """The public sentence of an event, with what only staff see: who it was and who was assigned."""
    line = history_line(city, event, secret=report.private)
    actor, person = names.get(event.actor_id or 0, ""), names.get(event.data.get("person") or 0, "")
    return replace(
        line,
        who=f"{line.who} ({actor})" if actor else line.who,
        words=f"{line.words}: {person}" if person else line.words,
    )


def private_parts(
    city: CityFacts,
    member: Membership,
    report: ReportRecord,
    details: CaseDetails,
    revealed_parts: Collection[str],
    reporter: RevealedReporter | None,
) -> dict[str, object]:
    """Who reported, and the original photos of private reports: only after somebody asked to see them.

    `revealed_parts` were opened with this request; `reporter` came with them.
    """
    may_reporter = may(member, "see_reporter", report.agency_id)
    may_photos = may(member, "see_private", report.agency_id)
    shows_photos = not report.private or "photo" in revealed_parts
    photos = details.photos if shows_photos else []
    return {
        "photos": [photo_sizes(city, photo.uuid, secret=report.private) for photo in photos],
        "hidden_photos": 0 if shows_photos else len(details.photos),
        "may_photos": may_photos,
        "may_reporter": may_reporter,
        "has_contact": details.has_contact,
        "reporter_revealed": "reporter" in revealed_parts,
        "contact": reporter.contact if reporter else None,
        "aid": aid_view(city, reporter.aid) if reporter and reporter.aid else None,
        # Who may look also sees who has looked.
        "access_log": access_log(city.id, report.id) if may_reporter or may_photos else [],
        "report_page": reverse("report", args=[city.slug, report.code]),
    }
