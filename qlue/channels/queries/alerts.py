"""Emergencies: the pack's call chain, the alerts that wait, and the addresses where members are called."""

from qlue.channels.models import AlertContact
from qlue.channels.queries.accounts import account_of
from qlue.channels.records import AlertRecord
from qlue.cities.facts import CityFacts
from qlue.cities.records import CallStep
from qlue.kit.db import fetch_records
from qlue.reports.records import CODE, REPORTS

PHONE_KINDS = ("whatsapp", "kannel", "twilio")  # those whose address is a telephone number

LIST = f"""
SELECT a.id, a.report_id, {CODE} AS code, a.raised_at, a.rung, a.climbs_at, a.taken_by_id, a.taken_at, a.raised_by_id,
    r.category_id, r.area_id, r.agency_id, r.landmark, r.status
FROM channels_alert a JOIN {REPORTS} AS r ON r.city_id = a.city_id AND r.id = a.report_id
WHERE a.city_id = %(city)s AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s) AND {{which}}
"""
WAITING = LIST.format(which="a.taken_at IS NULL ORDER BY a.id LIMIT 50")
TAKEN = LIST.format(which="a.taken_at IS NOT NULL ORDER BY a.id DESC LIMIT 20")


def call_chain(city: CityFacts) -> list[CallStep]:
    """The pack's `[auto] emergency`, by time: minutes from the mark, and who is called then unless it was taken."""
    return sorted(city.auto.emergency, key=lambda step: step.minutes)


def waiting_alerts(city: CityFacts, agency: int | None = None) -> list[AlertRecord]:
    """Alerts that nobody has taken, the oldest first; of one agency where one is given."""
    return _alert_records(city, WAITING, agency)


def taken_alerts(city: CityFacts, agency: int | None = None) -> list[AlertRecord]:
    """The last alerts that somebody took, and who that was."""
    return _alert_records(city, TAKEN, agency)


def _alert_records(city: CityFacts, sql: str, agency: int | None) -> list[AlertRecord]:
    return fetch_records(AlertRecord, sql, {"city": city.id, "prefix": city.code_prefix, "agency": agency})


def alert_contacts(city: CityFacts, user_id: int) -> list[AlertContact]:
    """Where this member is called, in the order in which the addresses were entered."""
    return list(AlertContact.objects.filter(city_id=city.id, user_id=user_id).order_by("id"))


def contact_kinds(city: CityFacts) -> list[str]:
    """Kinds of connected accounts by which a member can be called, besides the browser."""
    return [kind for kind in (*PHONE_KINDS, "mail") if account_of(city, kind) is not None]
