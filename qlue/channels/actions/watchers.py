"""Following a report that somebody else wrote: by mail once the mailbox itself has confirmed, moved on by merges."""

from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue_message
from qlue.channels.models import Subscriber
from qlue.channels.providers.contract import OutgoingMessage
from qlue.channels.queries.watchers import has_max_watchers, is_valid_token, signed_link
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all
from qlue.kit.ids import secret_token
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import correct_contact
from qlue.reports.presentation.cards import report_card
from qlue.reports.queries.reports import find_contact, find_report
from qlue.reports.records import CONTACTS, REPORTS

CONFIRM_WITHIN = timedelta(days=2)
MAX_MAIL_LENGTH = 20_000
CONFIRMATION_LIMIT = Limit(3, 86_400)  # to one mailbox, whoever asks for them: nobody is flooded with questions


def request_confirmation(city: CityFacts, report_id: int, mail: str) -> None:
    """Asks the mailbox whether it wants news of a public report. Nobody learns here whether it is known already."""
    mail = mail.strip().lower()
    if has_max_watchers(city, report_id) or _is_over_mail_limit(mail):
        return
    with transaction.atomic():
        subscriber, is_new = Subscriber.objects.get_or_create(
            city_id=city.id,
            report_id=report_id,
            kind="mail",
            address=mail,
            defaults={"created_at": now(), "role": "watcher", "waits": True},
        )
        # Asked again: the link in the new mail is valid for two days from now.
        if subscriber.waits and not is_new:
            Subscriber.objects.filter(pk=subscriber.pk).update(created_at=now())
        key = f"watch:{subscriber.pk}:{now():%Y%m%d%H%M%S}"
        queue_message(
            city,
            key=key,
            kind="mail",
            address=mail,
            message=_confirmation_message(city, subscriber),
            report_id=report_id,
        )


def _is_over_mail_limit(mail: str) -> bool:
    # Keyed: the table of limits holds no addresses, and nobody can try them out there.
    key = secret_token(settings.SECRET_KEY, "watch-asked", mail)
    return bool(settings.RATE_LIMITS and spend(f"watch:{key}", CONFIRMATION_LIMIT))


def _confirmation_message(city: CityFacts, subscriber: Subscriber) -> OutgoingMessage:
    report = find_report(city, subscriber.report_id)
    assert report
    confirm_url = signed_link(city, "watch-yes", subscriber.pk)
    stop_url = signed_link(city, "watch-stop", subscriber.pk)
    context = {"report": report_card(city, report), "city": city, "yes": confirm_url}
    text = render_to_string("channels/watch_ask.txt", context)
    return OutgoingMessage(
        text[:MAX_MAIL_LENGTH],
        subject=_("News of %(code)s? Please confirm") % {"code": report.code},
        link=confirm_url,
        stop=stop_url,
    )


def subscriber_by_link(city: CityFacts, url_name: str, subscriber_id: int, token: str) -> Subscriber | None:
    """The subscriber whose own link this is; None where the token is wrong or the link has expired."""
    if not is_valid_token(city, url_name, subscriber_id, token):
        return None
    subscriber = Subscriber.objects.filter(city_id=city.id, pk=subscriber_id).first()
    if subscriber and subscriber.waits and subscriber.created_at < now() - CONFIRM_WITHIN:
        return None
    return subscriber


def confirm_watcher(subscriber: Subscriber) -> None:
    """The mailbox has confirmed: from now on it gets the news."""
    Subscriber.objects.filter(city_id=subscriber.city_id, pk=subscriber.pk).update(waits=False)


def remove_watcher(subscriber: Subscriber) -> None:
    """Ends the news; all links in earlier mails are dead from now on."""
    Subscriber.objects.filter(city_id=subscriber.city_id, pk=subscriber.pk).delete()


def stop_reporter_mail(city: CityFacts, report_id: int) -> None:
    """Takes the address out of the report's contact, as the owner of the mailbox wants."""
    contact = find_contact(city, report_id)
    if contact and contact.email:
        correct_contact(city, report_id, asdict(contact) | {"email": ""})


# The last of a chain of merges, as long as it is public: watchers are strangers to the reporter.
MERGE_TARGET = f"""
WITH RECURSIVE chain (id, step) AS (
    SELECT %(into)s::bigint, 0 UNION ALL
    SELECT r.merged_into_id, step + 1 FROM chain JOIN {REPORTS} AS r ON r.city_id = %(city)s AND r.id = chain.id
    WHERE r.merged_into_id IS NOT NULL AND step < 20)
SELECT r.id FROM chain JOIN {REPORTS} AS r ON r.city_id = %(city)s AND r.id = chain.id
WHERE r.merged_into_id IS NULL AND NOT r.private
"""
COPY_SUBSCRIBERS = f"""
INSERT INTO channels_subscriber (city_id, report_id, kind, address, extra, created_at, role, waits, came_from_id)
SELECT city_id, %(into)s, kind, address, extra, %(at)s, CASE role WHEN 'watcher' THEN role ELSE 'merged' END, false,
    CASE role WHEN 'watcher' THEN NULL ELSE coalesce(came_from_id, report_id) END
FROM channels_subscriber WHERE city_id = %(city)s AND report_id = %(duplicate)s AND NOT waits
UNION ALL
SELECT city_id, %(into)s, 'mail', lower(email), '{{}}'::jsonb, %(at)s, 'merged', false, report_id
FROM {CONTACTS} AS contact WHERE city_id = %(city)s AND report_id = %(duplicate)s AND email <> ''
ON CONFLICT DO NOTHING
"""


def carry_over_subscribers(city: CityFacts, duplicate: int, target: int) -> int:
    """After a merge: subscribers and reporter of the duplicate get the news of what stays. Any number of times."""
    rows = fetch_all(MERGE_TARGET, {"city": city.id, "into": target})
    if not rows:
        return 0
    return execute(COPY_SUBSCRIBERS, {"city": city.id, "into": rows[0][0], "duplicate": duplicate, "at": now()})


ERASE_WATCHER = (
    """DELETE FROM channels_outbound WHERE city_id = %(city)s AND kind = 'mail' AND lower(address) = %(mail)s
       AND state IN ('queued', 'failed_for_now')""",
    """UPDATE channels_outbound SET body = '{"text": ""}', address = ''
       WHERE city_id = %(city)s AND kind = 'mail' AND lower(address) = %(mail)s""",
    "DELETE FROM channels_subscriber WHERE city_id = %(city)s AND kind = 'mail' AND address = %(mail)s",
)


def erase_watcher(city: CityFacts, mail: str) -> int:
    """Erases what this room holds of a mailbox, for its owner who asks for it; returns how many rows that were."""
    return sum(execute(sql, {"city": city.id, "mail": mail.strip().lower()}) for sql in ERASE_WATCHER)
