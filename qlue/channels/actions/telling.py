"""Who reported hears what becomes of it, through the line that they chose: e-mail, the same chat, or their browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue
from qlue.channels.wires import TALKING
from qlue.channels.wires.contract import Letter
from qlue.cities.facts import CityFacts
from qlue.kit.db import rows
from qlue.reports.actions import token_for
from qlue.reports.cards import card, follow_url
from qlue.reports.reading import happening_rows, report_row
from qlue.reports.story import happening_line

# One statement for the batch: which of these happenings somebody waits to hear of, and how to reach them.
HEARERS = """
SELECT h.id, h.report_id, h.kind, c.name, coalesce(c.email, ''), s.kind, s.address, s.extra::text
FROM timeline_happening h
LEFT JOIN reports_contact c ON c.city_id = h.city_id AND c.report_id = h.report_id AND c.email <> ''
LEFT JOIN channels_subscriber s ON s.city_id = h.city_id AND s.report_id = h.report_id
WHERE h.city_id = %s AND h.id = ANY(%s) AND (c.report_id IS NOT NULL OR s.report_id IS NOT NULL) ORDER BY h.id
"""


MOST_MAIL = 20_000


@dataclass(frozen=True)
class Hearer:
    """Somebody to be told of one happening."""

    happening: int
    report: int
    about: str
    kind: str
    address: str
    name: str = ""
    extra: str = "{}"


def tell_reporters(city: CityFacts, happenings: list[int]) -> int:
    """Puts the letters into the outbox; returns how many are new. Any number of times with one effect."""
    told = [_tell(city, hearer) for hearer in _hearers(city, happenings)]
    return sum(told)


def _hearers(city: CityFacts, happenings: list[int]) -> Iterator[Hearer]:
    mailed: set[int] = set()
    for number, report, about, name, email, kind, address, extra in rows(HEARERS, [city.id, happenings]):
        if email and settings.EMAIL_HOST and number not in mailed:
            mailed.add(number)
            yield Hearer(number, report, about, "mail", email, name or "")
        if kind and not (about == "report.submitted" and kind in TALKING):  # the chat has thanked already
            yield Hearer(number, report, about, kind, address, extra=extra)


def _tell(city: CityFacts, hearer: Hearer) -> bool:
    letter = _letter(city, hearer)
    if letter is None:
        return False
    key = f"report:{hearer.happening}:{hearer.kind}:{hearer.address}"
    made = queue(city, key=key, kind=hearer.kind, address=hearer.address, letter=letter, report_id=hearer.report)
    return made is not None


def _letter(city: CityFacts, hearer: Hearer) -> Letter | None:
    row = report_row(city, hearer.report)
    happening = next((one for one in happening_rows(city, hearer.report) if one["id"] == hearer.happening), None)
    if row is None or happening is None:
        return None
    shown = card(city, row)
    link = str(settings.PUBLIC_URL).rstrip("/") + follow_url(city, row["code"], token_for(city, row["uuid"]))
    about = {
        "name": hearer.name,
        "report": shown,
        "line": happening_line(city, happening),
        "link": link,
        "city": city,
        "asks": row["status"] == "resolved",
    }
    if hearer.kind == "mail":
        subject = f"{row['code']}: {shown['status_word']}"
        return Letter(render_to_string("channels/mail.txt", about)[:MOST_MAIL], subject=subject, link=link)
    return _short(hearer, about)


def _short(hearer: Hearer, about: dict[str, Any]) -> Letter:
    """Two lines for a chat or a browser."""
    shown, line = about["report"], about["line"]
    said = f" “{line['text'][:160]}”" if line["text"] else ""
    subject = f"{shown['code']}: {shown['status_word']}"
    if hearer.kind == "push":
        return Letter(f"{line['words']}{said}", subject=subject, link=about["link"], extra=_keys(hearer.extra))
    asks = _("Is it really done? Say yes or no here:") if about["asks"] else _("Follow your report here:")
    return Letter(f"{shown['title']} {subject}. {line['words']}{said}\n{asks} {about['link']}", link=about["link"])


def _keys(extra: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(extra)
    return found
