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
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue_message
from qlue.channels.actions.photos import decode_message, fetch_photos
from qlue.channels.dialogue.replies import unknown_code_reply
from qlue.channels.dialogue.state import (
    DialogueContext,
    DialogueState,
    DialogueTurn,
    DraftPhoto,
    Reply,
    ReportDraft,
    ShowStatus,
    SubmitReport,
    UserMessage,
)
from qlue.channels.dialogue.turn import take_turn
from qlue.channels.models import Conversation, Inbound, Subscriber
from qlue.channels.providers import channel_of
from qlue.channels.providers.contract import Choice, IncomingMessage, OutgoingMessage, plausible_time
from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.kit.rate import Limit, spend
from qlue.kit.text import LEAST_WORDS
from qlue.reports.actions import StoredPhoto, Submission, Submitted, submit
from qlue.reports.actions.place import ReportPlace, place_of
from qlue.reports.presentation.cards import follow_url, report_card
from qlue.reports.queries.reports import find_report
from qlue.web.formats import full

UUID_NAMESPACE = UUID("0d6b1c52-2d0b-5a3f-9b5e-6a4f6a0f3c77")
DIALOGUE_TIMEOUT = timedelta(hours=24)  # a dialogue that nobody went on with
INBOUND_LIMIT, REPLY_LIMIT = Limit(60, 600), Limit(40, 600)  # messages from and to one person: robots answer robots
REPORT_LIMIT = Limit(20, 86_400)
log = logging.getLogger(__name__)
FetchedPhotos = dict[int, tuple[tuple[DraftPhoto, ...], bool]]


def answer_sender(city: CityFacts, kind: str, sender: str) -> int:
    """Answers everything of this person that waits; returns how many messages that were. In the city's scope.

    Raises `MessageNotSent` or `DeliveryUncertain` while a photo cannot be fetched yet.
    """
    # Photos are fetched before the transaction begins: a provider may take half a minute for each.
    messages = list(_pending_messages(city, kind, sender))
    photos = {
        inbound.pk: fetch_photos(city, inbound, decode_message(inbound))
        for inbound in messages
        if inbound.body.get("media")
    }
    with transaction.atomic():
        conversation = _lock_conversation(city, kind, sender)
        # Read again under the lock: another worker may have answered them meanwhile.
        locked_messages = _pending_messages(city, kind, sender).select_for_update()
        ready = [inbound for inbound in locked_messages if _is_ready(inbound, photos)]
        for inbound in ready:
            _answer_message(city, conversation, inbound, photos)
        conversation.save(update_fields=["state", "heard_at"])
    return len(ready)


def _pending_messages(city: CityFacts, kind: str, sender: str) -> "QuerySet[Inbound]":
    messages = Inbound.objects.filter(city_id=city.id, kind=kind, sender=sender, state="new")
    return messages.order_by("sent_at", "id")


def _is_ready(inbound: Inbound, photos: FetchedPhotos) -> bool:
    """A message with photos that came in after they were fetched has a job of its own."""
    return not inbound.body.get("media") or inbound.pk in photos


def _lock_conversation(city: CityFacts, kind: str, sender: str) -> Conversation:
    # First insert, then lock: two workers with a person's first message must meet at one row.
    identity = {"city_id": city.id, "kind": kind, "address": sender}
    Conversation.objects.bulk_create([Conversation(**identity, heard_at=now())], ignore_conflicts=True)
    return Conversation.objects.select_for_update().get(**identity)


def _answer_message(city: CityFacts, conversation: Conversation, inbound: Inbound, photos: FetchedPhotos) -> None:
    """Answers one message; one that fails goes to quarantine and holds up no other."""
    if _is_over_limit(city, conversation):
        inbound.state, inbound.fault = "ignored", "too many messages"
    else:
        try:
            with transaction.atomic():  # a savepoint: a half-made report goes, the fault below is kept
                _take_turn(city, conversation, inbound, photos)
                inbound.state, inbound.fault = "done", ""
        except Exception as error:
            log.exception("message %s cannot be answered", inbound.pk)
            inbound.report_id = None
            inbound.state, inbound.fault = "quarantine", f"{type(error).__name__}: {error}"[:300]
    inbound.save(update_fields=["state", "fault", "report_id"])


def _is_over_limit(city: CityFacts, conversation: Conversation) -> bool:
    return bool(settings.RATE_LIMITS and spend(f"channels:in:{city.id}:{conversation.pk}", INBOUND_LIMIT))


def _take_turn(city: CityFacts, conversation: Conversation, inbound: Inbound, photos: FetchedPhotos) -> None:
    message = decode_message(inbound)
    at = plausible_time(inbound.sent_at, inbound.received_at)  # their clock gives the order, ours says how long ago
    state = _current_state(conversation, at)
    user_message = _user_message(message, *photos.get(inbound.pk, ((), False)))
    turn = take_turn(dialogue_context(city, inbound.kind), state, user_message)
    # The action first: its answer and the report's number belong to all replies of this turn.
    replies = [*turn.replies, *_perform_action(city, inbound, message, turn)]
    for position, reply in enumerate(replies):
        _queue_reply(city, conversation, f"reply:{inbound.pk}:{position}", reply, inbound.report_id)
    conversation.state = msgspec.to_builtins(turn.state)
    conversation.heard_at = max(at, conversation.heard_at)


