"""Watchers: which reports may be followed by everybody, and the links that only the owner of an address can know."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from qlue.channels.models import Subscriber
from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code, report_id, same_token, secret_token
from qlue.reports.cards import report_url
from qlue.reports.reading import report_row
from qlue.reports.states import OPEN

WATCHED = (*OPEN, "resolved")  # nothing more happens to the others
MOST_WATCHERS = 2000  # of one report: each piece of news is a letter for each of them


def watchable(city: CityFacts, code: str) -> dict[str, Any] | None:
    """The report behind a code, where strangers may follow it; private ones are as if they were not there."""
    number = report_id(code)
    row = report_row(city, number) if number is not None else None
    return row if row and not row["private"] and row["status"] in WATCHED else None


def is_full(city: CityFacts, number: int) -> bool:
    """True when no further watcher is taken."""
    return Subscriber.objects.filter(city_id=city.id, report_id=number).count() >= MOST_WATCHERS


def link(city: CityFacts, what: str, number: int) -> str:
    """The whole address of `watch-yes` or `watch-stop` for a subscriber, of `mail-stop` for a report."""
    path = reverse(what, kwargs={"city_slug": city.slug, "number": number, "token": _token(city, what, number)})
    return str(settings.PUBLIC_URL).rstrip("/") + path


def is_own(city: CityFacts, what: str, number: int, token: str) -> bool:
    """True for who holds that link."""
    return same_token(token, _token(city, what, number))


def _token(city: CityFacts, what: str, number: int) -> str:
    return secret_token(settings.SECRET_KEY, what, f"{city.id}:{number}")


def watched_by(city: CityFacts, mail: str) -> list[tuple[str, str, str]]:
    """(code, page, where to end it) of what this mailbox follows without having reported it."""
    found = Subscriber.objects.filter(city_id=city.id, kind="mail", address=mail.strip().lower(), waits=False)
    base, codes = str(settings.PUBLIC_URL).rstrip("/"), []
    for one in found.order_by("id"):
        code = report_code(city.code_prefix, one.report_id)
        codes.append((code, base + report_url(city, code), link(city, "watch-stop", one.pk)))
    return codes
