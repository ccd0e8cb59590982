"""Following a report that somebody else wrote: by mail after the mailbox itself has said yes, moved on by merges."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue
from qlue.channels.models import Subscriber
from qlue.channels.reading.watching import is_full, is_own, link
from qlue.channels.wires.contract import Letter
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all
from qlue.kit.ids import secret_token
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import correct
from qlue.reports.cards import card
from qlue.reports.reading import contact_row, report_row

TO_SAY_YES = timedelta(days=2)
MOST_MAIL = 20_000
LETTERS = Limit(3, 86_400)  # to one mailbox, whoever asks for them: nobody is flooded with our questions


def ask_to_watch(city: CityFacts, report_id: int, mail: str) -> None:
    """Asks the mailbox whether it wants news of a public report. Who asks learns nothing of what is known already."""
    mail = mail.strip().lower()
    if is_full(city, report_id) or _asked_enough(mail):
        return
    with transaction.atomic():
        one, new = Subscriber.objects.get_or_create(
            city_id=city.id,
            report_id=report_id,
            kind="mail",
            address=mail,
            defaults={"created_at": now(), "role": "watcher", "waits": True},
        )
        if one.waits and not new:
            Subscriber.objects.filter(pk=one.pk).update(created_at=now())
        key = f"watch:{one.pk}:{now():%Y%m%d%H%M%S}"
        queue(city, key=key, kind="mail", address=mail, letter=_question(city, one), report_id=report_id)


def _asked_enough(mail: str) -> bool:
    key = secret_token(settings.SECRET_KEY, "watch-asked", mail)
    return bool(settings.RATE_LIMITS and spend(f"watch:{key}", LETTERS))


def _question(city: CityFacts, one: Subscriber) -> Letter:
    row = report_row(city, one.report_id)
    assert row
    yes, stop = link(city, "watch-yes", one.pk), link(city, "watch-stop", one.pk)
    text = render_to_string("channels/watch_ask.txt", {"report": card(city, row), "city": city, "yes": yes})
    return Letter(
        text[:MOST_MAIL],
        subject=_("News of %(code)s? Please confirm") % {"code": row["code"]},
        link=yes,
        stop=stop,
    )


def held(city: CityFacts, what: str, number: int, token: str) -> Subscriber | None:
    """The subscriber whose own link this is, as long as the link holds."""
    one = Subscriber.objects.filter(city_id=city.id, pk=number).first() if is_own(city, what, number, token) else None
    return None if one is None or (one.waits and one.created_at < now() - TO_SAY_YES) else one


def say_yes(one: Subscriber) -> None:
    """The mailbox has confirmed; from now on it is written to."""
    Subscriber.objects.filter(city_id=one.city_id, pk=one.pk).update(waits=False)


def stop(one: Subscriber) -> None:
    """No more letters; the link that confirmed it is dead from here on."""
    Subscriber.objects.filter(city_id=one.city_id, pk=one.pk).delete()


def stop_reporter_mail(city: CityFacts, report_id: int) -> None:
    """The owner of the mailbox wants no letters of this report: its address goes out of the contact."""
    contact = contact_row(city, report_id)
    if contact and contact["email"]:
        correct(city, report_id, contact | {"email": ""})


# The last of a chain of merges; strangers never come to hear of a private one.
STAYS = """
WITH RECURSIVE chain (id, step) AS (
    SELECT %(into)s::bigint, 0 UNION ALL
    SELECT r.merged_into_id, step + 1 FROM chain JOIN reports_report r ON r.city_id = %(city)s AND r.id = chain.id
    WHERE r.merged_into_id IS NOT NULL AND step < 20)
SELECT r.id FROM chain JOIN reports_report r ON r.city_id = %(city)s AND r.id = chain.id
WHERE r.merged_into_id IS NULL AND NOT r.private
"""
CARRY = """
INSERT INTO channels_subscriber (city_id, report_id, kind, address, extra, created_at, role, waits, came_from_id)
SELECT city_id, %(into)s, kind, address, extra, %(at)s, CASE role WHEN 'watcher' THEN role ELSE 'merged' END, false,
    CASE role WHEN 'watcher' THEN NULL ELSE coalesce(came_from_id, report_id) END
FROM channels_subscriber WHERE city_id = %(city)s AND report_id = %(duplicate)s AND NOT waits
UNION ALL
SELECT city_id, %(into)s, 'mail', lower(email), '{}'::jsonb, %(at)s, 'merged', false, report_id
FROM reports_contact WHERE city_id = %(city)s AND report_id = %(duplicate)s AND email <> ''
ON CONFLICT DO NOTHING
"""


def carry_on(city: CityFacts, duplicate: int, into: int) -> int:
    """After a merge: who heard of the duplicate hears of what stays, who reported it too. Any number of times."""
    found = fetch_all(STAYS, {"city": city.id, "into": into})
    return execute(CARRY, {"city": city.id, "into": found[0][0], "duplicate": duplicate, "at": now()}) if found else 0


FORGET = (
    """DELETE FROM channels_outbound WHERE city_id = %(city)s AND kind = 'mail' AND lower(address) = %(mail)s
       AND state IN ('queued', 'failed_for_now')""",
    """UPDATE channels_outbound SET body = '{"text": ""}', address = ''
       WHERE city_id = %(city)s AND kind = 'mail' AND lower(address) = %(mail)s""",
    "DELETE FROM channels_subscriber WHERE city_id = %(city)s AND kind = 'mail' AND address = %(mail)s",
)


def forget_watcher(city: CityFacts, mail: str) -> int:
    """Everything of a mailbox that follows, for its owner who asks for erasure; returns how many rows that were."""
    return sum(execute(sql, {"city": city.id, "mail": mail.strip().lower()}) for sql in FORGET)
