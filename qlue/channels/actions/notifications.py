"""News of a report for those who reported or follow it, the way they chose: mail, the same chat, their browser."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue_message
from qlue.channels.actions.watchers import carry_over_subscribers
from qlue.channels.providers import DIALOGUE_KINDS
from qlue.channels.providers.contract import OutgoingMessage
from qlue.channels.queries.watchers import signed_link
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.reports.actions import follow_token
from qlue.reports.presentation.cards import ReportCard, follow_url, report_card
from qlue.reports.presentation.history import HistoryLine, history_line
from qlue.reports.queries.reports import find_report, list_events
from qlue.reports.records import CONTACTS
from qlue.reports.states import ReportStatus
from qlue.timeline.records import EVENTS

# One statement for the batch: for which of these events somebody is to be notified, and at which address.
RECIPIENTS = f"""
SELECT h.id, h.report_id, h.kind, c.name, coalesce(c.email, ''), s.id, s.kind, s.address, s.extra::text, s.role
FROM {EVENTS} AS h
LEFT JOIN {CONTACTS} AS c ON c.city_id = h.city_id AND c.report_id = h.report_id AND c.email <> ''
LEFT JOIN channels_subscriber s ON s.city_id = h.city_id AND s.report_id = h.report_id AND NOT s.waits
    AND (s.role = 'reporter' OR h.public AND h.kind <> 'report.submitted')
WHERE h.city_id = %s AND h.id = ANY(%s) AND (c.report_id IS NOT NULL OR s.report_id IS NOT NULL) ORDER BY h.id, s.id
"""
MERGES = f"""
SELECT report_id, (data->>'into')::bigint FROM {EVENTS} AS event
WHERE city_id = %s AND id = ANY(%s) AND kind = 'report.merged' AND data->>'into' IS NOT NULL ORDER BY id
"""


MAX_MAIL_LENGTH = 20_000


@dataclass(frozen=True)
class NewsRecipient:
    """Somebody to notify of one event. `role` is the subscriber's; the report's contact has 0 as `subscriber_id`."""

    event_id: int
    report_id: int
    event_kind: str
    kind: str
    address: str
    name: str = ""
    extra: str = "{}"
    role: str = "reporter"
    subscriber_id: int = 0


@dataclass(frozen=True)
class EventNews:
    """A report and what happened to it, the same for all recipients of one event."""

    report: ReportCard
    line: HistoryLine


def notify_reporters(city: CityFacts, event_ids: list[int]) -> int:
    """Queues the notifications of these events; returns how many are new. Any number of times with one effect."""
    news_by_event: dict[int, EventNews | None] = {}
    recipients = _news_recipients(city, event_ids)
    new_count = sum(_queue_notification(city, recipient, news_by_event) for recipient in recipients)
    for duplicate, target in fetch_all(MERGES, [city.id, event_ids]):  # after the news of the merge itself
        carry_over_subscribers(city, duplicate, target)
    return new_count


def _news_recipients(city: CityFacts, event_ids: list[int]) -> Iterator[NewsRecipient]:
    events_mailed: set[int] = set()
    for event_id, report_id, event_kind, name, email, subscriber_id, kind, address, extra, role in fetch_all(
        RECIPIENTS, [city.id, event_ids]
    ):
        # The contact comes once for each subscriber of the report.
        if email and settings.EMAIL_HOST and event_id not in events_mailed:
            events_mailed.add(event_id)
            yield NewsRecipient(event_id, report_id, event_kind, "mail", email, name or "")
        if kind and not (event_kind == "report.submitted" and kind in DIALOGUE_KINDS):  # the chat has thanked already
            yield NewsRecipient(
                event_id, report_id, event_kind, kind, address, extra=extra, role=role, subscriber_id=subscriber_id
            )


def _queue_notification(city: CityFacts, recipient: NewsRecipient, news_by_event: dict[int, EventNews | None]) -> bool:
    if recipient.event_id not in news_by_event:
        news_by_event[recipient.event_id] = _event_news(city, recipient)
    news = news_by_event[recipient.event_id]
    if news is None:
        return False
    key = f"report:{recipient.event_id}:{recipient.kind}:{recipient.address}"
    message = _notification_message(city, recipient, news)
    outbound_id = queue_message(
        city, key=key, kind=recipient.kind, address=recipient.address, message=message, report_id=recipient.report_id
    )
    return outbound_id is not None


def _event_news(city: CityFacts, recipient: NewsRecipient) -> EventNews | None:
    """The event in words, the same for all its recipients."""
    report = find_report(city, recipient.report_id)
    events = (event for event in list_events(city, recipient.report_id) if event.id == recipient.event_id)
    event = next(events, None)
    # Gone since the job was deferred, by an erasure for instance.
    if report is None or event is None:
        return None
    return EventNews(report_card(city, report), history_line(city, event))


def _notification_message(city: CityFacts, recipient: NewsRecipient, news: EventNews) -> OutgoingMessage:
    """The message. The reporter's own link goes to the reporter only; all others get the public page."""
    report, is_reporter = news.report, recipient.role == "reporter"
    path = follow_url(city, report.code, follow_token(city, report.uuid)) if is_reporter else report.url
    link = str(settings.PUBLIC_URL).rstrip("/") + path
    asks = is_reporter and report.status == ReportStatus.RESOLVED
    if recipient.kind != "mail":
        return _short_message(recipient, news, link, asks)
    stop_url = (
        signed_link(city, "mail-stop", recipient.report_id)
        if is_reporter
        else signed_link(city, "watch-stop", recipient.subscriber_id)
    )
    context = {"report": report, "line": news.line, "city": city, "name": recipient.name, "role": recipient.role}
    context |= {"asks": asks, "link": link, "stop": stop_url}
    text = render_to_string("channels/mail.txt", context)[:MAX_MAIL_LENGTH]
    return OutgoingMessage(text, subject=_status_subject(report), link=link, stop=stop_url)


def _status_subject(report: ReportCard) -> str:
    return f"{report.code}: {report.status_word}"


def _short_message(recipient: NewsRecipient, news: EventNews, link: str, asks: bool) -> OutgoingMessage:
    """The short form, for a chat or a browser. `asks`: whether the reporter is to say if it is really done."""
    line, subject = news.line, _status_subject(news.report)
    quote = f" “{line.text[:160]}”" if line.text else ""
    if recipient.kind == "push":
        return OutgoingMessage(f"{line.words}{quote}", subject=subject, link=link, extra=_push_keys(recipient.extra))
    question = _("Is it really done? Say yes or no here:") if asks else _("Follow your report here:")
    return OutgoingMessage(f"{news.report.title} {subject}. {line.words}{quote}\n{question} {link}", link=link)


def _push_keys(extra: str) -> dict[str, object]:
    return msgspec.json.decode(extra, type=dict[str, object])
