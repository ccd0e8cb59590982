"""An operator's yes or no."""

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.timeline.actions import record
from qlue.vision.actions.reporting import hand_in
from qlue.vision.actions.telling import notify
from qlue.vision.models import Event

WAITING, YES, NO = "waiting", "yes", "no"


class Judged(Exception):
    """Somebody has already said something else; the words say what."""


def judge(
    city: CityFacts, by: Membership, event_id: int, *, yes: bool, category: CategoryFacts | None = None, words: str = ""
) -> Event:
    """Yes makes it a report of `category`; no ends it. The same verdict twice is one; another one raises `Judged`."""
    verdict = YES if yes else NO
    with transaction.atomic():
        event = Event.objects.select_for_update(of=("self",)).select_related("camera").get(city_id=city.id, id=event_id)
        if event.verdict == verdict:
            return event
        if event.verdict != WAITING:
            raise Judged(_("Somebody else has already decided about this event."))
        if yes and category is not None:
            event.report_id = hand_in(city, event, category, words).id
        event.verdict, event.judged_by_id, event.judged_at = verdict, by.user_id, now()
        event.save(update_fields=["verdict", "judged_by", "judged_at", "report"])
        facts = {"camera": event.camera_id, "event": event.id, "event_kind": event.kind, "verdict": verdict}
        record(city_id=city.id, kind="camera.judged", actor_id=by.user_id, actor_role=by.role, public=False, data=facts)
        notify(city)
    return event
