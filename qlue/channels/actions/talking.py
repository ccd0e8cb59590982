"""Answering one person: the messages that wait, in the order in which they were written, each exactly once.

The dialogue's state, the report, the answers in the outbox and "this message is done" are one transaction, so a worker
that is killed anywhere leaves either all of it or nothing.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue
from qlue.channels.actions.pictures import photos_of, read_message
from qlue.channels.dialogue import saying
from qlue.channels.dialogue.state import Draft, Heard, Know, Photo, Reply, State, Status, Submit, Turn
from qlue.channels.dialogue.talk import talk
from qlue.channels.models import Conversation, Inbound, Subscriber
from qlue.channels.wires import channel_of
from qlue.channels.wires.contract import Choice, Letter, Message, plausible
from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import StoredPhoto, Submission, Submitted, submit
from qlue.reports.actions.place import Place, place_of
from qlue.reports.actions.text import LEAST_WORDS
from qlue.reports.cards import card, follow_url
from qlue.reports.reading import report_row
from qlue.web.formats import full

SPACE = UUID("0d6b1c52-2d0b-5a3f-9b5e-6a4f6a0f3c77")
FORGETS = timedelta(hours=24)  # a dialogue that nobody went on with
HEARING, ANSWERING = Limit(60, 600), Limit(40, 600)  # messages from and to one person: robots answer robots
REPORTS = Limit(20, 86_400)
log = logging.getLogger(__name__)
Pictures = dict[int, tuple[tuple[Photo, ...], bool]]


def answer(city: CityFacts, kind: str, sender: str) -> int:
    """Answers everything of this person that waits; returns how many messages that were. In the city's scope.

    Raises `NotSent` or `Unsure` while a picture cannot be fetched yet.
    """
    waiting = list(_waiting(city, kind, sender))
    pictures = {one.pk: photos_of(city, one, read_message(one)) for one in waiting if one.body.get("media")}
    with transaction.atomic():
        conversation = _locked(city, kind, sender)
        found = [one for one in _waiting(city, kind, sender).select_for_update() if _is_ready(one, pictures)]
        for one in found:
            _one(city, conversation, one, pictures)
        conversation.save(update_fields=["state", "heard_at"])
    return len(found)


def _waiting(city: CityFacts, kind: str, sender: str):  # type: ignore[no-untyped-def]
    found = Inbound.objects.filter(city_id=city.id, kind=kind, sender=sender, state="new")
    return found.order_by("sent_at", "id")


def _is_ready(one: Inbound, pictures: Pictures) -> bool:
    """One with a picture that came in this very moment has its own job."""
    return not one.body.get("media") or one.pk in pictures


def _locked(city: CityFacts, kind: str, sender: str) -> Conversation:
    same = {"city_id": city.id, "kind": kind, "address": sender}
    Conversation.objects.bulk_create([Conversation(**same, heard_at=now())], ignore_conflicts=True)
    return Conversation.objects.select_for_update().get(**same)


def _one(city: CityFacts, conversation: Conversation, one: Inbound, pictures: Pictures) -> None:
    """One message; what goes wrong with it goes to quarantine and holds up no other."""
    if _too_many(city, conversation):
        one.state, one.fault = "ignored", "too many messages"
    else:
        try:
            with transaction.atomic():
                _turn(city, conversation, one, pictures)
                one.state, one.fault = "done", ""
        except Exception as error:
            log.exception("message %s cannot be answered", one.pk)
            one.report_id = None
            one.state, one.fault = "quarantine", f"{type(error).__name__}: {error}"[:300]
    one.save(update_fields=["state", "fault", "report_id"])


def _too_many(city: CityFacts, conversation: Conversation) -> bool:
    return bool(settings.RATE_LIMITS and spend(f"channels:in:{city.id}:{conversation.pk}", HEARING))


def _turn(city: CityFacts, conversation: Conversation, one: Inbound, pictures: Pictures) -> None:
    message = read_message(one)
    at = plausible(one.sent_at, one.received_at)  # their clock gives the order, ours says how long ago
    state = _state(conversation, at)
    turn = talk(know_of(city, one.kind), state, _heard(message, *pictures.get(one.pk, ((), False))))
    replies = [*turn.replies, *_done(city, one, message, turn)]
    for place, reply in enumerate(replies):
        _say(city, conversation, f"reply:{one.pk}:{place}", reply, one.report_id)
    conversation.state = msgspec.to_builtins(turn.state)
    conversation.heard_at = max(at, conversation.heard_at)


def _state(conversation: Conversation, at: datetime) -> State:
    """Where the dialogue stands; the beginning when it is too long ago, or from another version of us."""
    if at - conversation.heard_at > FORGETS:
        return State()
    try:
        return msgspec.convert(conversation.state, State)
    except msgspec.ValidationError:
        return State()


def know_of(city: CityFacts, kind: str) -> Know:
    return Know(
        city=city,
        categories=city.open_categories,
        kelurahan=city.kelurahan,
        area_at=lambda lon, lat: area_at(city, lon, lat),
        guided=channel_of(kind) != "sms",
    )


def _heard(message: Message, photos: tuple[Photo, ...], failed: bool) -> Heard:
    return Heard(message.id, message.text, message.choice, message.place, photos, failed, message.kind)


def _say(city: CityFacts, conversation: Conversation, key: str, reply: Reply, report: int | None) -> None:
    if settings.RATE_LIMITS and spend(f"channels:out:{city.id}:{conversation.pk}", ANSWERING):
        return
    choices = tuple(Choice(option.id, option.label) for option in reply.options)
    letter = Letter(reply.text, choices=choices, asks_place=reply.asks_place)
    queue(city, key=key, kind=conversation.kind, address=conversation.address, letter=letter, report_id=report)


# What the dialogue wants done


def _done(city: CityFacts, one: Inbound, message: Message, turn: Turn) -> list[Reply]:
    if isinstance(turn.deed, Status):
        return [status_of(city, turn.deed.code)]
    if isinstance(turn.deed, Submit):
        return [_handed_in(city, one, message, turn.deed)]
    return []


def status_of(city: CityFacts, code: str) -> Reply:
    """One public report in a sentence; private ones are only behind their own link."""
    number = report_id(code)
    row = report_row(city, number) if number is not None else None
    if row is None or row["private"]:
        return saying.no_such_code(code)
    shown = card(city, row)
    told = f"{row['code']} ({shown['title']}): {shown['status_word']}"
    agency = f", {shown['agency_short']}" if shown["agency_short"] else ""
    until = (
        _(" Due %(when)s.") % {"when": full(shown["promise"], city.tz)} if shown["promise"] and shown["open"] else ""
    )
    return Reply(f"{told}{agency}.{until}")


def _handed_in(city: CityFacts, one: Inbound, message: Message, deed: Submit) -> Reply:
    if settings.RATE_LIMITS and spend(f"channels:reports:{city.id}:{one.kind}:{one.sender}", REPORTS):
        return Reply(_("That were many reports today. Please go on tomorrow, or use the web page."))
    done = submit(city=city, submission=_submission(city, one, message, deed))
    one.report_id = done.id
    Subscriber.objects.bulk_create([_subscriber(city, one, done)], ignore_conflicts=True)
    return Reply(_thanks(city, done))


def _submission(city: CityFacts, one: Inbound, message: Message, deed: Submit) -> Submission:
    draft = deed.draft
    category, place = city.category(draft.category), _place(city, draft)
    assert category
    return Submission(
        uuid=uuid5(SPACE, f"{city.id}:{one.kind}:{deed.first}"),
        category_id=category.id,
        words=draft.words if len(draft.words) >= LEAST_WORDS else category.name,
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=draft.landmark[:200],
        channel=channel_of(one.kind),
        external_id=f"{one.kind}:{uuid5(SPACE, deed.first)}",
        name=message.name[:100],
        phone=_phone(one),
        photos=[_photo(photo) for photo in draft.photos],
    )


def _phone(one: Inbound) -> str:
    """Telegram gives no number, only an id that no operator could call."""
    if one.kind == "telegram":
        return ""
    return (one.sender if one.sender.startswith("+") else f"+{one.sender}")[:30]


def _place(city: CityFacts, draft: Draft) -> Place:
    pin = (draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else None
    return place_of(city, pin=pin, area=city.area(draft.area) if draft.area else None, keep=True)


def _photo(photo: Photo) -> StoredPhoto:
    taken = datetime.fromisoformat(photo.taken_at) if photo.taken_at else None
    return StoredPhoto(UUID(photo.uuid), photo.width, photo.height, taken, photo.dhash)


def _subscriber(city: CityFacts, one: Inbound, done: Submitted) -> Subscriber:
    same = {"city_id": city.id, "report_id": done.id, "kind": one.kind, "address": one.sender}
    return Subscriber(**same, created_at=now())


def _thanks(city: CityFacts, done: Submitted) -> str:
    """Short: an SMS costs money. The link is the person's own."""
    link = str(settings.PUBLIC_URL).rstrip("/") + follow_url(city, done.code, done.token)
    due = _(" Due %(when)s.") % {"when": full(done.due_at, city.tz)} if done.due_at else ""
    return _("Thank you. Your report is %(code)s.%(due)s Follow it: %(link)s") % {
        "code": done.code,
        "due": due,
        "link": link,
    }