def _current_state(conversation: Conversation, at: datetime) -> DialogueState:
    """Where the dialogue stands; its beginning when that is too long ago, or was stored by another version."""
    if at - conversation.heard_at > DIALOGUE_TIMEOUT:
        return DialogueState()
    try:
        return msgspec.convert(conversation.state, DialogueState)
    except msgspec.ValidationError:
        return DialogueState()


def dialogue_context(city: CityFacts, kind: str) -> DialogueContext:
    return DialogueContext(
        city=city,
        categories=city.open_categories,
        kelurahan=city.kelurahan,
        area_at=lambda lon, lat: area_at(city, lon, lat),
        guided=channel_of(kind) != "sms",
    )


def _user_message(message: IncomingMessage, photos: tuple[DraftPhoto, ...], photo_failed: bool) -> UserMessage:
    return UserMessage(message.id, message.text, message.choice, message.place, photos, photo_failed, message.kind)


def _queue_reply(city: CityFacts, conversation: Conversation, key: str, reply: Reply, report_id: int | None) -> None:
    if settings.RATE_LIMITS and spend(f"channels:out:{city.id}:{conversation.pk}", REPLY_LIMIT):
        return
    choices = tuple(Choice(option.id, option.label) for option in reply.options)
    message = OutgoingMessage(reply.text, choices=choices, asks_place=reply.asks_place)
    queue_message(
        city, key=key, kind=conversation.kind, address=conversation.address, message=message, report_id=report_id
    )


# The actions that a turn of the dialogue asks for


def _perform_action(city: CityFacts, inbound: Inbound, message: IncomingMessage, turn: DialogueTurn) -> list[Reply]:
    if isinstance(turn.action, ShowStatus):
        return [report_status(city, turn.action.code)]
    if isinstance(turn.action, SubmitReport):
        return [_submit_report(city, inbound, message, turn.action)]
    return []


def report_status(city: CityFacts, code: str) -> Reply:
    """One public report in a sentence; of a private one not even that it exists."""
    number = report_id(code)
    report = find_report(city, number) if number is not None else None
    if report is None or report.private:
        return unknown_code_reply(code)
    card = report_card(city, report)
    summary = f"{card.code} ({card.title}): {card.status_word}"
    agency = f", {card.agency_short}" if card.agency_short else ""
    due = _(" Due %(when)s.") % {"when": full(card.promise, city.tz)} if card.promise and card.open else ""
    return Reply(f"{summary}{agency}.{due}")


def _submit_report(city: CityFacts, inbound: Inbound, message: IncomingMessage, action: SubmitReport) -> Reply:
    if settings.RATE_LIMITS and spend(f"channels:reports:{city.id}:{inbound.kind}:{inbound.sender}", REPORT_LIMIT):
        return Reply(_("That were many reports today. Please go on tomorrow, or use the web page."))
    report = submit(city=city, submission=_chat_submission(city, inbound, message, action))
    inbound.report_id = report.id
    Subscriber.objects.bulk_create([_reporter_subscription(city, inbound, report)], ignore_conflicts=True)
    return Reply(_thank_you_text(city, report))


def _chat_submission(city: CityFacts, inbound: Inbound, message: IncomingMessage, action: SubmitReport) -> Submission:
    draft = action.draft
    category, place = city.category(draft.category), _draft_place(city, draft)
    assert category
    # The uuid follows from the message that began the report, so a turn that is repeated makes no second one.
    return Submission(
        uuid=uuid5(UUID_NAMESPACE, f"{city.id}:{inbound.kind}:{action.first_message_id}"),
        category_id=category.id,
        words=draft.description if len(draft.description) >= LEAST_WORDS else category.name,
        lon=place.lon,
        lat=place.lat,
        place=place.kind,
        area_id=place.area_id,
        landmark=draft.landmark[:200],
        channel=channel_of(inbound.kind),
        # Hashed: an id that was made of an SMS itself holds its sender's number and words.
        external_id=f"{inbound.kind}:{uuid5(UUID_NAMESPACE, action.first_message_id)}",
        name=message.name[:100],
        phone=_sender_phone(inbound),
        photos=[_stored_photo(photo) for photo in draft.photos],
    )


def _sender_phone(inbound: Inbound) -> str:
    """The number to call back; "" for Telegram, whose ids nobody can call."""
    if inbound.kind == "telegram":
        return ""
    return (inbound.sender if inbound.sender.startswith("+") else f"+{inbound.sender}")[:30]


def _draft_place(city: CityFacts, draft: ReportDraft) -> ReportPlace:
    pin = (draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else None
    return place_of(city, pin=pin, area=city.area(draft.area) if draft.area else None, keep=True)


def _stored_photo(photo: DraftPhoto) -> StoredPhoto:
    taken_at = datetime.fromisoformat(photo.taken_at) if photo.taken_at else None
    return StoredPhoto(UUID(photo.uuid), photo.width, photo.height, taken_at, photo.dhash)


def _reporter_subscription(city: CityFacts, inbound: Inbound, report: Submitted) -> Subscriber:
    fields = {"city_id": city.id, "report_id": report.id, "kind": inbound.kind, "address": inbound.sender}
    return Subscriber(**fields, created_at=now())


def _thank_you_text(city: CityFacts, report: Submitted) -> str:
    """Short, because every SMS costs money. The link is the reporter's own."""
    link = str(settings.PUBLIC_URL).rstrip("/") + follow_url(city, report.code, report.token)
    due = _(" Due %(when)s.") % {"when": full(report.due_at, city.tz)} if report.due_at else ""
    return _("Thank you. Your report is %(code)s.%(due)s Follow it: %(link)s") % {
        "code": report.code,
        "due": due,
        "link": link,
    }
