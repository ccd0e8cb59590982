"""Who reported or follows hears what becomes of it, by the line that they chose: mail, the same chat, their browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue
from qlue.channels.actions.watching import carry_on
from qlue.channels.reading.watching import link
from qlue.channels.wires import TALKING
from qlue.channels.wires.contract import Letter
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.reports.actions import token_for
from qlue.reports.cards import card, follow_url
from qlue.reports.reading import happening_rows, report_row
from qlue.reports.story import happening_line

# One statement for the batch: which of these happenings somebody waits to hear of, and how to reach them.
HEARERS = """
SELECT h.id, h.report_id, h.kind, c.name, coalesce(c.email, ''), s.id, s.kind, s.address, s.extra::text, s.role
FROM timeline_happening h
LEFT JOIN reports_contact c ON c.city_id = h.city_id AND c.report_id = h.report_id AND c.email <> ''
LEFT JOIN channels_subscriber s ON s.city_id = h.city_id AND s.report_id = h.report_id AND NOT s.waits
    AND (s.role = 'reporter' OR h.public AND h.kind <> 'report.submitted')
WHERE h.city_id = %s AND h.id = ANY(%s) AND (c.report_id IS NOT NULL OR s.report_id IS NOT NULL) ORDER BY h.id, s.id
"""
MERGED = """
SELECT report_id, (data->>'into')::bigint FROM timeline_happening
WHERE city_id = %s AND id = ANY(%s) AND kind = 'report.merged' AND data->>'into' IS NOT NULL ORDER BY id
"""


MOST_MAIL = 20_000


@dataclass(frozen=True)
class Hearer:
    """Somebody to be told of one happening; `role` is a subscriber's."""

    happening: int
    report: int
    about: str
    kind: str
    address: str
    name: str = ""
    extra: str = "{}"
    role: str = "reporter"
    subscriber: int = 0


def tell_reporters(city: CityFacts, happenings: list[int]) -> int:
    """Puts the letters into the outbox; returns how many are new. Any number of times with one effect."""
    known: dict[int, dict[str, Any] | None] = {}
    told = [_tell(city, hearer, known) for hearer in _hearers(city, happenings)]
    for duplicate, into in fetch_all(MERGED, [city.id, happenings]):  # after the news of the merge itself
        carry_on(city, duplicate, into)
    return sum(told)


def _hearers(city: CityFacts, happenings: list[int]) -> Iterator[Hearer]:
    mailed: set[int] = set()
    for number, report, about, name, email, one, kind, address, extra, role in fetch_all(
        HEARERS, [city.id, happenings]
    ):
        if email and settings.EMAIL_HOST and number not in mailed:
            mailed.add(number)
            yield Hearer(number, report, about, "mail", email, name or "")
        if kind and not (about == "report.submitted" and kind in TALKING):  # the chat has thanked already
            yield Hearer(number, report, about, kind, address, extra=extra, role=role, subscriber=one)


def _tell(city: CityFacts, hearer: Hearer, known: dict[int, dict[str, Any] | None]) -> bool:
    if hearer.happening not in known:
        known[hearer.happening] = _news(city, hearer)
    news = known[hearer.happening]
    if news is None:
        return False
    key = f"report:{hearer.happening}:{hearer.kind}:{hearer.address}"
    letter = _letter(city, hearer, news)
    made = queue(city, key=key, kind=hearer.kind, address=hearer.address, letter=letter, report_id=hearer.report)
    return made is not None


def _news(city: CityFacts, hearer: Hearer) -> dict[str, Any] | None:
    """What happened, the same for everybody who hears of it."""
    row = report_row(city, hearer.report)
    happening = next((one for one in happening_rows(city, hearer.report) if one["id"] == hearer.happening), None)
    if row is None or happening is None:
        return None
    return {"report": card(city, row), "line": happening_line(city, happening), "city": city}


def _letter(city: CityFacts, hearer: Hearer, news: dict[str, Any]) -> Letter:
    """The reporter's own link goes to the reporter only; all others get the public page."""
    shown, own = news["report"], hearer.role == "reporter"
    path = follow_url(city, shown["code"], token_for(city, shown["uuid"])) if own else shown["url"]
    about = news | {"name": hearer.name, "role": hearer.role, "asks": own and shown["status"] == "resolved"}
    about["link"] = str(settings.PUBLIC_URL).rstrip("/") + path
    if hearer.kind != "mail":
        return _short(hearer, about)
    about["stop"] = link(city, "mail-stop", hearer.report) if own else link(city, "watch-stop", hearer.subscriber)
    text = render_to_string("channels/mail.txt", about)[:MOST_MAIL]
    return Letter(text, subject=_subject(shown), link=about["link"], stop=about["stop"])


def _subject(shown: dict[str, Any]) -> str:
    return f"{shown['code']}: {shown['status_word']}"


def _short(hearer: Hearer, about: dict[str, Any]) -> Letter:
    """Two lines for a chat or a browser."""
    shown, line = about["report"], about["line"]
    said = f" “{line['text'][:160]}”" if line["text"] else ""
    subject = _subject(shown)
    if hearer.kind == "push":
        return Letter(f"{line['words']}{said}", subject=subject, link=about["link"], extra=_keys(hearer.extra))
    asks = _("Is it really done? Say yes or no here:") if about["asks"] else _("Follow your report here:")
    return Letter(f"{shown['title']} {subject}. {line['words']}{said}\n{asks} {about['link']}", link=about["link"])


def _keys(extra: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(extra)
    return found
