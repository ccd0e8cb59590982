"""What the page of a case says: its history with names, and what is private of it."""

from typing import Any

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.queries import access_log
from qlue.people.rights import may
from qlue.reports.presentation.history import event_line
from qlue.work.presentation.photos import photo_sizes

Row = dict[str, Any]


def staff_event_line(city: CityFacts, event: Row, names: dict[int, str], row: Row) -> dict[str, Any]:
    """The public sentence of an event, with what only staff see: who it was and who was assigned."""
    line = event_line(city, event, secret=row["private"])
    actor, person = names.get(event["actor"] or 0, ""), names.get(event["data"].get("person") or 0, "")
    line["who"] = f"{line['who']} ({actor})" if actor else line["who"]
    line["words"] = f"{line['words']}: {person}" if person else line["words"]
    return line


def private_parts(
    city: CityFacts, member: Membership, row: Row, details: Row, revealed_parts: dict[str, Any]
) -> dict[str, Any]:
    """Who reported, and the original photos of private reports: only after somebody asked to see them.

    `revealed` holds what was opened with this request, by part; `details` is `queries.cases.case_details`.
    """
    may_reporter = may(member, "see_reporter", row["agency"])
    may_photos = may(member, "see_private", row["agency"])
    shows_photos = not row["private"] or "photo" in revealed_parts
    photos = details["photos"] if shows_photos else []
    return {
        "photos": [photo_sizes(city, photo["uuid"], secret=row["private"]) for photo in photos],
        "hidden_photos": 0 if shows_photos else len(details["photos"]),
        "may_photos": may_photos,
        "may_reporter": may_reporter,
        "reporter_revealed": "reporter" in revealed_parts,
        "contact": revealed_parts.get("reporter") if details["has_contact"] else None,
        # Who may look also sees who has looked.
        "access_log": access_log(city.id, row["id"]) if may_reporter or may_photos else [],
        "report_page": reverse("report", args=[city.slug, row["code"]]),
    }
