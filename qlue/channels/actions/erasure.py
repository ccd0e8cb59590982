"""Texts, addresses and numbers of people: emptied after 90 days, or at once for whoever asks for erasure."""

from datetime import datetime, timedelta

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus

RETENTION = timedelta(days=90)
UNCONFIRMED_RETENTION = timedelta(days=2)  # of a mailbox that never confirmed; as long as its link works

# Rows stay, so that a message that a provider repeats after months still makes no second report.
EMPTY_EXPIRED = (
    """UPDATE channels_envelope SET body = '', query = ''
       WHERE city_id = %(city)s AND received_at < %(old)s AND (body <> '' OR query <> '')""",
    """UPDATE channels_inbound SET body = jsonb_build_object('id', '', 'sender', '', 'at', body->'at'), sender = ''
       WHERE city_id = %(city)s AND received_at < %(old)s AND sender <> ''""",
    """UPDATE channels_outbound SET body = '{"text": ""}', address = ''
       WHERE city_id = %(city)s AND created_at < %(old)s AND address <> ''""",
    "DELETE FROM channels_conversation WHERE city_id = %(city)s AND heard_at < %(old)s",
    "UPDATE channels_call SET number = '' WHERE city_id = %(city)s AND noted_at < %(old)s AND number <> ''",
    "DELETE FROM channels_subscriber WHERE city_id = %(city)s AND waits AND created_at < %(unconfirmed)s",
    # A report in a final state has no more news; the others may take longer than 90 days.
    f"""DELETE FROM channels_subscriber s USING {REPORTS} AS r WHERE s.city_id = %(city)s AND r.city_id = s.city_id
       AND r.id = s.report_id
       AND r.status IN ('{ReportStatus.CONFIRMED}', '{ReportStatus.REJECTED}', '{ReportStatus.MERGED}',
           '{ReportStatus.REFERRED}')
       AND r.updated_at < %(old)s""",
    # After the calls: a number stays only while it is blocked or one of its calls still names it.
    """DELETE FROM channels_caller c WHERE city_id = %(city)s AND coalesce(blocked_until, %(old)s) <= %(at)s
       AND NOT EXISTS (SELECT FROM channels_call k WHERE k.city_id = c.city_id AND k.number = c.number)""",
)


def empty_expired(city: CityFacts, at: datetime | None = None) -> int:
    """Empties or deletes what is older than its retention; returns how many rows. In the city's scope."""
    at = at or now()
    values = {"city": city.id, "old": at - RETENTION, "unconfirmed": at - UNCONFIRMED_RETENTION, "at": at}
    return sum(execute(sql, values) for sql in EMPTY_EXPIRED)


# Of what the reports were merged into, only what went to their reporters; watchers are other people and stay.
OUTBOUND_OF_REPORTERS = """city_id = %(city)s AND (report_id = ANY(%(reports)s) OR (report_id, kind, address) IN (
    SELECT report_id, kind, address FROM channels_subscriber
    WHERE city_id = %(city)s AND came_from_id = ANY(%(reports)s)))
"""
ERASE_REPORTER = (
    f"DELETE FROM channels_outbound WHERE state IN ('queued', 'failed_for_now') AND {OUTBOUND_OF_REPORTERS}",  # noqa: S608
    f"""UPDATE channels_outbound SET body = '{{"text": ""}}', address = '' WHERE {OUTBOUND_OF_REPORTERS}""",  # noqa: S608
    # After the outbound messages, whose condition above still needs these rows.
    """DELETE FROM channels_subscriber WHERE city_id = %(city)s
       AND (report_id = ANY(%(reports)s) AND role <> 'watcher' OR came_from_id = ANY(%(reports)s))""",
    """UPDATE channels_envelope SET body = '', query = '' WHERE city_id = %(city)s AND id IN (
           SELECT envelope_id FROM channels_inbound WHERE city_id = %(city)s AND report_id = ANY(%(reports)s))""",
    """UPDATE channels_inbound SET body = jsonb_build_object('id', '', 'sender', '', 'at', body->'at'), sender = ''
       WHERE city_id = %(city)s AND report_id = ANY(%(reports)s)""",
    "UPDATE channels_call SET number = '', note = '' WHERE city_id = %(city)s AND report_id = ANY(%(reports)s)",
)


def erase_reporter_messages(city: CityFacts, report_ids: list[int]) -> int:
    """Erases what this room holds of the reporters of these reports; returns how many rows. In the city's scope."""
    return sum(execute(sql, {"city": city.id, "reports": report_ids}) for sql in ERASE_REPORTER)
