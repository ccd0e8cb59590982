"""Moving a report on: one verb at a time, through the one table, with the rights checked where it happens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts, deadline
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.people.models import Membership
from qlue.people.reading import crew_of
from qlue.people.rights import may
from qlue.reports.actions.category import check_category, with_category
from qlue.reports.actions.photos import StoredPhoto, add_photo_rows
from qlue.reports.actions.refused import Refused
from qlue.reports.actions.voices import carry_support
from qlue.reports.facts import report_facts
from qlue.reports.states import MOVES, Move, target_of
from qlue.timeline.actions import record

COLUMNS = (
    "category", "area", "agency", "assignee", "status", "cell", "private", "created", "respond_by", "due",
    "first_response", "resolved", "hold_until", "merged_into",
)  # fmt: skip
# Moves wait for each other; who only refers to a report, such as a notice about it, need not wait, and cannot deadlock.
LOCK = """
SELECT category_id, area_id, agency_id, assignee_id, status, cell, private, created_at, respond_by, due_at,
    first_response_at, resolved_at, hold_until, merged_into_id
FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE
"""
LOCK_EACH = "SELECT id FROM reports_report WHERE city_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
MADE = """
SELECT EXISTS (SELECT FROM timeline_happening
    WHERE city_id = %s AND report_id = %s AND actor_id IS NOT DISTINCT FROM %s AND data->>'move' = %s)
"""
UPDATE = """
UPDATE reports_report SET status = %(status)s, category_id = %(category)s, agency_id = %(agency)s,
    assignee_id = %(assignee)s, private = %(private)s, first_response_at = %(first_response)s,
    resolved_at = %(resolved)s, hold_until = %(hold_until)s, merged_into_id = %(merged_into)s,
    respond_by = %(respond_by)s, due_at = %(due)s, updated_at = %(at)s
