"""Letters to authorities outside the city: the link of a question, made anew here, and sealed until it is sent."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue
from qlue.channels.reading.authorities import key_of
from qlue.channels.wires.contract import VEIL, Letter
from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.kit.seal import seal
from qlue.reports.cards import card
from qlue.reports.reading import report_row
from qlue.web.formats import full
from qlue.work.actions import is_open, outside_path
from qlue.work.models import OutsideAsk

MOST_MAIL = 20_000
ABOUT = """
SELECT DISTINCT (data->>'ask')::bigint, kind = 'outside.reminded' FROM timeline_happening
WHERE city_id = %s AND id = ANY(%s) ORDER BY 1, 2
"""

RECALL = """
DELETE FROM channels_outbound WHERE city_id = %s AND key = ANY(%s) AND state IN ('queued', 'failed_for_now')
"""


def write_to_authorities(city: CityFacts, happenings: list[int]) -> int:
    """Puts the letters of asked, renewed and expiring questions into the outbox; returns how many are new.

    What still waits there with a link that is void by now is taken out.
    """
    return sum(_write(city, number, reminds) for number, reminds in fetch_all(ABOUT, [city.id, happenings]))


def _write(city: CityFacts, number: int, reminds: bool) -> bool:
    ask = OutsideAsk.objects.filter(city_id=city.id, id=number).first()
    if ask is None:
        return False
    _recall(city, ask)
    if not ask.email or not settings.EMAIL_HOST or not is_open(ask):
        return False
    row = report_row(city, ask.report_id)
    if row is None or row["private"]:
        return False
    letter = _letter(city, ask, card(city, row), reminds)
    key = key_of(ask.id, ask.turn, reminds)
    return queue(city, key=key, kind="mail", address=ask.email, letter=letter, report_id=ask.report_id) is not None


def _recall(city: CityFacts, ask: OutsideAsk) -> None:
    void = range(ask.turn) if is_open(ask) else range(ask.turn + 1)
    execute(RECALL, [city.id, [key_of(ask.id, turn, reminds) for turn in void for reminds in (False, True)]])


def _letter(city: CityFacts, ask: OutsideAsk, report: dict[str, object], reminds: bool) -> Letter:
    link = str(settings.PUBLIC_URL).rstrip("/") + outside_path(city, ask.uuid, ask.turn)
    name, until = city.outside[ask.outside_id].name, full(ask.expires_at, city.tz)
    about = {"city": city, "ask": ask, "report": report, "reminds": reminds, "link": VEIL, "name": name, "until": until}
    asks = _("%(city)s asks for your help: %(what)s (%(code)s)")
    subject = asks % {"city": city.name, "what": report["title"], "code": report["code"]}
    if reminds:
        subject = _("Reminder: %(subject)s") % {"subject": subject}
    text = render_to_string("channels/authority.txt", about)[:MOST_MAIL]
    return Letter(text, subject=subject, sealed=seal(link).decode())
