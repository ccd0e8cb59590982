"""Lost links: which reports were left with an address, and a mail to it with their follow links."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue_message
from qlue.channels.providers.contract import OutgoingMessage
from qlue.channels.queries.watchers import watched_reports
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_code
from qlue.reports.actions import follow_token
from qlue.reports.presentation.cards import follow_url
from qlue.reports.records import CONTACTS, REPORTS

MAX_REPORTS, MAX_MAIL_LENGTH = 100, 20_000
MIN_PHONE_DIGITS = 8  # fewer would fit the numbers of many people
# Nine digits from the end: one number is written as +62811..., 0811... or 811...
REPORTS_LEFT_BY = f"""
SELECT r.id, r.uuid FROM {CONTACTS} AS c JOIN {REPORTS} AS r ON r.city_id = c.city_id AND r.id = c.report_id
WHERE c.city_id = %(city)s AND ((%(mail)s <> '' AND lower(c.email) = %(mail)s)
    OR (%(phone)s <> '' AND right(regexp_replace(c.phone, '[^0-9]', '', 'g'), 9) = right(%(phone)s, 9)))
ORDER BY r.id DESC LIMIT %(most)s
"""


def reports_left_by(city: CityFacts, address: str) -> list[tuple[int, str, str]]:
    """(id, code, follow link) of reports left with this e-mail address or telephone number, the newest first."""
    mail = address.strip().lower() if "@" in address else ""
    phone = "" if mail else "".join(filter(str.isdigit, address))
    phone = phone if len(phone) >= MIN_PHONE_DIGITS else ""
    rows = fetch_all(REPORTS_LEFT_BY, {"city": city.id, "mail": mail, "phone": phone, "most": MAX_REPORTS})
    base = str(settings.PUBLIC_URL).rstrip("/")
    codes = [(number, report_code(city.code_prefix, number), uuid) for number, uuid in rows]
    return [(number, code, base + follow_url(city, code, follow_token(city, uuid))) for number, code, uuid in codes]


def queue_follow_links(city: CityFacts, address: str, request_id: int) -> bool:
    """Queues a mail to the address itself, so that only its owner reads it; True where there was one to write."""
    is_mailable = "@" in address and settings.EMAIL_HOST
    reports, watches = (reports_left_by(city, address), watched_reports(city, address)) if is_mailable else ([], [])
    if not reports and not watches:
        return False
    context = {"city": city, "found": reports, "watched": watches}
    text = render_to_string("channels/links.txt", context)[:MAX_MAIL_LENGTH]
    message = OutgoingMessage(text, subject=_("Your reports in %(city)s") % {"city": city.name})
    key = f"links:{request_id}"
    return queue_message(city, key=key, kind="mail", address=address.strip(), message=message) is not None
