"""Lost links: the reports that somebody left an address with, and a letter there with their follow links."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue
from qlue.channels.reading.watching import watched_by
from qlue.channels.wires.contract import Letter
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_code
from qlue.reports.actions import token_for
from qlue.reports.cards import follow_url

MOST, MOST_MAIL = 100, 20_000
LEAST_DIGITS = 8  # of a telephone number: fewer would fit many people
LEFT_WITH = """
SELECT r.id, r.uuid FROM reports_contact c JOIN reports_report r ON r.city_id = c.city_id AND r.id = c.report_id
WHERE c.city_id = %(city)s AND ((%(mail)s <> '' AND lower(c.email) = %(mail)s)
    OR (%(phone)s <> '' AND right(regexp_replace(c.phone, '[^0-9]', '', 'g'), 9) = right(%(phone)s, 9)))
ORDER BY r.id DESC LIMIT %(most)s
"""


def reports_of(city: CityFacts, reach: str) -> list[tuple[int, str, str]]:
    """(id, code, follow link) of reports left with this e-mail address or telephone number, the newest first."""
    mail = reach.strip().lower() if "@" in reach else ""
    phone = "" if mail else "".join(filter(str.isdigit, reach))
    phone = phone if len(phone) >= LEAST_DIGITS else ""
    found = fetch_all(LEFT_WITH, {"city": city.id, "mail": mail, "phone": phone, "most": MOST})
    base = str(settings.PUBLIC_URL).rstrip("/")
    codes = [(number, report_code(city.code_prefix, number), uuid) for number, uuid in found]
    return [(number, code, base + follow_url(city, code, token_for(city, uuid))) for number, code, uuid in codes]


def send_links(city: CityFacts, reach: str, request: int) -> bool:
    """Queues the letter to the address itself, so that only its owner reads it; True where there was one to write."""
    writes = "@" in reach and settings.EMAIL_HOST
    found, watched = (reports_of(city, reach), watched_by(city, reach)) if writes else ([], [])
    if not found and not watched:
        return False
    text = render_to_string("channels/links.txt", {"city": city, "found": found, "watched": watched})[:MOST_MAIL]
    letter = Letter(text, subject=_("Your reports in %(city)s") % {"city": city.name})
    return queue(city, key=f"links:{request}", kind="mail", address=reach.strip(), letter=letter) is not None
