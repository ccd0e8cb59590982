"""`qlue doctor` on the channels: accounts that fail, messages given up, and what waits in quarantine."""

import psycopg

from qlue.cities.records import CITIES
from qlue.kit.health import Finding, Findings

FAILING = f"""
SELECT c.slug, h.kind, h.failures, to_char(h.failing_since, 'YYYY-MM-DD HH24:MI TZ'), h.last_error
FROM channels_linehealth h JOIN {CITIES} AS c ON c.id = h.city_id WHERE h.failures > 0 ORDER BY 1, 2
"""
COUNTS = """
SELECT (SELECT count(*) FROM channels_outbound WHERE state IN ('queued', 'sending', 'failed_for_now')),
    (SELECT count(*) FROM channels_outbound WHERE state = 'gave_up'),
    (SELECT count(*) FROM channels_envelope WHERE state = 'quarantine')
        + (SELECT count(*) FROM channels_inbound WHERE state = 'quarantine'),
    (SELECT count(*) FROM channels_envelope WHERE state = 'new' AND received_at < now() - interval '5 minutes')
        + (SELECT count(*) FROM channels_inbound WHERE state = 'new' AND received_at < now() - interval '20 minutes'),
    (SELECT coalesce(sum(n), 0) FROM channels_refusal WHERE reason = 'signature' AND day > current_date - 2)
"""
UNTAKEN_ALERTS = """
SELECT count(*) FROM channels_alert
WHERE taken_at IS NULL AND climbs_at IS NULL AND raised_at > now() - interval '7 days'
"""
MANY_STRANGERS = 100  # wrongly signed requests in two days; a few come to every public address


def findings(connection: psycopg.Connection) -> Findings:
    """One finding for each thing that somebody should look at, and how many messages wait."""
    # The doctor looks at all cities at once.
    connection.execute("SELECT set_config('qlue.city', '*', false)")
    for slug, kind, failures, since, error in connection.execute(FAILING).fetchall():
        text = f"{slug}: {kind} failed {failures} times since {since}: {error}"
        yield Finding("channels", "note", text, f"look at /{slug}/pesan/saluran/ and at the provider's own state page")
    [[untaken]] = connection.execute(UNTAKEN_ALERTS).fetchall()
    if untaken:
        remedy = "open Emergencies (/CITY/darurat/): who should have been called, and where are they reached?"
        yield Finding(
            "channels", "note", f"{untaken:,} emergencies climbed the whole ladder and nobody took them", remedy
        )
    yield from _backlog_findings(connection)


def _backlog_findings(connection: psycopg.Connection) -> Findings:
    waiting_count, lost_count, quarantine_count, unread_count, stranger_count = connection.execute(
        COUNTS
    ).fetchone() or (0, 0, 0, 0, 0)
    remedy = "open the message desk (/CITY/pesan/) and try again or leave aside"
    if lost_count:
        yield Finding("channels", "note", f"{lost_count:,} messages could not be delivered", remedy)
    if quarantine_count:
        yield Finding("channels", "note", f"{quarantine_count:,} in quarantine", remedy)
    if unread_count:
        yield Finding(
            "channels", "bad", f"{unread_count:,} came in and were not read", "is the worker of `qlue up` running?"
        )
    if stranger_count >= MANY_STRANGERS:
        mend = "a provider's secret changed, or somebody tries the door: compare the secrets under Message lines"
        yield Finding("channels", "note", f"{stranger_count:,} wrongly signed requests in two days", mend)
    yield Finding("channels", "good", f"{waiting_count:,} messages wait to be sent")
