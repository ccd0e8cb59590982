"""An operator's verdict about an event."""

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.timeline.actions import record_event
from qlue.vision.actions.events import notify_camera_pages
from qlue.vision.actions.reports import submit_event
from qlue.vision.models import CameraEvent
from qlue.vision.states import Verdict


class AlreadyJudged(Exception):
    """Another verdict was given before; the message is for the operator."""


def judge_event(
    city: CityFacts,
    actor: Membership,
    event_id: int,
    *,
    yes: bool,
    category: CategoryFacts | None = None,
    description: str = "",
) -> CameraEvent:
    """Yes submits a report of `category`, no ends the event. Raises `AlreadyJudged` for a second, different verdict.

    The same verdict again changes nothing.
    """
    verdict = Verdict.YES if yes else Verdict.NO
    with transaction.atomic():
        # The lock makes two operators' verdicts follow each other, so that only the first makes a report.
        events = CameraEvent.objects.select_for_update(of=("self",)).select_related("camera")
        event = events.get(city_id=city.id, id=event_id)
        if event.verdict == verdict:
            return event
        if event.verdict != Verdict.WAITING:
            raise AlreadyJudged(_("Somebody else has already decided about this event."))
        if yes and category is not None:
            event.report_id = submit_event(city, event, category, description).id
        event.verdict, event.judged_by_id, event.judged_at = verdict, actor.user_id, now()
        event.save(update_fields=["verdict", "judged_by", "judged_at", "report"])
        payload = {"camera": event.camera_id, "event": event.id, "event_kind": event.kind, "verdict": verdict}
        record_event(
            city_id=city.id,
            kind="camera.judged",
            actor_id=actor.user_id,
            actor_role=actor.role,
            public=False,
            data=payload,
        )
        notify_camera_pages(city)
    return event
