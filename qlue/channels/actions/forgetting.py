"""Words and numbers of people are kept for as long as somebody may have to look into them, then emptied."""

from datetime import datetime, timedelta

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute

KEPT = timedelta(days=90)
UNCONFIRMED = timedelta(days=2)  # a mailbox that never said yes

# Rows stay, so that a message that a provider repeats after months still makes no second report.
OLD = (
    """UPDATE channels_envelope SET body = '', query = ''
       WHERE city_id = %(city)s AND received_at < %(old)s AND (body <> '' OR query <> '')""",
    """UPDATE channels_inbound SET body = jsonb_build_object('id', '', 'sender', '', 'at', body->'at'), sender = ''
       WHERE city_id = %(city)s AND received_at < %(old)s AND sender <> ''""",
    """UPDATE channels_outbound SET body = '{"text": ""}', address = ''
       WHERE city_id = %(city)s AND created_at < %(old)s AND address <> ''""",
    "DELETE FROM channels_conversation WHERE city_id = %(city)s AND heard_at < %(old)s",
    "UPDATE channels_call SET number = '' WHERE city_id = %(city)s AND noted_at < %(old)s AND number <> ''",
    "DELETE FROM channels_subscriber WHERE city_id = %(city)s AND waits AND created_at < %(unconfirmed)s",
    """DELETE FROM channels_subscriber s USING reports_report r WHERE s.city_id = %(city)s AND r.city_id = s.city_id
       AND r.id = s.report_id AND r.status IN ('confirmed', 'rejected', 'merged', 'handed_over')
       AND r.updated_at < %(old)s""",
    """DELETE FROM channels_caller c WHERE city_id = %(city)s AND coalesce(blocked_until, %(old)s) <= %(at)s
       AND NOT EXISTS (SELECT FROM channels_call k WHERE k.city_id = c.city_id AND k.number = c.number)""",
)


def forget_old(city: CityFacts, at: datetime | None = None) -> int:
    """Returns how many rows were emptied or dropped. In the city's scope."""
    at = at or now()
    values = {"city": city.id, "old": at - KEPT, "unconfirmed": at - UNCONFIRMED, "at": at}
    return sum(execute(sql, values) for sql in OLD)


# Of what the reports were merged into, only what went to their reporters; watchers are other people and stay.
LETTERS = """city_id = %(city)s AND (report_id = ANY(%(reports)s) OR (report_id, kind, address) IN (
    SELECT report_id, kind, address FROM channels_subscriber
    WHERE city_id = %(city)s AND came_from_id = ANY(%(reports)s)))
"""
OF_REPORTS = (
    f"DELETE FROM channels_outbound WHERE state IN ('queued', 'failed_for_now') AND {LETTERS}",  # noqa: S608
    f"""UPDATE channels_outbound SET body = '{{"text": ""}}', address = '' WHERE {LETTERS}""",  # noqa: S608
    """DELETE FROM channels_subscriber WHERE city_id = %(city)s
       AND (report_id = ANY(%(reports)s) AND role <> 'watcher' OR came_from_id = ANY(%(reports)s))""",
    """UPDATE channels_envelope SET body = '', query = '' WHERE city_id = %(city)s AND id IN (
           SELECT envelope_id FROM channels_inbound WHERE city_id = %(city)s AND report_id = ANY(%(reports)s))""",
    """UPDATE channels_inbound SET body = jsonb_build_object('id', '', 'sender', '', 'at', body->'at'), sender = ''
       WHERE city_id = %(city)s AND report_id = ANY(%(reports)s)""",
    "UPDATE channels_call SET number = '', note = '' WHERE city_id = %(city)s AND report_id = ANY(%(reports)s)",
)


def forget_reporter(city: CityFacts, reports: list[int]) -> int:
    """Everything of these reports' senders in this room, for somebody who asks for erasure. In the city's scope."""
    return sum(execute(sql, {"city": city.id, "reports": reports}) for sql in OF_REPORTS)