WHERE city_id = %(city)s AND id = %(id)s
"""


@dataclass(frozen=True)
class Mover:
    """Who moves: a member of the city, the reporter who holds the follow link, or (neither) the system itself.

    `granted`: verbs that something else than the role allows, such as a work order that this member holds or a
    hand-over that was agreed; whoever fills it has checked that.
    """

    member: Membership | None = None
    reporter: bool = False
    granted: frozenset[str] = frozenset()

    @property
    def role(self) -> str:
        """What the timeline says of who it was."""
        return self.member.role if self.member else ("reporter" if self.reporter else "system")


@dataclass(frozen=True)
class Given:
    """What comes with a move; the table says what each verb needs. `uuid` is the form's own.

    `seen`: the category that whoever corrects it has seen; another one meanwhile is no longer theirs to correct.
    """

    words: str = ""
    reason: str = ""
    agency: int | None = None
    person: int | None = None
    until: datetime | None = None
    into: int | None = None
    category: int | None = None
    seen: int | None = None
    photo: list[StoredPhoto] = field(default_factory=list)
    uuid: UUID | None = None
    at: datetime | None = None


def move(*, city: CityFacts, report_id: int, verb: str, by: Mover, **given: Any) -> str:
    """Does one verb of `states.MOVES` and returns the new state; raises `Refused`.

    A repeat of a move (same person, same `uuid`) is answered as if it were new; where no `uuid` came, a report that
    already is where the move leads to is left as it is. The connection is in the city's scope.
    """
    what, brought = MOVES[verb], Given(**given)
    with transaction.atomic():
        before = _locked(city, report_id, brought)
        if made(city, report_id, by, brought.uuid):
            return str(before["status"])
        _check_right(by, verb, before["agency"])
        if _is_there(what, before, brought):
            return str(before["status"])
        _check_possible(what, before, brought)
        _check_given(city, report_id, before, brought)
        after = _after(city, report_id, what, before, brought, by)
        _write(city, report_id, what, before, after, by, brought)
    return str(after["status"])


def made(city: CityFacts, report_id: int, by: Mover, uuid: UUID | None) -> bool:
    """True when this mover has already made the move that carries this `uuid`."""
    actor = by.member.user_id if by.member else None
    return uuid is not None and bool(fetch_value(MADE, [city.id, report_id, actor, str(uuid)]))


def lock_in_order(city: CityFacts, report_id: int, into: int | None) -> None:
    """Locks both reports of a merge, the older first: two that are merged into each other wait, and do not deadlock.

    Whoever locks one of them before `move` does, calls this first.
    """
    if into:
        fetch_all(LOCK_EACH, [city.id, [report_id, into]])


def _locked(city: CityFacts, report_id: int, brought: Given) -> dict[str, Any]:
    lock_in_order(city, report_id, brought.into)
    found = fetch_all(LOCK, [city.id, report_id])
    if not found:
        raise Refused(_("There is no such report."))
    return dict(zip(COLUMNS, found[0], strict=True))


def _check_right(by: Mover, verb: str, agency: int | None) -> None:
    if verb in by.granted or (by.reporter and verb in ("confirm", "dispute")):
        return
    if by == Mover() and verb == "confirm":
        return  # the reporter's time to answer is over
    if by.member is None or not may(by.member, verb, agency):
        raise Refused(_("You may not do this with this report."))


def _is_there(what: Move, before: dict[str, Any], brought: Given) -> bool:
    if what.verb == "recategorise":
        return before["status"] in what.sources and brought.category == before["category"]
    if brought.uuid is not None:
        return False
    return what.target == before["status"] and before["status"] not in what.sources and what.verb != "reroute"


def _check_possible(what: Move, before: dict[str, Any], brought: Given) -> None:
    if before["status"] not in what.sources:
        raise Refused(_("Somebody was faster: in its present state this can no longer be done. Please look again."))
    for need in what.needs:
        if not getattr(brought, need):
            raise Refused(MISSING[need], need)


def _check_given(city: CityFacts, report_id: int, before: dict[str, Any], brought: Given) -> None:
    agency = city.agencies.get(brought.agency or 0)
    if brought.agency and (agency is None or not agency.active or agency.id == before["agency"]):
        raise Refused(_("Choose another agency of this city."), "agency")
    if brought.until and brought.until <= now():
        raise Refused(_("The date must lie in the future."), "until")
    if brought.person and not _in_crew(city, before["agency"], brought.person):
        raise Refused(_("Choose somebody who works for this agency."), "person")
    if brought.category:
        check_category(city, before, brought.category, brought.seen)
    if brought.into:
        _check_into(city, report_id, brought.into, private=before["private"])


def may_route(by: Mover, agency: int | None) -> bool:
    """Whether this mover may give a case to another agency without asking."""
    return by == Mover() or "reroute" in by.granted or (by.member is not None and may(by.member, "reroute", agency))


def _in_crew(city: CityFacts, agency: int | None, person: int) -> bool:
    return agency is not None and person in {member.user_id for member in crew_of(city.id, agency)}


def _check_into(city: CityFacts, report_id: int, into: int, *, private: bool) -> None:
    """What stays is another report that stands for itself, and not one that the first reporter could not see."""
    found = fetch_all("SELECT status, private FROM reports_report WHERE city_id = %s AND id = %s", [city.id, into])
    if into == report_id or not found or found[0][0] == "merged":
        raise Refused(_("Give the code of another report of this city that is not merged itself."), "into")
    if found[0][1] and not private:
        raise Refused(_("That report is private: who sent this one could no longer see what happens."), "into")


MISSING = {
    "words": _("Say in a few words what was done."),
    "reason": _("Give a reason; the reporter will read it."),
    "photo": _("Add a photo of the finished work."),
    "person": _("Choose who shall do it."),
    "agency": _("Choose the agency that shall take it."),
    "until": _("Say until when."),
    "into": _("Give the code of the report that stays."),
    "category": _("Choose the right category."),
}


def _after(
    city: CityFacts, report_id: int, what: Move, before: dict[str, Any], brought: Given, by: Mover
) -> dict[str, Any]:
    at = brought.at or now()
    status = target_of(what, before["status"])
    held = before["hold_until"] if status == "on_hold" else None
    after = before | {"status": status, "hold_until": brought.until or held}
    if what.answers and before["first_response"] is None:
        after["first_response"] = at
    if what.verb == "resolve":
        after["resolved"] = at
    if what.target == "reopened":
        after["resolved"] = None
    if what.verb == "reroute":
        due = before["due"] or deadline(city, before["category"], before["created"])
        after |= {"agency": brought.agency, "assignee": None, "due": due}
    if what.verb == "assign":
        after["assignee"] = brought.person
    if brought.category:
        after |= with_category(city, report_id, before, brought.category, free=may_route(by, before["agency"]))
    return after | {"merged_into": brought.into if what.verb == "merge" else before["merged_into"]}


def _write(
    city: CityFacts,
    report_id: int,
    what: Move,
    before: dict[str, Any],
    after: dict[str, Any],
    by: Mover,
    brought: Given,
) -> None:
    at = brought.at or now()
    execute(UPDATE, after | {"city": city.id, "id": report_id, "at": at})
    add_photo_rows(city.id, report_id, "after", brought.photo, at)
    if brought.into:
        carry_support(city, report_id, brought.into)
    told: dict[str, Any] = {
        "words": brought.words,
        "reason": brought.reason,
        "person": brought.person,
        "into": brought.into,
    }
    told |= {"until": brought.until and brought.until.isoformat(), "move": brought.uuid and str(brought.uuid)}
    record(
        city_id=city.id,
        kind=what.kind,
        report_id=report_id,
        actor_id=by.member.user_id if by.member else None,
        actor_role=by.role,
        public=not before["private"] and not after["private"],
        at=at,
        data={"was": report_facts(city, before), "now": report_facts(city, after)}
        | {key: value for key, value in told.items() if value}
        | ({"photos": [str(photo.uuid) for photo in brought.photo]} if brought.photo else {}),
    )
