"""Watchers: reports that everybody may follow, and links that only the owner of an address can know."""

from django.conf import settings
from django.urls import reverse

from qlue.channels.models import Subscriber
from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code, report_id, same_token, secret_token
from qlue.reports.presentation.cards import report_url
from qlue.reports.queries.reports import find_report
from qlue.reports.records import ReportRecord
from qlue.reports.states import OPEN_STATUSES

WATCHABLE_STATES = (*OPEN_STATUSES, "resolved")  # reports in other states have no more news
MAX_WATCHERS = 2000  # of one report: each piece of news is a mail to each of them


def watchable_report(city: CityFacts, code: str) -> ReportRecord | None:
    """The report behind a code, where strangers may follow it; private ones are as if they were not there."""
    reported_id = report_id(code)
    report = find_report(city, reported_id) if reported_id is not None else None
    return report if report and not report.private and report.status in WATCHABLE_STATES else None


def has_max_watchers(city: CityFacts, reported_id: int) -> bool:
    """Whether the report takes no further watchers."""
    return Subscriber.objects.filter(city_id=city.id, report_id=reported_id).count() >= MAX_WATCHERS


def signed_link(city: CityFacts, url_name: str, object_id: int) -> str:
    """The whole address of `watch-yes` or `watch-stop` for a subscriber, of `mail-stop` for a report."""
    path = reverse(
        url_name, kwargs={"city_slug": city.slug, "number": object_id, "token": _link_token(city, url_name, object_id)}
    )
    return str(settings.PUBLIC_URL).rstrip("/") + path


def is_valid_token(city: CityFacts, url_name: str, object_id: int, token: str) -> bool:
    """Whether `token` is the one of that link."""
    return same_token(token, _link_token(city, url_name, object_id))


def _link_token(city: CityFacts, url_name: str, object_id: int) -> str:
    # Made of the name and the city too, so that a token for one purpose or city opens no other.
    return secret_token(settings.SECRET_KEY, url_name, f"{city.id}:{object_id}")


def watched_reports(city: CityFacts, mail: str) -> list[tuple[str, str, str]]:
    """(code, page, link to end it) of the reports that this mailbox follows without having reported them."""
    subscribers = Subscriber.objects.filter(city_id=city.id, kind="mail", address=mail.strip().lower(), waits=False)
    base, watches = str(settings.PUBLIC_URL).rstrip("/"), []
    for subscriber in subscribers.order_by("id"):
        code = report_code(city.code_prefix, subscriber.report_id)
        watches.append((code, base + report_url(city, code), signed_link(city, "watch-stop", subscriber.pk)))
    return watches
